"""An application in one look, for its case page: applicant, item, what is missing, both clocks, departments, what can be done and what not, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from gongzhi.cases import clock as clocks
from gongzhi.cases import queries as cases
from gongzhi.cases import rules as case_rules
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.foundation.papers import queries as papers_of_town
from gongzhi.kernel.actors import Actor
from gongzhi.service_line.applications import holding, lanes, queries, rules

if TYPE_CHECKING:
    from gongzhi.cases.models import Case
    from gongzhi.service_line.applications.models import Filing


@dataclass(frozen=True, slots=True)
class Lane:
    """One line under the axis: a clock of the application, or a department."""

    name: str
    below: str
    drawn: lanes.Drawn
    state: str
    chip: str
    icon: str
    end: datetime
    is_clock: bool = False
    is_mine: bool = False
    opinion: str = ""
    label: str = ""
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the form, with where it comes from."""

    title: str
    text: str
    source: Any
    at: datetime | None
    is_doubted: bool


def dossier(*, seen_by: Actor, case: "Case", at: datetime) -> dict[str, Any]:
    """Return everything that the page shows; {} where the reader may not see the application."""
    filing = queries.filing_of(seen_by=seen_by, case=case)
    if filing is None:
        return {}
    values, sources = queries.values_of(seen_by=seen_by, filing=filing)
    given = list(queries.materials_of(seen_by=seen_by, filing=filing))
    papers = queries.papers(seen_by=seen_by, version=filing.version, values=values, given=given)
    lacking = [one for one in papers if one.is_lacking]
    works = case_rules.sees_internal(seen_by, case) and not case_rules.is_party(seen_by, case)
    notices = queries.notices_of(seen_by=seen_by, filing=filing)
    axis, drawn = _lanes(seen_by, case, filing, at, works=works)
    by_town = sum(one.held is not None for one in papers)
    return {
        "filing": filing, "version": filing.version, "answers": _answers(filing, values, sources), "papers": papers, "lacking": lacking if case.is_open else [],
        "axis": axis, "lanes": drawn, "works": works, "notices": notices, "named": _named(filing, notices, case), "may_correct": rules.may_correct(seen_by,
        case),
        "may_add": rules.may_add_material(seen_by, case) and case.stage in ("decide", "examine") and bool(lacking), "may_judge": works and case.is_open,
        "cannot": _cannot(seen_by, case, filing, lacking) if works else [], "by_town": by_town,
        "given": sum(1 for one in papers if one.given and one.held is None),
        "issued": list(papers_of_town.papers_of_case(seen_by=seen_by, case_id=case.pk)) if not case.is_open else [],
        "to_replace": sum(1 for one in papers if one.says), "now": at,
    }  # fmt: skip


def _answers(filing: "Filing", values: dict[str, Any], sources: dict[str, dict[str, str]]) -> list[Answer]:
    language = get_language() or "zh"
    found = []
    for one in filing.version.fields:
        if one.code not in values:
            continue
        source = sources.get(one.code)
        at = datetime.fromisoformat(source["at"]) if source and source.get("at") else None
        register = holding.REGISTERS.get(source["register"]) if source else None
        found.append(Answer(one.words(language), one.shown(values[one.code], language), register, at, one.code in filing.doubts))
    return found


def _named(filing: "Filing", notices: list[Any], case: "Case") -> list[str]:
    """Return what the notice that waits for an answer named, in words."""
    if case.stage != "correct" or not notices:
        return []
    language = get_language() or "zh"
    titles = {one.code: one.words(language) for one in filing.version.fields} | {
        rule.code: rule.words(language) for rule in queries.content.materials(filing.version.materials)
    }
    return [titles.get(code, code) for code in notices[-1].codes]


def _lanes(seen_by: Actor, case: "Case", filing: "Filing", at: datetime, *, works: bool) -> tuple[dict[str, Any] | None, list[Lane]]:
    own = cases.clock_of(seen_by=seen_by, case=case, at=at, explained=False)
    statutory = cases.under_limit(seen_by=seen_by, case=case, at=at, limit=clocks.Limit(filing.version.statutory_days, "working_days"))
    if own is None or statutory is None:
        return None, []
    pauses = cases.pauses_of(seen_by=seen_by, case=case)
    tasks = list(cases.tasks_of_case(seen_by=seen_by, case=case)) if works else []
    joined = cases.clocks_of_case(seen_by=seen_by, case=case, at=at).joined if tasks else {}
    stretch = lanes.Stretch(own.clock.started_at, own.clock.due_at, own.clock.ended_at, tuple(pauses.get(own.clock.pk, ())))
    lawful = lanes.Stretch(statutory.started_at, statutory.due_at, statutory.ended_at, statutory.pauses)
    of_tasks = [
        (task, view, lanes.Stretch(view.clock.started_at, view.clock.due_at, view.clock.ended_at, tuple(pauses.get(view.clock.pk, ()))))
        for task in tasks if (view := joined.get(task.pk)) is not None
    ]  # fmt: skip
    axis = lanes.Axis([stretch, lawful, *(one for _task, _view, one in of_tasks)], at, calendar.working_time(seen_by=seen_by))
    promised_days = own.clock.amount + own.clock.extended_by
    found = [
        Lane(_("Promised: %(n)d days") % {"n": promised_days}, _left(own.usage, own.clock.ended_at), axis.drawn(stretch), own.state, "", "clock",
        own.clock.due_at,
             is_clock=True, label=_("Promised limit"), is_ended=own.clock.ended_at is not None),
        Lane(_("By law: %(n)d days") % {"n": filing.version.statutory_days}, filing.version.basis, axis.drawn(lawful), statutory.state, "", "scale",
        statutory.due_at,
             is_clock=True, label=_("Statutory limit"), is_ended=statutory.ended_at is not None),
    ]  # fmt: skip
    for task, view, one in of_tasks:
        chip, icon = _task_chip(task, view)
        found.append(Lane(str(task.organ or (task.party.role_word if task.party else "")), task.title, axis.drawn(one), view.state, chip, icon,
        view.clock.due_at,
                          is_mine=seen_by.serves_in(task.organ_id), opinion=task.result, label=task.title,
                          is_ended=view.clock.ended_at is not None))  # fmt: skip
    is_running = own.clock.ended_at is None
    return {"start": axis.start, "end": axis.end, "now": axis.now if is_running else None, "due": axis.at(own.clock.due_at)}, found


def _left(usage: clocks.Usage, ended_at: datetime | None) -> str:
    if ended_at is not None or not usage.hours_a_day:
        return ""
    return _("day %(n)d today") % {"n": int(usage.used / usage.hours_a_day) + 1}


def _task_chip(task: Any, view: Any) -> tuple[str, str]:
    if task.state == "answered":
        return str(task.verdict_word or _("answered")), "circle-check"
    if task.state == "stopped":
        return _("its clock stands"), "circle-pause"
    if task.state in ("cancelled", "returned"):
        return str(task.state_word) if hasattr(task, "state_word") else _("returned"), "undo-2"
    return (_("overdue"), "triangle-alert") if view.state == "late" else (_("is looking"), "eye")


def _cannot(seen_by: Actor, case: "Case", filing: "Filing", lacking: list[Any]) -> list[tuple[str, str]]:
    """Return what cannot be done now and why, (act, reason), for whoever has the application."""
    if not case.is_open or not rules.works_on(seen_by, case):
        return []
    found = []
    waiting = [str(task.organ) for task in cases.tasks_of_case(seen_by=seen_by, case=case) if task.is_waiting and task.required]
    if waiting:
        found.append((_("Decide"), _("these have not answered yet: %(names)s") % {"names": "、".join(waiting)}))
    elif case.stage == "receive":
        found.append((_("Decide"), _("admit it first, or say in one notice what is missing")))
    elif case.stage == "correct":
        found.append((_("Decide"), _("it is with the applicant, to be completed")))
    elif lacking:
        found.append((pgettext("application", "Grant"), _("still lacking: %(names)s") % {"names": "、".join(one.title for one in lacking)}))
    if case.stage in ("decide", "examine") and "receive" in (case.procedure.definition.get("stages", {}) if case.procedure else {}):
        found.append((_("Ask the applicant for more"), _("it is admitted; a department may stop its own clock, not the applicant's")))
    elif case.stage == "receive" and filing.notices:
        found.append((_("Ask once more"), _("possible with its reason; it is counted against your unit")))
    return found
