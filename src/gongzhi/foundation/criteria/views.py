"""Criteria for everybody (what the town decides by, and whether it holds for oneself) and for those who draft them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.criteria import answers, editing, forms, judging, language, operations, queries, rules
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.language import Asked, Clause, Count, Group, Node
from gongzhi.foundation.criteria.subjects import Field
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, attempt, page


def _today(actor: Actor) -> date:
    return territory.day_of(seen_by=actor, at=timezone.now())


@dataclass(frozen=True, slots=True)
class Line:
    """A condition as the page draws it: how deep it stands, its place in the definition, its words, what became of it."""

    depth: int
    place: str
    words: str
    group: str = ""
    reason: judging.Reason | None = None


def _lines(node: Node, parameters: Any, on: date, reason: judging.Reason | None = None, place: str = "", depth: int = 0) -> list[Line]:
    found = [Line(min(depth, 6), place, language.words(node, parameters, on), node.how if isinstance(node, Group) else "", reason)]
    if isinstance(node, Group):
        for index, part in enumerate(node.parts):
            step = node.how if node.how == "not" else f"{node.how}/{index}"
            below = reason.parts[index] if reason else None
            found += _lines(part, parameters, on, below, f"{place}/{step}".strip("/"), depth + 1)
    return found


def _subject_word(code: str) -> Any:
    found = registry.subject(code)
    return found.title if found else code


@require_safe
@never_cache
def criteria(request: HttpRequest) -> HttpResponse:
    """Show by which conditions the town decides."""
    actor = actor_of(request)
    on = _today(actor)
    rows = []
    for one in queries.criteria(seen_by=actor):
        version = queries.version_on(seen_by=actor, criterion=one, on=on)
        if version is not None:
            rows.append((one, _subject_word(one.subject), version))
    return page(request, "criteria/criteria.html", {"rows": rows, "may_draft": rules.may_draft(actor)})


def _about(node: Node) -> tuple[list[Field], list[Asked]]:
    """Return the fields and questions of a condition, each once, in the order in which they are asked."""
    fields = {one.code: one.about for one in language.walk(node) if isinstance(one, Clause | Count)}
    asked = {one.code: one for one in language.walk(node) if isinstance(one, Asked)}
    return list(fields.values()), list(asked.values())


@never_cache
@require_http_methods(["GET", "POST"])
def criterion(request: HttpRequest, code: str) -> HttpResponse:
    """Show a criterion in words, with its source and versions; say whether it holds for what somebody fills in. Nothing of that is kept."""
    actor = actor_of(request)
    on = _today(actor)
    found = queries.criterion_for(seen_by=actor, code=code)
    version = queries.version_on(seen_by=actor, criterion=found, on=on)
    if version is None:
        raise Http404
    try:
        node = queries.node_of(seen_by=actor, version=version)
    except language.BadCriterion as bad:
        return page(request, "criteria/criterion.html", {"criterion": found, "version": version, "faults": bad.faults}, status=200)
    fields, asked = _about(node)
    form = answers.AnswersForm(request.POST if request.method == "POST" else None, fields=fields, asked=asked)
    reason = None
    if request.method == "POST" and form.is_valid():
        reason = queries.judge(seen_by=actor, version=version, values=form.values(), confirmed=form.confirmed(), on=on)
    parameters = queries.parameters(seen_by=actor)
    return page(
        request, "criteria/criterion.html",
        {"criterion": found, "subject": _subject_word(found.subject), "version": version, "lines": _lines(node, parameters, on, reason), "form": form,
         "reason": reason, "versions": queries.versions(seen_by=actor, criterion=found).filter(adopted_at__isnull=False), "on": on,
         "may_draft": rules.may_draft(actor), "doors": doors.shown("criterion", actor=actor, at=timezone.now(), code=found.code)},
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
@never_cache
def drafts(request: HttpRequest) -> HttpResponse:
    """Show all criteria with what is being drafted."""
    actor = actor_of(request)
    admit(rules.may_draft, actor)
    on = _today(actor)
    rows = [
        (one, _subject_word(one.subject), queries.version_on(seen_by=actor, criterion=one, on=on), queries.draft_of(seen_by=actor, criterion=one))
        for one in queries.criteria(seen_by=actor)
    ]
    return page(request, "criteria/drafts.html", {"rows": rows})


@never_cache
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a criterion."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft, actor)
    form = forms.CriterionForm(request.POST or None)
    if form.is_valid():
        made = attempt(form, lambda: operations.define_criterion(by=actor, at=at, **form.cleaned_data))
        if made is not None:
            return HttpResponseRedirect(f"/administration/criteria/of/{made.code}/")
    return page(request, "criteria/begin.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def values(request: HttpRequest) -> HttpResponse:
    """Show the values that change with time; set one from a day on."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft, actor)
    form = forms.ParameterForm(request.POST or None, initial={"valid_from": _today(actor)})
    if form.is_valid():
        given = form.cleaned_data | {"unit": form.cleaned_data["unit"] or None}
        if attempt(form, lambda: operations.set_parameter(by=actor, at=at, **given)) is not None:
            messages.success(request, _("The value holds from that day."))
            return HttpResponseRedirect("/administration/criteria/values/")
    return page(
        request, "criteria/values.html", {"form": form, "rows": queries.parameter_list(seen_by=actor), "may_set": rules.may_adopt(actor)},
        status=422 if form.errors else 200,
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Draft a criterion: change its conditions one by one, name its source, try it, adopt it."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft, actor)
    found = queries.criterion_for(seen_by=actor, code=code)
    here = f"/administration/criteria/of/{found.code}/"
    subject = registry.subject(found.subject)
    if subject is None:
        raise Http404
    on, parameters = _today(actor), queries.parameters(seen_by=actor)
    draft = queries.draft_of(seen_by=actor, criterion=found)
    shown = draft or queries.versions(seen_by=actor, criterion=found).first()
    assert shown is not None
    asked = request.POST.get("what", "") if request.method == "POST" else ""
    place = request.POST.get("place", request.GET.get("place", ""))[:200]
    head = request.POST.get("field", request.GET.get("field", ""))[:40]
    about = subject.field(head)
    clause: Any = None
    if head == "ask":
        clause = forms.AskForm(request.POST if asked == "add" else None)
    elif about is not None and about.withdrawn is None:
        clause = forms.ClauseForm(request.POST if asked == "add" else None, about=about, parameters=parameters)
    source = forms.SourceForm(request.POST if asked == "source" else None, initial={"source": shown.source, "clause": shown.clause})
    adopt = forms.AdoptForm(request.POST if asked == "adopt" else None, initial={"valid_from": on})

    def change(definition: Any) -> Any:
        return operations.draft_criterion(by=actor, at=at, criterion_id=found.pk, definition=definition)

    try:
        done = False
        if asked == "add" and clause is not None and clause.is_valid():
            done = attempt(clause, lambda: change(editing.add(shown.definition, place, clause.definition()))) is not None
        elif asked == "group":
            done = bool(change(editing.add(shown.definition, place, {"any": []})))
        elif asked in ("remove", "turn", "negate"):
            done = bool(change(getattr(editing, asked)(shown.definition, place)))
        elif asked == "source" and source.is_valid():
            done = attempt(source, lambda: operations.draft_criterion(by=actor, at=at, criterion_id=found.pk, **source.cleaned_data)) is not None
        elif asked == "try":
            done = bool(operations.try_criterion(by=actor, at=at, criterion_id=found.pk))
        elif asked == "adopt" and adopt.is_valid():
            done = attempt(adopt, lambda: operations.adopt_criterion(by=actor, at=at, criterion_id=found.pk, **adopt.cleaned_data)) is not None
            if done:
                messages.success(request, _("Adopted. Everybody can read it now."))
        if done:
            return HttpResponseRedirect(here)
    except editing.NoSuchPlace:
        messages.error(request, _("The draft was changed meanwhile; look at it again."))
        return HttpResponseRedirect(here)
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(here)
    lines: list[Line] = []
    faults: list[str] = []
    try:
        lines = _lines(language.read(shown.definition, subject, parameters), parameters, on)
    except language.BadCriterion as bad:
        faults = bad.faults
    is_tried = draft is not None and draft.tried_at is not None and draft.tried.get("digest") == editing.digest(draft.definition)
    fields = [one for one in subject.fields if one.withdrawn is None]
    return page(
        request, "criteria/edit.html",
        {"criterion": found, "subject": subject.title, "shown": shown, "draft": draft, "lines": lines, "faults": faults, "clause": clause, "about": about,
         "place": place, "head": head, "fields": fields, "source": source, "adopt": adopt, "is_tried": is_tried, "trial": shown.tried,
         "may_adopt": rules.may_adopt(actor), "groups": [line for line in lines if line.group in ("all", "any")]},
        status=422 if (clause and clause.errors) or source.errors or adopt.errors else 200,
    )  # fmt: skip
