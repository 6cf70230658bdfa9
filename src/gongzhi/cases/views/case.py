"""The case page: what, where, who has it, how long, what happened, what one can do."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gongzhi.cases import acts, forms, queries, rules
from gongzhi.cases import kind as kinds
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.views._reader import reader
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import live
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.web import page
from gongzhi.ledger import queries as ledger_queries

if TYPE_CHECKING:
    from gongzhi.cases.models import Case, Step, Task

PARTS = {"head": "cases/_case_head.html", "story": "cases/_case_story.html", "side": "cases/_case_side.html"}
MOST_SIMILAR = 3


@require_safe
@never_cache
def case(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a case; htmx may ask for one part of it (?part=head, story or side) when something has happened."""
    actor, at = reader(request)
    found = queries.case_for(seen_by=actor, slug=slug)
    fragment = PARTS.get(request.GET.get("part", ""), "")
    context = case_context(actor, found, at, only_public="public" in request.GET) | {"stream": live.stream_url(request, f"case:{found.pk}")}
    if not fragment:
        context |= {"list": place_in_list(request.session.get(LIST), found.slug)} | _sharing(request, found, context["where"])
    return page(request, "cases/case.html", context, fragment=fragment)


def _sharing(request: HttpRequest, case: "Case", where: str) -> dict[str, str]:
    """Return what goes out when somebody shares the page of a public case: what sort of matter, in which part of the town, how it stands.

    Nothing that a resident wrote and no address: the words of a report may name somebody, its category does not. Cases that are not
    public have nothing to share.
    """
    if case.visibility != "public":
        return {}
    category = case.category.label if case.category else str(kinds.kind_of(case.kind).title)
    return {
        "share_title": " · ".join(part for part in (category, case.number) if part),
        "share_text": " · ".join(part for part in (where, str(case.state_word)) if part),
        "share_url": request.build_absolute_uri(f"/cases/{case.slug}/"),
    }


LIST = "case_list"  # in the session: the list one comes from, {"url", "title", "slugs"}


def place_in_list(kept: dict[str, Any] | None, slug: str) -> dict[str, Any] | None:
    """Return where a case stands in the list that the reader came from, or None if it is not of it."""
    if not kept or slug not in kept["slugs"]:
        return None
    slugs = kept["slugs"]
    place = slugs.index(slug)
    return {
        "url": kept["url"], "title": kept["title"], "place": place + 1, "count": len(slugs),
        "before": slugs[place - 1] if place else "", "after": slugs[place + 1] if place + 1 < len(slugs) else "",
    }  # fmt: skip


def case_context(actor: Actor, case: "Case", at: datetime, *, only_public: bool = False) -> dict[str, Any]:
    """Return everything that the page of a case shows to this reader at this moment."""
    inside = rules.sees_internal(actor, case)
    tasks = list(queries.tasks_of_case(seen_by=actor, case=case))
    faces = acts.now(seen_by=actor, case=case, at=at, tasks=tasks)
    kind = kinds.kind_of(case.kind)
    clocks = queries.clocks_of_case(seen_by=actor, case=case, at=at)
    parties = list(queries.parties(seen_by=actor, case=case))
    told, steps = _told_first(step_views(actor, case, only_public=only_public))
    return {
        "now": at,
        "case": case,
        "kind": kind,
        "dossier": kind.dossier_of(seen_by=actor, case=case, at=at) if kind.dossier_template else None,
        "inside": inside,
        "only_public": only_public,
        "is_party": rules.is_party(actor, case),
        "acts": faces,
        "first_acts": list(reversed(faces[:4])),
        "more_acts": faces[4:],
        "main_act": faces[0] if faces else None,
        "clock": clocks.own,
        "stage_clock": clocks.stage,
        "ground": _ground(actor, case),
        "told": told,
        "steps": steps,
        "next_step": _next(case),
        "stages": _stages(actor, case),
        "joined": _joined(tasks, clocks.joined),
        "where": territory.grid_words(seen_by=actor, area=case.area),
        "parties": parties,
        "raisers": sum(1 for party in parties if party.via != "follows"),
        "named": [party for party in parties if party.via == "named"],
        "whole": queries.whole_of(seen_by=actor, case=case),
        "parts": list(queries.parts_of(seen_by=actor, case=case)) if len(kinds.kinds()) > 2 else [],
        "merged_here": list(queries.merged_into(seen_by=actor, case=case)),
        "similar": _similar(actor, case, at) if inside and case.is_open else [],
        "may_merge": any(face.code == "merge" for face in faces),
        "ratings": list(queries.ratings(seen_by=actor, case=case)) if case.is_closed else [],
        "follow_ups": list(queries.follow_ups(seen_by=actor, case=case)) if case.worst_rating else [],
        "ledger": _ledger(actor, case),
        "severity_word": forms.SEVERITY_WORDS.get(case.severity, ""),
    }


# ---- the story ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Photo:
    """A picture or paper of a step, as the timeline shows it."""

    thumb: str
    large: str
    alt: str
    is_image: bool
    name: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as this reader may read it."""

    step: "Step"
    by: str
    target: str = ""
    text: str = ""
    internal: str = ""
    notes: list[str] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    link: str = ""
    link_words: str = ""


def step_views(actor: Actor, case: "Case", *, only_public: bool = False) -> list[StepView]:
    """Return the steps of a case for this reader, newest first."""
    inside = rules.sees_internal(actor, case) and not only_public
    found = queries.steps(seen_by=actor, case=case)
    named = {step.details["organ"] for step in found if isinstance(step.details.get("organ"), int)}
    names = {organ.pk: str(organ) for organ in organs.organs(seen_by=actor).filter(pk__in=named)} if named else {}
    shown = []
    for step in found:
        if only_public and step.internal_text and not step.public_text:
            continue
        shown.append(
            StepView(
                step=step, by=_by(step, case, inside), target=names.get(step.details.get("organ"), ""), text=step.public_text,
                internal=step.internal_text if inside else "", notes=_notes(step), photos=_photos(step, inside),
                link=f"/cases/{step.details['into']}/" if "into" in step.details else "",
                link_words=step.details.get("into_number", "") or step.details.get("into", ""),
            )
        )  # fmt: skip
    return shown


def _told_first(steps: list[StepView]) -> tuple[StepView | None, list[StepView]]:
    """Return what the case began with, to stand first, and the steps without saying it twice; None where it began without words or photos."""
    first = next((view for view in steps if view.step.act == Act.OPEN.value), None)
    if first is None or not (first.text or first.photos):
        return None, steps
    return first, [replace(view, text="", photos=[]) if view is first else view for view in steps]


def _by(step: "Step", case: "Case", inside: bool) -> str:
    """Say who did it: a post by its name; a resident only to those who work on the case."""
    if step.by == "clock":
        return _("the clock")
    if step.act == Act.ASSIGN.value and step.details.get("by_list"):
        return _("by the responsibility list")
    if step.by.startswith("system:"):
        return _("another system (%(name)s)") % {"name": step.by.removeprefix("system:")}
    if step.by.startswith("sensing."):
        return _("a sensor")
    if step.person_id is None:
        return _("a resident, by follow code")
    is_resident = step.person is not None and step.person.kind in ("resident", "migrant")
    if is_resident:
        return str(step.person) if inside else _("a resident")
    return " · ".join(str(part) for part in (step.organ, step.person) if part)


def _notes(step: "Step") -> list[str]:
    """Return the short facts of a step in words: reason, clause, what was measured."""
    details, notes = step.details, []
    if step.reason:
        notes.append(step.reason)
    if ground := details.get("ground"):
        notes.append(str(forms.GROUND_WORDS.get(ground, ground)))
    if step.clause:
        notes.append(_("Basis: %(clause)s") % {"clause": step.clause})
    if details.get("amount") and details.get("unit"):
        notes.append(_("%(amount)s %(unit)s more") % {"amount": details["amount"], "unit": forms.UNIT_WORDS[details["unit"]]})
    if details.get("times"):
        notes.append(_("Return no. %(n)s") % {"n": details["times"]})
    if details.get("binding"):
        notes.append(_("The committee's ruling; it binds."))
    if details.get("is_order"):
        notes.append(_("An order to a firm."))
    if details.get("required"):
        notes.append(_("The case waits for it."))
    if details.get("by_reading"):
        notes.append(_("Proved by clean readings."))
    elif details.get("on_site"):
        metres = details.get("metres_from_place")
        notes.append(_("On site, %(metres)s m from the place.") % {"metres": metres} if metres is not None else _("On site."))
    if details.get("level"):
        said = [str(forms.TAG_WORDS.get(tag, tag)) for tag in details.get("tags") or []]
        notes += [str(forms.RATING_WORDS.get(details["level"], "")), *said]
    if details.get("severity"):
        notes.append(str(forms.SEVERITY_WORDS.get(details["severity"], "")))
    if "from" in details and "to" in details:
        notes.append(f"{details['from'] or '—'} → {details['to']}")
    return notes


def _photos(step: "Step", inside: bool) -> list[Photo]:
    shown = []
    for n, paper in enumerate(step.papers.all(), start=1):
        attachment = paper.attachment
        is_image = attachment.content_type.startswith("image/")
        alt = _("Photo %(n)s: %(act)s") % {"n": n, "act": step.act_word}
        shown.append(Photo(thumb=attachment.thumb_url, large=attachment.large_url, alt=alt, is_image=is_image, name=attachment.name))
    return shown


def _next(case: "Case") -> dict[str, Any] | None:
    """Return what is waited for now: the stage and who has it."""
    if not case.is_open or case.procedure is None:
        return None
    definition = queries.procedure_of(seen_by=ANYONE, case=case)
    stage = definition.stages.get(case.stage)
    if stage is None:
        return None
    return {"title": stage.words(get_language() or "zh"), "holder": case.holder, "due_at": case.next_due_at}


# ---- time and stages ------------------------------------------------------------------------------------------------
def _ground(actor: Actor, case: "Case") -> Any:
    ground = queries.grounds_of_list(seen_by=actor, cases=[case]).get(case.pk)
    return forms.GROUND_WORDS.get(ground, "") if ground else ""


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of the procedure on the strip of a case."""

    title: str
    owner: str
    is_done: bool
    is_current: bool


def _stages(actor: Actor, case: "Case") -> list[StageView]:
    if case.procedure is None:
        return []
    definition = queries.procedure_of(seen_by=actor, case=case)
    words = queries.owner_words(seen_by=actor)
    language = get_language() or "zh"
    codes = list(definition.stages)
    place = codes.index(case.stage) if case.stage in codes else len(codes) if not case.is_open else -1
    return [
        StageView(stage.words(language), str(words.get(stage.owner, stage.owner)), n < place, n == place)
        for n, stage in enumerate(definition.stages.values())
    ]


# ---- who ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Joined:
    """A unit that joined, with its own clock."""

    task: "Task"
    clock: Any
    chip: str
    icon: str


def _joined(tasks: "Sequence[Task]", clocks: dict[int, Any]) -> list[Joined]:
    shown = []
    for task in tasks:
        clock = clocks.get(task.pk)
        if task.is_waiting:
            chip = clock.state if clock else "open"
            shown.append(Joined(task, clock, chip, "triangle-alert" if chip == "late" else "clock"))
        else:
            shown.append(Joined(task, clock, "ok" if task.state == "answered" else "stop", "circle-check" if task.state == "answered" else "x"))
    return shown


def _similar(actor: Actor, case: "Case", at: datetime) -> list[Any]:
    return queries.similar(
        seen_by=actor, text=f"{case.title}{case.text}", at=at, category_id=case.category_id, longitude=case.longitude, latitude=case.latitude,
        but_id=case.pk, most=MOST_SIMILAR,
    )  # fmt: skip


def _ledger(actor: Actor, case: "Case") -> dict[str, Any] | None:
    """Return how many entries the ledger has of this case, the last one, and where to read them."""
    entries = list(ledger_queries.entries_for(seen_by=actor, subject=ref(case)))
    if not entries:
        return None
    last = next((entry for entry in reversed(entries) if entry.hash), entries[-1])
    return {"count": len(entries), "last": last, "url": f"/ledger/subjects/{ref(case)}/"}
