"""Pages of benefits: for everybody, for whom they are, for those who draft and pay them."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.criteria import judging, language
from gongzhi.foundation.criteria import queries as criteria
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.answers import AnswersForm
from gongzhi.foundation.criteria.subjects import Field
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.registers.benefits import definitions, forms, matching, operations, queries, rules
from gongzhi.registers.book import money

DESK = "/desk/benefits/"


@dataclass(frozen=True, slots=True)
class Shown:
    """A benefit as a public page shows it."""

    version: Any
    terms: definitions.Benefit
    conditions: list[str]


def _shown(actor: Actor, subject: str = "") -> list[Shown]:
    on, known = queries.today(seen_by=actor, at=timezone.now()), criteria.parameters(seen_by=actor)
    held = queries.readable(seen_by=actor, versions=queries.in_force(seen_by=actor, on=on, subject=subject), parameters=known)
    return [Shown(version, terms, [language.words(one, known, on) for one in terms.conditions]) for version, terms in held]


@never_cache
@require_safe
def benefits(request: HttpRequest) -> HttpResponse:
    """Show everybody what the town gives, to firms and to residents."""
    actor = actor_of(request)
    rows = _shown(actor)
    parts = [(code, title, [one for one in rows if one.terms.subject == code]) for code, title in (("firm", _("For firms")), ("resident", _("For residents")))]
    return page(request, "benefits/benefits.html", {"parts": parts, "may_draft": rules.may_see_all_found(actor), "has_own": actor.is_signed_in})


@never_cache
@require_safe
def benefit(request: HttpRequest, code: str) -> HttpResponse:
    """Show everybody a benefit: conditions, amount, days, source."""
    actor = actor_of(request)
    queries.benefit_for(seen_by=actor, code=code)
    one = next((one for one in _shown(actor) if one.terms.code == code), None)
    if one is None:
        raise Http404
    return page(request, "benefits/benefit.html", {"one": one})


def _questions(shown: list[Shown]) -> tuple[list[Field], list[language.Asked]]:
    """Return the fields and questions by which benefits decide, each once."""
    fields: dict[str, Field] = {}
    asked: dict[str, language.Asked] = {}
    for one in shown:
        for node in language.walk(one.terms.node):
            if isinstance(node, language.Clause | language.Count):
                fields.setdefault(node.about.code, node.about)
            elif isinstance(node, language.Asked):
                asked.setdefault(node.code, node)
        if one.terms.rate is not None:
            fields.setdefault(one.terms.rate.field.code, one.terms.rate.field)
    return list(fields.values()), list(asked.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """What the calculator says of one benefit."""

    shown: Shown
    state: str
    yuan: Any
    reasons: tuple[judging.Reason, ...]

    @property
    def lacks(self) -> list[judging.Reason]:
        return [one for one in self.reasons if one.answer is not True]


def _answers(actor: Actor, shown: list[Shown], values: Any, confirmed: Any) -> list[Answer]:
    on, known = queries.today(seen_by=actor, at=timezone.now()), criteria.parameters(seen_by=actor)
    made = matching.one_row([one.terms for one in shown], values, on=on, parameters=known, confirmed=confirmed)
    found = []
    for place, one in enumerate(shown):
        told = [judging.judge(part, values, on=on, parameters=known, confirmed=confirmed) for part in one.terms.conditions]
        found.append(Answer(one, matching.WORDS[int(made.states[place, 0])], money.yuan(int(made.cents[place, 0])), tuple(told)))
    order = {"entitled": 0, "nearly": 1, "beside": 2, "not": 3}
    return sorted(found, key=lambda one: order[one.state])


@never_cache
@require_http_methods(["GET", "POST"])
def calculator(request: HttpRequest, subject: str) -> HttpResponse:
    """Let anybody see which benefits would be had, without signing in; nothing of what is filled in is kept."""
    actor = actor_of(request)
    if subject not in definitions.SUBJECTS:
        raise Http404
    shown = _shown(actor, subject)
    fields, asked = _questions(shown)
    form = AnswersForm(request.POST if request.method == "POST" else None, fields=fields, asked=asked)
    answers = _answers(actor, shown, form.values(), form.confirmed()) if request.method == "POST" and form.is_valid() else None
    return page(
        request, "benefits/calculator.html", {"form": form, "shown": shown, "answers": answers, "subject": subject, "is_firm": subject == "firm"},
        status=422 if form.errors else 200,
    )  # fmt: skip


# ---- for whom they are ----------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Show a firm's contact and a resident what they are entitled to, nearly, and not, with every condition; ask by one press."""
    actor, at = actor_of(request), timezone.now()
    on = queries.today(seen_by=actor, at=at)
    mine = queries.own(seen_by=actor)
    asked_for = request.POST.get("code", "") if request.method == "POST" else ""
    parts: list[tuple[str, str, list[Any]]] = []
    for subject, subject_id, name in mine:
        if queries.finding_of(seen_by=actor, subject=subject, subject_id=subject_id) is None:
            parts.append((f"{subject}:{subject_id}", name, []))
            continue
        found = queries.found_of(seen_by=actor, subject=subject, subject_id=subject_id, on=on)
        asks: dict[str, Any] = {}
        for one in found:
            if not one.may_be_asked:
                continue
            is_this = asked_for == one.terms.code and request.POST.get("of") == f"{subject}:{subject_id}"
            form = forms.AskForm(request.POST if is_this else None, asked=one.terms.asked, auto_id=f"{one.terms.code}_%s")
            act = partial(_ask, actor, at, one.terms.code, subject_id, form)
            if is_this and form.is_valid() and attempt(form, act) is not None:
                messages.success(request, _("Asked. You are told as soon as it is paid."))
                return HttpResponseRedirect("/benefits/own/")
            asks[one.terms.code] = form
        parts.append((f"{subject}:{subject_id}", name, [(one, asks.get(one.terms.code)) for one in found]))
    return page(request, "benefits/own.html", {"parts": parts}, status=422 if asked_for else 200)


def _ask(actor: Actor, at: Any, code: str, subject_id: int, form: forms.AskForm) -> Any:
    return operations.ask_benefit(by=actor, at=at, code=code, subject_id=subject_id, confirmed=form.confirmed())


# ---- the desk -------------------------------------------------------------------------------------------------------
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show those who draft, pay and check benefits all of them, with what is to be paid."""
    actor = actor_of(request)
    admit(rules.may_see_all_found, actor)
    on = queries.today(seen_by=actor, at=timezone.now())
    rows = []
    for one in queries.benefits(seen_by=actor):
        version, draft = queries.version_on(seen_by=actor, benefit=one, on=on), queries.draft_of(seen_by=actor, benefit=one)
        due = None
        if version is not None:
            try:
                due = queries.payable(seen_by=actor, version=version, on=on)
            except definitions.BadBenefit:
                due = None
        rows.append((one, version, draft, due))
    return page(request, "benefits/desk.html", {"rows": rows, "may_draft": rules.may_draft_benefits(actor)})


def _choices(actor: Actor) -> dict[str, Any]:
    """Return the adopted criteria to choose from, and the fields of which a rate can be."""
    on = queries.today(seen_by=actor, at=timezone.now())
    found = []
    for one in criteria.criteria(seen_by=actor):
        version = criteria.version_on(seen_by=actor, criterion=one, on=on)
        if version is not None and one.subject in definitions.SUBJECTS:
            found.append((one.code, one.title, one.subject, version.definition))
    firm = registry.subject("firm")
    assert firm is not None
    return {"criteria": found, "amounts": [(one.code, one.title) for one in firm.fields if one.unit.startswith("CNY")]}


@never_cache
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Write the draft of a benefit; its code begins a new one or the next version."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft_benefits, actor)
    form = forms.BenefitForm(request.POST if request.method == "POST" else None, **_choices(actor))
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.draft_benefit(by=actor, at=at, definition=form.definition())
            return HttpResponseRedirect(f"{DESK}{made.benefit.code}/")
        except Refused as refused:
            field = forms.FIELD_OF.get(refused.field or "", refused.field or "")
            form.add_error(field if field in form.fields else None, str(refused))
    words = {"form": form, "title": _("Draft a benefit"), "button": _("Keep the draft"), "back": DESK, "back_words": _("Benefits")}
    lead = _("Nothing is paid by a draft: try it on the register next, then it can be adopted.")
    return page(request, "portal/form.html", words | {"lead": lead}, status=422 if form.errors else 200)


def _act(actor: Actor, at: Any, code: str, what: str, pay: forms.PayForm) -> str:
    """Do what a button of the page asks for; return what is said of it."""
    if what == "try":
        operations.try_benefit(by=actor, at=at, code=code)
        return _("Tried on the register of today.")
    if what == "adopt":
        operations.adopt_benefit(by=actor, at=at, code=code)
        return _("Adopted. Everybody can read it now.")
    if what == "pay" and pay.is_valid():
        made = operations.pay_benefits(by=actor, at=at, code=code, **pay.cleaned_data)
        return _("Paid: %(count)s, %(yuan)s yuan, posted as number %(number)s.") % {"count": made.count, "yuan": made.yuan, "number": made.posting}
    raise Http404


@never_cache
@require_http_methods(["GET", "POST"])
def desk_benefit(request: HttpRequest, code: str) -> HttpResponse:
    """Show a benefit to those who draft, pay and check it: draft with its trial, what is to be paid, whom it reaches, what was paid."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_see_all_found, actor)
    one = queries.benefit_for(seen_by=actor, code=code)
    if request.method == "POST":
        try:
            messages.success(request, _act(actor, at, code, request.POST.get("what", ""), forms.PayForm(request.POST)))
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(f"{DESK}{code}/")
    on, known = queries.today(seen_by=actor, at=at), criteria.parameters(seen_by=actor)
    version, drafted = queries.version_on(seen_by=actor, benefit=one, on=on), queries.draft_of(seen_by=actor, benefit=one)
    faults: list[tuple[str, str]] = []
    terms = due = None
    shown = version or drafted or queries.versions(seen_by=actor, benefit=one).first()
    assert shown is not None
    try:
        terms = queries.terms_of(seen_by=actor, version=drafted or shown, parameters=known)
        due = queries.payable(seen_by=actor, version=version, on=on) if version else None
    except definitions.BadBenefit as bad:
        faults = bad.faults
    period = terms.period_of(on) if terms else ""
    is_tried = drafted is not None and drafted.tried.get("digest") == definitions.digest(drafted.definition)
    due_names = queries.names(seen_by=actor, subject=one.subject, ids=[pk for pk, _cents, _size in due.parts[:100]]) if due else {}
    return page(
        request, "benefits/desk_benefit.html",
        {"benefit": one, "version": version, "draft": drafted, "terms": terms, "faults": faults, "is_tried": is_tried, "due": due, "period": period,
         "conditions": [language.words(part, known, on) for part in terms.conditions] if terms else [],
         "trial": drafted.tried if drafted and is_tried else None,
         "trial_yuan": money.yuan(drafted.tried["cents"]) if drafted and is_tried else None,
         "missed": queries.names(seen_by=actor, subject=one.subject, ids=drafted.tried["ids"][:12]).values() if drafted and is_tried else (),
         "due_rows": [(due_names.get(pk, str(pk)), money.yuan(cents)) for pk, cents, _size in due.parts[:100]] if due else [],
         "coverage": queries.coverage(seen_by=actor, benefit=one, period=period) if version else [], "is_firm": one.subject == "firm",
         "batches": queries.batches_of(seen_by=actor, benefit=one)[:20], "awards": _named(actor, one),
         "may_draft": rules.may_draft_benefits(actor), "may_adopt": rules.may_adopt_benefits(actor), "may_pay": rules.may_pay_benefits(actor)},
    )  # fmt: skip


def _named(actor: Actor, one: Any) -> list[tuple[Any, str]]:
    awards = list(queries.awards_of(seen_by=actor, benefit=one)[:50])
    names = queries.names(seen_by=actor, subject=one.subject, ids=[award.subject_id for award in awards])
    return [(award, names.get(award.subject_id, str(award.subject_id))) for award in awards]


@never_cache
@require_http_methods(["GET", "POST"])
def back(request: HttpRequest, award_id: int) -> HttpResponse:
    """Take back what somebody was paid, on its ground."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_pay_benefits, actor)
    award = queries.award_for(seen_by=actor, award_id=award_id)
    form = forms.BackForm(request.POST if request.method == "POST" else None)
    here = f"{DESK}{award.benefit.code}/"
    act = partial(_take_back, actor, at, award_id, form)
    if request.method == "POST" and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, _("Taken back and posted to the book."))
        return HttpResponseRedirect(here)
    name = queries.names(seen_by=actor, subject=award.subject, ids=[award.subject_id]).get(award.subject_id, "")
    lead = _("%(name)s, %(period)s, %(yuan)s yuan") % {"name": name, "period": award.period, "yuan": award.yuan}
    words = {"form": form, "title": _("Take back a payment"), "button": _("Take it back"), "back": here, "back_words": award.benefit, "lead": lead}
    return page(request, "portal/form.html", words, status=422 if form.errors else 200)


def _take_back(actor: Actor, at: Any, award_id: int, form: forms.BackForm) -> Any:
    return operations.take_back(by=actor, at=at, award_id=award_id, **form.cleaned_data)
