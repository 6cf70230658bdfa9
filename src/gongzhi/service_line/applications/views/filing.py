"""Filing an application step by step: fill in, papers, check and send. Each step is a page of its own and works without JavaScript.

What is filled in is a draft from the first answer on: kept by itself, resumed on another device.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.cases import following
from gongzhi.cases import queries as cases
from gongzhi.foundation.attachments import operations as attachment_operations
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.drafts import operations as drafts
from gongzhi.foundation.drafts import queries as kept_drafts
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.service_line.applications import content, holding, operations, queries, rules, vocabulary
from gongzhi.service_line.applications.forms import WindowForm
from gongzhi.service_line.applications.models import Filing, ItemVersion, ServiceItem
from gongzhi.service_line.applications.operations.filing import MOST_FILES
from gongzhi.service_line.applications.views import _fields


@dataclass(slots=True)
class Work:
    """What somebody is filling in: for whom, on which version, what was said and handed in so far."""

    actor: Actor
    at: datetime
    item: ServiceItem
    version: ItemVersion
    organ_id: int | None
    organ: Any
    values: dict[str, Any] = field(default_factory=dict)
    papers: dict[str, list[int]] = field(default_factory=dict)
    promise: bool = False
    key: str = ""
    saved_at: datetime | None = None
    seen: bool = False  # the first step was gone through

    @property
    def purpose(self) -> str:
        return content.draft_purpose(self.item.code, self.organ_id)

    @property
    def query(self) -> str:
        return f"?{urlencode({'firm': self.organ_id})}" if self.organ_id is not None else ""

    def address(self, step: str = "") -> str:
        return f"/matters/{self.item.code}/apply/{step}{self.query}"

    def held(self) -> dict[str, holding.Held]:
        fields, rules_of = self.version.fields, content.materials(self.version.materials)
        wanted = [one.source for one in fields if one.source] + [rule.source for rule in rules_of if rule.source]
        return holding.held(seen_by=self.actor, organ_id=self.organ_id, wanted=wanted)

    def told(self, held: dict[str, holding.Held]) -> dict[str, Any]:
        """Return the answers, with what the town holds where nothing else was said."""
        found = {one.code: held[one.source].text for one in self.version.fields if one.source in held}
        return found | {code: value for code, value in self.values.items() if value not in (None, "")}

    def judged(self, held: dict[str, holding.Held]) -> tuple[dict[str, Any], dict[str, str]]:
        told = self.told(held)
        trusted = frozenset(one.code for one in self.version.fields if one.source in held and told.get(one.code) == held[one.source].text)
        return vocabulary.judge(self.version.fields, told, trusted)

    def keep(self) -> None:
        attachment_ids = [one for ids in self.papers.values() for one in ids]
        body = {"values": self.values, "papers": self.papers, "promise": self.promise, "key": self.key, "version": self.version.number, "seen": self.seen}
        drafts.keep_draft(by=self.actor, at=self.at, purpose=self.purpose, values=body, attachment_ids=attachment_ids)
        self.saved_at = self.at


def _work(request: HttpRequest, code: str) -> Work:
    actor, at = actor_of(request), timezone.now()
    item = queries.item_for(seen_by=actor, code=code)
    if item.current is None or item.ended_at is not None:
        raise Http404(code)
    organ_id = numbers.key(request.GET.get("firm") or request.POST.get("firm"))
    admit(rules.may_apply, actor, organ_id)
    if organ_id is None and item.current.is_for_firms_only:
        own = _firms_of(actor)
        organ_id = own[0][0] if len(own) == 1 else None
    organ = organs.organ_for(seen_by=actor, organ_id=organ_id) if organ_id is not None else None
    work = Work(actor, at, item, item.current, organ_id, organ, key=uuid.uuid4().hex)
    kept = kept_drafts.draft_for(seen_by=actor, purpose=work.purpose, at=at)
    if kept is not None:
        body = kept.values
        work.values, work.papers, work.promise = body.get("values", {}), body.get("papers", {}), bool(body.get("promise"))
        work.key, work.saved_at, work.seen = body.get("key") or work.key, kept.touched_at, bool(body.get("seen"))
        known = {one.code for one in work.version.fields}
        work.values = {name: value for name, value in work.values.items() if name in known}  # of a form that changed meanwhile
    return work


def _firms_of(actor: Actor) -> list[tuple[int, str]]:
    """Return the firms for which somebody may apply, (id, name)."""
    return organs.firms(seen_by=actor, own=True)


def _steps(work: Work) -> list[tuple[str, Any]]:
    found = [(work.address(), pgettext("step", "Fill in"))]
    if work.version.materials:
        found.append((work.address("papers/"), pgettext("step", "Papers")))
    return [*found, (work.address("check/"), pgettext("step", "Check and send"))]


def _show(request: HttpRequest, template: str, work: Work, here: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    steps = _steps(work)
    current = next((n for n, (address, _title) in enumerate(steps, start=1) if address == here), 1)
    frame = {
        "work": work, "item": work.item, "version": work.version, "steps": [(n, address, title) for n, (address, title) in enumerate(steps, start=1)],
        "current": current, "before": steps[current - 2][0] if current > 1 else f"/matters/{work.item.code}/", "here": here,
        "next_title": steps[current][1] if current < len(steps) else "", "firms": _firms_of(work.actor), "now": work.at,
    }  # fmt: skip
    return page(request, f"applications/{template}.html", frame | context, status=status)


# ---- fill in --------------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Ask what the form asks; what the town holds stands there as text, with its source and a way to say that it is wrong."""
    work = _work(request, code)
    held = work.held()
    faults: dict[str, str] = {}
    if request.method == "POST":
        work.values = vocabulary.typed(work.version.fields, request.POST)
        work.seen = True
        work.keep()
        if request.POST.get("go") == "save":
            return render(request, "applications/_saved.html", {"work": work})
        if request.POST.get("go") != "fields":
            _kept, faults = work.judged(held)
            if not faults:
                return HttpResponseRedirect(_steps(work)[1][0])
    groups = _fields.views(work.version, work.values, held, faults)
    context = {"groups": groups, "faults": _named(work.version, faults), "asked": sum(len(group.asked) for group in groups),
               "held": sum(len(group.held) for group in groups)}  # fmt: skip
    if request.POST.get("go") == "fields":
        return render(request, "applications/_fields.html", context | {"work": work})
    return _show(request, "fill", work, work.address(), context, status=422 if faults else 200)


def _named(version: ItemVersion, faults: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return (code, title, sentence) of each fault, in the order of the form."""
    language = get_language() or "zh"
    return [(one.code, one.words(language), faults[one.code]) for one in version.fields if one.code in faults]


# ---- papers ---------------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def papers(request: HttpRequest, code: str) -> HttpResponse:
    """Take the papers, each kept as soon as it comes; what is missing is one list on top."""
    work = _work(request, code)
    held = work.held()
    kept, faults = work.judged(held)
    if faults:
        return HttpResponseRedirect(work.address())
    wrong: dict[str, str] = {}
    asked = queries.papers(seen_by=work.actor, version=work.version, values=kept, held=held)
    if request.method == "POST":
        wrong = _take(request, work, {one.rule.code for one in asked})
        work.keep()
        if request.POST.get("go") == "next" and not wrong:
            if not any(not work.papers.get(one.rule.code) and not one.rule.later and not one.rule.optional and one.held is None for one in asked):
                return HttpResponseRedirect(work.address("check/"))
        elif not wrong:
            return HttpResponseRedirect(work.address("papers/"))
    shown = _with_files(work, asked)
    lacking = [(one.rule.code, one.title) for one, files in shown if not files and not one.rule.later and not one.rule.optional and one.held is None]
    context = {
        "papers": [(one, files, wrong.get(one.rule.code, "")) for one, files in shown if one.held is None], "by_town": [one for one,
        _files in shown if one.held],
        "lacking": lacking, "is_asked": request.method == "POST", "count": len(shown),
    }  # fmt: skip
    return _show(request, "papers", work, work.address("papers/"), context, status=422 if wrong or (request.method == "POST" and lacking) else 200)


def _take(request: HttpRequest, work: Work, asked: set[str]) -> dict[str, str]:
    """Keep the files that were sent, each under its paper; return what was wrong with which."""
    wrong: dict[str, str] = {}
    gone = request.POST.get("remove", "").partition(":")
    if gone[1]:
        work.papers[gone[0]] = [one for one in work.papers.get(gone[0], []) if str(one) != gone[2]]
    for name in asked:
        for file in request.FILES.getlist(f"paper_{name}"):
            if len(work.papers.get(name, [])) >= MOST_FILES:
                wrong[name] = _("At most %(most)d files for one paper.") % {"most": MOST_FILES}
                break
            try:
                if (file.size or 0) > attachment_operations.MOST_PAPER:
                    raise attachment_operations.TooLarge(most=attachment_operations.MOST_PAPER // 1_000_000)
                made = attachment_operations.add_attachment(by=work.actor, at=work.at, content=file.read(), name=file.name or name)
            except Refused as refused:
                wrong[name] = f"{file.name}{_(': ')}{refused}"
                continue
            work.papers.setdefault(name, []).append(made.pk)
    return wrong


def _with_files(work: Work, asked: list[queries.Paper]) -> list[tuple[queries.Paper, list[Any]]]:
    ids = [one for found in work.papers.values() for one in found]
    files = {one.pk: one for one in attachments.attachments(seen_by=work.actor, attachment_ids=ids)}
    return [(one, [files[pk] for pk in work.papers.get(one.rule.code, []) if pk in files]) for one in asked]


# ---- check and send -------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Show all that will be sent, once more, and send it; the same form sent twice is one application."""
    work = _work(request, code)
    held = work.held()
    kept, faults = work.judged(held)
    if faults:
        return HttpResponseRedirect(work.address())
    asked = queries.papers(seen_by=work.actor, version=work.version, values=kept, held=held)
    error = ""
    if request.method == "POST":
        work.promise = request.POST.get("promise") == "on"
        wanted = {one.rule.code for one in asked}
        try:
            filing = operations.file_application(
                by=work.actor, at=work.at, code=code, values=work.values, organ_id=work.organ_id, promise=work.promise, submission_key=work.key,
                version=work.version.number, materials={name: ids for name, ids in work.papers.items() if name in wanted},
            )  # fmt: skip
        except NotAllowed:
            raise
        except operations.MaterialsMissing:
            return HttpResponseRedirect(work.address("papers/"))
        except Refused as refused:
            error = str(refused)
        else:
            following.remember_sent(request.session, filing.case, key=work.key, code="", kind="application", seen_by=work.actor)
            return HttpResponseRedirect(f"/matters/sent/{filing.case.slug}/")
    language = get_language() or "zh"
    answers = [(one.words(language), one.shown(kept[one.code], language), one.source in held and kept[one.code] == held[one.source].text, one.source)
               for one in work.version.fields if one.code in kept]  # fmt: skip
    context = {
        "answers": [(title, text, held.get(source) if is_held else None) for title, text, is_held, source in answers],
        "papers": _with_files(work, asked), "later": [one.title for one, files in _with_files(work,
        asked) if one.rule.later and not files and one.held is None],
        "error": error, "needs_promise": work.version.pattern == "promise",
    }  # fmt: skip
    return _show(request, "check", work, work.address("check/"), context, status=409 if error else 200)


@require_POST
def drop(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    work = _work(request, code)
    drafts.drop_draft(by=work.actor, at=work.at, purpose=work.purpose)
    messages.success(request, _("The draft is thrown away."))
    return HttpResponseRedirect(f"/matters/{code}/")


@never_cache
@require_safe
def sent(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that it has come in: number, what happens now, until when."""
    actor, at = actor_of(request), timezone.now()
    case = cases.case_for(seen_by=actor, slug=slug)
    filing = queries.filing_of(seen_by=actor, case=case)
    if filing is None:
        raise Http404(slug)
    told = following.sent(request.session, slug) or {}
    code = told.get("code", "")
    parts = list(cases.cases(seen_by=actor).filter(part_of_id=case.pk).order_by("pk")) if filing.version.pattern == "bundle" else []
    link = request.build_absolute_uri(f"/follow/#{code}") if code else ""
    return page(request, "applications/sent.html", {
        "case": case, "filing": filing, "version": filing.version, "code": code, "qr": following.qr_of(link) if link else "", "parts": parts, "now": at,
        "later": [one.title for one in queries.lacking(seen_by=actor, filing=filing)], "clock": cases.clock_of(seen_by=actor, case=case, at=at),
    })  # fmt: skip


# ---- at the window --------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def window(request: HttpRequest, code: str) -> HttpResponse:
    """File for somebody who has come in person: one page, for whoever sits behind the counter."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_file_at_window, actor)
    item = queries.item_for(seen_by=actor, code=code)
    if item.current is None or item.ended_at is not None:
        raise Http404(code)
    version = item.current
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    error = ""
    form = WindowForm(request.POST or None)
    key = request.POST.get("key", "")[:40] or uuid.uuid4().hex
    if request.method == "POST":
        values = vocabulary.typed(version.fields, request.POST)
        kept, faults = vocabulary.judge(version.fields, values)
        asked = {rule.code for rule in content.materials(version.materials, kept)}
        if form.is_valid() and not faults and request.POST.get("go") != "fields":
            work = Work(actor, at, item, version, None, None)
            faults = {f"paper_{name}": words for name, words in _take(request, work, asked).items()}
            if not faults:
                try:
                    filing, follow = operations.file_at_window(
                        by=actor, at=at, code=code, values=kept, name=form.cleaned_data["name"], phone=form.cleaned_data["phone"], materials=work.papers,
                        promise=request.POST.get("promise") == "on", submission_key=key,
                    )  # fmt: skip
                except NotAllowed:
                    raise
                except Refused as refused:
                    error = str(refused)
                else:
                    following.remember_sent(request.session, filing.case, key=key, code=follow, kind="application", seen_by=actor)
                    return HttpResponseRedirect(f"/matters/sent/{filing.case.slug}/")
    groups = _fields.views(version, values, {}, faults)
    language = get_language() or "zh"
    context = {
        "item": item, "version": version, "groups": groups, "form": form, "faults": _named(version, faults), "error": error, "key": key,
        "materials": [(rule.code, rule.words(language), rule.hint(language), rule.later or rule.optional, faults.get(f"paper_{rule.code}", ""))
                      for rule in content.materials(version.materials, values)],
    }  # fmt: skip
    return page(request, "applications/window.html", context, status=422 if faults or error or (request.method == "POST" and not form.is_valid()) else 200)


# ---- afterwards -----------------------------------------------------------------------------------------------------
def _own(request: HttpRequest, slug: str) -> tuple[Actor, datetime, Filing]:
    actor = actor_of(request)
    case = cases.case_for(seen_by=actor, slug=slug)
    filing = queries.filing_of(seen_by=actor, case=case)
    if filing is None:
        raise Http404(slug)
    return actor, timezone.now(), filing


@never_cache
@require_http_methods(["GET", "POST"])
def complete(request: HttpRequest, slug: str) -> HttpResponse:
    """Add what a notice named as missing: only that is asked, nothing that was said is asked again."""
    actor, at, filing = _own(request, slug)
    case = cases.case_for(seen_by=actor, slug=slug)
    notices = queries.notices_of(seen_by=actor, filing=filing)
    is_correction = rules.may_correct(actor, case)
    values, _sources = queries.values_of(seen_by=actor, filing=filing)
    given = list(queries.materials_of(seen_by=actor, filing=filing))
    all_papers = queries.papers(seen_by=actor, version=filing.version, values=values, given=given)
    codes = set(notices[-1].codes) if is_correction and notices else {one.rule.code for one in all_papers if one.is_lacking}
    if not codes or not (is_correction or rules.may_add_material(actor, case)):
        return HttpResponseRedirect(f"/cases/{slug}/")
    asked = [one for one in all_papers if one.rule.code in codes]
    fields = [one for one in filing.version.fields if one.code in codes] if is_correction else []
    faults: dict[str, str] = {}
    wrong: dict[str, str] = {}
    error = ""
    told = dict(values)
    if request.method == "POST":
        work = Work(actor, at, filing.item, filing.version, None, None)
        wrong = _take(request, work, codes)
        told |= {one.code: value for one in fields if (value := vocabulary.typed([one], request.POST).get(one.code)) is not None}
        if not wrong:
            try:
                if is_correction:
                    changed = {one.code: told[one.code] for one in fields if one.code in told}
                    operations.correct_filing(by=actor, at=at, case_id=case.pk, values=changed, materials=work.papers, text=request.POST.get("text", "")[:2000])
                else:
                    for name, ids in work.papers.items():
                        operations.add_material(by=actor, at=at, case_id=case.pk, code=name, attachment_ids=ids)
            except NotAllowed:
                raise
            except operations.AnswersWrong as refused:
                faults = refused.faults
            except Refused as refused:
                error = str(refused)
            else:
                messages.success(request, _("Thank you; it goes on."))
                return HttpResponseRedirect(f"/cases/{slug}/")
    language = get_language() or "zh"
    shown = [
        _fields.FieldView(one, one.words(language), one.hint(language), told.get(one.code), faults.get(one.code, ""), options=one.options(language))
        for one in fields
    ]
    return page(request, "applications/complete.html", {
        "case": case, "filing": filing, "papers": [(one, wrong.get(one.rule.code, "")) for one in asked], "fields": shown, "error": error,
        "is_correction": is_correction,
    }, status=422 if faults or wrong or error else 200)  # fmt: skip


@require_POST
def judge(request: HttpRequest, slug: str, material_id: int) -> HttpResponseBase:
    """Say of a paper that it will do, or what is wrong with it."""
    actor, at, filing = _own(request, slug)
    operations.judge_material(
        by=actor, at=at, case_id=filing.case_id, material_id=material_id, good=request.POST.get("good") == "1", says=request.POST.get("says", "")[:200]
    )
    messages.success(request, _("Noted."))
    return HttpResponseRedirect(f"/cases/{slug}/#materials")
