"""The lists by which the town works, open to everybody: who is responsible, how each kind goes, what one may ask for.

Changing them is for the committee: a line is replaced or ended, never edited; a procedure gets a new version.
"""

import difflib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import yaml
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.cases import forms, operations, queries, rules
from gongzhi.cases import kind as kinds
from gongzhi.cases import procedure as procedures
from gongzhi.cases import procedure_drawing as drawing
from gongzhi.cases.clock import Limit
from gongzhi.cases.clock import limit_words as say_limit
from gongzhi.cases.views._reader import reader, whole
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel import moments
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import admit, page

if TYPE_CHECKING:
    from gongzhi.cases.models import Procedure, Responsibility


def _today(at: datetime) -> date:
    return timezone.localtime(at).date()


# ---- responsibilities -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the list in words."""

    line: "Responsibility"
    co_handlers: list[str]
    limit: str


def _lines(actor: Actor, found: list["Responsibility"]) -> list[LineView]:
    wanted = {organ_id for line in found for organ_id in line.co_handlers}
    names = {organ.pk: str(organ) for organ in organs.organs(seen_by=actor).filter(pk__in=wanted)} if wanted else {}
    return [LineView(line, [names[pk] for pk in line.co_handlers if pk in names], limit_words(line)) for line in found]


def limit_words(line: "Responsibility") -> str:
    """Say the limit of a line: its own, else that of its category."""
    if line.limit_amount:
        return say_limit(Limit(line.limit_amount, line.limit_unit))
    return say_limit(Limit(line.category.limit_amount, line.category.limit_unit))


@require_safe
def responsibilities(request: HttpRequest) -> HttpResponse:
    """Show the responsibility list of a day, by words, life and unit; staff also see what nobody leads."""
    actor, at = reader(request)
    on = moments.day_or(request.GET.get("on")) or _today(at)
    text, life, organ_id = request.GET.get("q", "").strip()[:60], request.GET.get("life", ""), whole(request.GET.get("organ"))
    found = list(queries.responsibilities(seen_by=actor, on=on))
    leads = sorted({(line.lead_id, str(line.lead)) for line in found}, key=lambda pair: pair[1])
    if life in forms.LIFE_WORDS:
        found = [line for line in found if line.category.life == life]
    if organ_id is not None:
        found = [line for line in found if line.lead_id == organ_id or organ_id in line.co_handlers]
    if text:
        found = [line for line in found if _holds(line, text)]
    is_staff = rules.may_use_desk(actor)
    context = {
        "now": at, "on": on, "is_today": on == _today(at), "q": text, "life": life, "organ_id": organ_id, "lines": _lines(actor, found), "leads": leads,
        "lives": forms.LIFE_WORDS.items(), "gaps": queries.responsibility_gaps(seen_by=actor, on=on) if is_staff else [],
        "may_define": rules.may_define(actor), "proposals": list(queries.amendments(seen_by=actor)) if is_staff else [],
    }  # fmt: skip
    return page(request, "cases/responsibilities.html", context, fragment="cases/_responsibilities.html")


def _holds(line: "Responsibility", text: str) -> bool:
    wanted = text.casefold()
    words = (line.clause, line.category.name, line.category.name_en, line.category.keywords, line.category.code, str(line.lead), str(line.area or ""),
        line.basis)
    return any(wanted in word.casefold() for word in words)


@require_safe
def responsibility(request: HttpRequest, responsibility_id: int) -> HttpResponse:
    """Show one line of the list with every line there was before and after it."""
    actor, at = reader(request)
    line = queries.responsibility_for(seen_by=actor, responsibility_id=responsibility_id)
    history = list(queries.responsibility_history(seen_by=actor, line=line))
    context = {
        "now": at, "view": _lines(actor, [line])[0], "history": _lines(actor, history), "may_define": rules.may_define(actor),
        "is_valid": line.validity.upper is None or line.validity.upper > _today(at),
        "recent": list(queries.cases(seen_by=actor, category_id=line.category_id, organ_id=line.lead_id, order="newest").defer("text", "search",
            "area__boundary")[:5]),
        "end_form": forms.EndResponsibilityForm(initial={"ends_on": _today(at)}),
    }  # fmt: skip
    return page(request, "cases/responsibility.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def responsibility_new(request: HttpRequest) -> HttpResponse:
    """Write a line of the list, or replace one (?replaces=id): the former ends where the new one begins."""
    actor, at = reader(request)
    admit(rules.may_define, actor)
    replaces_id = whole(request.GET.get("replaces") or request.POST.get("replaces"))
    former = queries.responsibility_for(seen_by=actor, responsibility_id=replaces_id) if replaces_id else None
    initial: dict[str, Any] = {"starts_on": _today(at), "category": whole(request.GET.get("category"))}
    if former is not None:
        initial = {
            "clause": former.clause, "category": former.category_id, "area": former.area_id, "lead": former.lead_id, "co_handlers": former.co_handlers,
            "limit_amount": former.limit_amount, "limit_unit": former.limit_unit, "basis": former.basis, "starts_on": max(_today(at), former.validity.lower),
        }  # fmt: skip
    form = forms.ResponsibilityForm(request.POST or None, actor=actor, at=at, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                line = operations.define_responsibility(
                    by=actor, at=at, clause=data["clause"], category_id=data["category"], lead_id=data["lead"], starts_on=data["starts_on"],
                    area_id=data["area"],
                    co_handlers=data["co_handlers"], limit=(data["limit_amount"], data["limit_unit"]) if data["limit_amount"] else None, basis=data["basis"],
                    ends_on=data["ends_on"], replaces_id=former.pk if former else None,
                )  # fmt: skip
            except NotAllowed:
                raise
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
                status = 409
            else:
                messages.success(request, _("Line %(clause)s stands from %(day)s.") % {"clause": line.clause, "day": data["starts_on"].isoformat()})
                return HttpResponseRedirect(f"/responsibilities/{line.pk}/")
    context = {"form": form, "former": former, "title": _("Replace a line of the list") if former else _("New line of the list")}
    return page(request, "cases/responsibility_form.html", context, status=status)


@require_http_methods(["POST"])
@never_cache
def responsibility_end(request: HttpRequest, responsibility_id: int) -> HttpResponse:
    """End a line of the list on a day; cases opened under it keep it."""
    actor, at = reader(request)
    form = forms.EndResponsibilityForm(request.POST)
    if form.is_valid():
        line = operations.end_responsibility(by=actor, at=at, responsibility_id=responsibility_id, ends_on=form.cleaned_data["ends_on"])
        messages.success(request, _("Line %(clause)s ends on %(day)s.") % {"clause": line.clause, "day": line.validity.upper.isoformat()})
    else:
        messages.error(request, _("The day cannot be read; write it as 2026-11-30."))
    return HttpResponseRedirect(f"/responsibilities/{responsibility_id}/")


@require_http_methods(["POST"])
@never_cache
def amendment(request: HttpRequest) -> HttpResponse:
    """Adopt or decline a proposal to amend the list."""
    actor, at = reader(request)
    admit(rules.may_define, actor)
    form = forms.AmendmentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose whether to adopt the proposal."))
        return HttpResponseRedirect("/responsibilities/#proposals")
    adopted = form.cleaned_data["decision"] == "adopt"
    operations.decide_amendment(by=actor, at=at, proposal_id=form.cleaned_data["proposal"], adopted=adopted, clause=form.cleaned_data["clause"])
    messages.success(request, _("Adopted; the new line stands from today.") if adopted else _("Declined."))
    return HttpResponseRedirect("/responsibilities/")


# ---- procedures -----------------------------------------------------------------------------------------------------
def _drawing(actor: Actor, procedure: "Procedure", current: str = "") -> SafeString:
    definition, language = procedures.of(procedure), "en" if (get_language() or "").startswith("en") else "zh"
    words = queries.ways_of(seen_by=actor, definition=definition, language=language)
    svg = drawing.to_svg(definition, language=language, words=words, current=current)
    return mark_safe(svg)  # noqa: S308 - built by ElementTree, which escapes


@require_safe
def procedure_list(request: HttpRequest) -> HttpResponse:
    """Show how each kind of case goes."""
    actor, at = reader(request)
    shown = []
    for kind in kinds.kinds():
        newest = queries.procedure_versions(seen_by=actor, kind=kind.code).first()
        if newest is not None:
            present = queries.procedure_in_force(seen_by=actor, kind=kind.code, at=at)
            shown.append({"kind": kind, "procedure": present, "drawing": _drawing(actor, present), "coming": newest if newest.pk != present.pk else None})
    missing = queries.kinds_without_procedure(seen_by=actor)
    return page(request, "cases/procedures.html", {"now": at, "shown": shown, "missing": missing, "may_define": rules.may_define(actor)})


def _kind(code: str) -> kinds.CaseKind:
    try:
        return kinds.kind_of(code)
    except kinds.UnknownKind as error:
        raise Http404(code) from error


@require_safe
def procedure(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a kind's procedure: drawn, as a table, its versions and what each changed."""
    actor, at = reader(request)
    found = _kind(kind)
    if found in queries.kinds_without_procedure(seen_by=actor):  # no version to show yet
        return HttpResponseRedirect(f"/procedures/{kind}/new/" if rules.may_define(actor) else "/procedures/")
    present = queries.procedure_in_force(seen_by=actor, kind=kind, at=at)
    versions = list(queries.procedure_versions(seen_by=actor, kind=kind))
    wanted = whole(request.GET.get("version"))
    shown = next((one for one in versions if one.version == wanted), present)
    before = next((one for one in versions if one.version == shown.version - 1), None)
    definition = procedures.of(shown)
    language = get_language() or "zh"
    words = queries.ways_of(seen_by=actor, definition=definition, language=language)
    context = {
        "now": at, "kind": found, "shown": shown, "present": present, "versions": versions, "drawing": _drawing(actor, shown), "definition": definition,
        "stages": [
            {"title": stage.words(language), "owner": words.get(stage.owner, stage.owner), "limit": _stage_limit(stage.limit), "basis": stage.basis,
             "ways": [(words.get(act, act), definition.stages[goal].words(language) if goal in definition.stages else _("end")) for act,
                 goal in stage.outcomes.items()]}
            for stage in definition.stages.values()
        ],
        "changes": _changes(before, shown) if before else [], "before": before, "may_define": rules.may_define(actor),
    }  # fmt: skip
    return page(request, "cases/procedure.html", context)


def _stage_limit(limit: Any) -> str:
    if limit == "case":
        return _("the case's own limit")
    return say_limit(Limit(*limit)) if limit else "—"


def _changes(before: "Procedure", after: "Procedure") -> list[tuple[str, str]]:
    """Return the lines that changed between two versions: (kind, line) with kind added, removed or same."""
    told = difflib.unified_diff(as_yaml(before.definition).splitlines(), as_yaml(after.definition).splitlines(), lineterm="", n=2)
    kinds_of_line = {"+": "added", "-": "removed", "@": "place"}
    return [(kinds_of_line.get(line[:1], "same"), line) for line in list(told)[2:]]


def as_yaml(definition: dict[str, Any]) -> str:
    """Return a definition as the YAML that people read and edit."""
    return yaml.safe_dump(definition, allow_unicode=True, sort_keys=False, width=120)


@require_safe
def procedure_bpmn(request: HttpRequest, kind: str, version: int) -> HttpResponse:
    """Give one version as BPMN 2.0 XML."""
    actor, _at = reader(request)
    _kind(kind)
    found = queries.procedure_versions(seen_by=actor, kind=kind).filter(version=version).first()
    if found is None:
        raise Http404(f"{kind} v{version}")
    response = HttpResponse(drawing.to_bpmn(procedures.of(found), kind=kind, version=version), content_type="application/xml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}-v{version}.bpmn"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def procedure_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Adopt a new version after a check: every fault is named, and the drawing is shown before it is adopted."""
    actor, at = reader(request)
    admit(rules.may_define, actor)
    found = _kind(kind)
    is_first = found in queries.kinds_without_procedure(seen_by=actor)
    present = None if is_first else queries.procedure_in_force(seen_by=actor, kind=kind, at=at)
    # a town that has none yet is offered the one that the product brings
    offered = as_yaml(present.definition) if present is not None else found.procedure.read_text(encoding="utf-8")
    form = forms.ProcedureForm(request.POST or None, initial={"definition": offered, "reason": _("First adoption") if is_first else ""})
    context: dict[str, Any] = {"kind": found, "present": present, "form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            if "adopt" in request.POST:
                try:
                    adopted = operations.adopt_procedure(
                        by=actor, at=at, kind=kind, definition=data["definition"], reason=data["reason"], effective_from=data["effective_from"]
                    )
                except NotAllowed:
                    raise
                except Refused as refused:
                    form.add_error(refused.field if refused.field in form.fields else None, str(refused))
                else:
                    messages.success(request, _("Version %(v)s is adopted; running cases stay on theirs.") % {"v": adopted.version})
                    return HttpResponseRedirect(f"/procedures/{kind}/?version={adopted.version}")
            else:
                status = 200
                definition = procedures.parse(data["definition"])
                svg = drawing.to_svg(definition, language=get_language() or "zh", words=queries.ways_of(
                    seen_by=actor, definition=definition, language=get_language() or "zh"
                ))  # fmt: skip
                context |= {"checked": True, "drawing": mark_safe(svg)}  # noqa: S308 - built by ElementTree, which escapes
    return page(request, "cases/procedure_form.html", context, status=status)


# ---- categories -----------------------------------------------------------------------------------------------------
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """Show what one may ask for and in what time, by life and main class."""
    actor, at = reader(request)
    found = list(queries.categories(seen_by=actor, on=_today(at)))
    parents = {category.pk: category for category in found if category.parent_id is None}
    branches: dict[int, list[Any]] = {pk: [] for pk in parents}
    alone = []
    for category in found:
        if category.parent_id in branches:
            branches[category.parent_id].append(category)
    for pk, parent in list(parents.items()):
        if not branches[pk]:
            alone.append(parent)
    context = {
        "now": at, "groups": [(parents[pk], children) for pk, children in branches.items() if children], "alone": alone,
        "may_define": rules.may_define(actor), "severity_words": forms.SEVERITY_WORDS, "sort_words": forms.SORT_WORDS, "unit_words": forms.UNIT_WORDS,
    }  # fmt: skip
    return page(request, "cases/categories.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def category_edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Define a category, or correct the one with this code; running cases keep their clocks."""
    actor, at = reader(request)
    admit(rules.may_define, actor)
    known = queries.category_by_code(seen_by=actor, code=code) if code else None
    if code and known is None:
        raise Http404(code)
    initial: dict[str, Any] = {"limit_amount": 5, "limit_unit": "working_days"}
    if known is not None:
        names = ("code", "name", "name_en", "life", "sort", "severity", "limit_amount", "limit_unit", "basis", "keywords", "description",
            "description_en", "for_public", "restricted")
        initial = {name: getattr(known, name) for name in names} | {"parent": known.parent_id}
    form = forms.CategoryForm(request.POST or None, actor=actor, at=at, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            limit = (data.pop("limit_amount"), data.pop("limit_unit"))
            try:
                operations.define_category(by=actor, at=at, limit=limit, parent_id=data.pop("parent"), **data)
            except NotAllowed:
                raise
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
                status = 409
            else:
                messages.success(request, _("Category %(code)s stands.") % {"code": data["code"]})
                return HttpResponseRedirect("/categories/")
    return page(request, "cases/category_form.html", {"form": form, "known": known}, status=status)

