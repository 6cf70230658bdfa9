"""Pages of the response: what is under way, the board, what can be done on it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.live import stream_url
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.management_line.emergencies import forms, operations, queries, rules
from gongzhi.management_line.emergencies.models import LEVEL_STATE, LEVEL_WORDS, EmergencyDuty, own

MOST_TASKS = 200  # of a unit on one page


def areas_of(actor: Actor) -> list[tuple[int, str]]:
    """Return the communities as choices."""
    return [(area.pk, area.name) for area in territory.present_areas(seen_by=actor) if area.level == "community"]


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show what is under way, what waits for the reader's unit, alerts in force, what ended."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_see_plans, actor)
    return page(
        request, "emergencies/index.html",
        {
            "now": at, "current": [(one, queries.situation(seen_by=actor, emergency=one, at=at)) for one in queries.emergencies(seen_by=actor, current=True)],
            "ended": list(queries.emergencies(seen_by=actor, current=False)[:20]), "alerts": queries.alerts_in_force(seen_by=actor, at=at),
            "mine": [(duty, duty.is_late(at)) for duty in queries.waiting_duties(seen_by=actor, organ_ids=actor.organ_ids)[:MOST_TASKS]],
            "may_command": rules.may_command(actor), "may_alert": rules.may_alert(actor),
        },
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Declare an emergency, or begin a drill."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_command, actor)
    found = list(queries.plans_in_force(seen_by=actor))
    form = forms.DeclareForm(
        [(one.pk, one.label) for one in found], areas_of(actor), request.POST or None,
        initial={"plan": request.GET.get("plan", ""), "level": request.GET.get("level", "") or 3},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = attempt(form, lambda: operations.declare(
            by=actor, at=at, plan_id=given["plan"], level=given["level"], reason=given["reason"], is_drill=given["is_drill"], area_id=given["area"]
        ))  # fmt: skip
        if made is not None:
            messages.success(request, _("Declared. The units have their tasks."))
            return HttpResponseRedirect(f"/emergencies/{made.case.slug}/")
    return page(request, "emergencies/new.html", {"form": form, "has_plans": bool(found)}, status=422 if form.errors else 200)


# ---- the board ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class UnitView:
    """The tasks of one unit on the board: open ones by due time, late ones first."""

    organ: Any
    open: list[tuple[EmergencyDuty, int, bool]]  # task, minutes left (past: over), whether this reader may report on it
    done: int
    total: int

    @property
    def share(self) -> float:
        return round(100 * self.done / self.total, 1) if self.total else 0.0


def _units(actor: Actor, found: list[EmergencyDuty], at: datetime) -> list[UnitView]:
    by_unit: dict[Any, list[EmergencyDuty]] = defaultdict(list)
    for duty in found:
        if duty.state != "lifted":
            by_unit[duty.organ].append(duty)
    views = [
        UnitView(
            organ, [(duty, int((duty.due_at - at).total_seconds() // 60), rules.may_work_on(actor, duty)) for duty in listed if duty.is_waiting],
            sum(duty.state == "done" for duty in listed), len(listed),
        )
        for organ, listed in by_unit.items()
    ]  # fmt: skip
    return sorted(views, key=lambda view: (not view.open, min((left for _duty, left, _may in view.open), default=0), str(view.organ)))


def _bars(found: queries.Situation) -> list[tuple[str, float, float]]:
    """Return the bar of people: (state, where it begins, how wide) in per cent."""
    whole = max(found.expected, 1)
    arrived = 100 * (found.expected - found.missing) / whole
    return [("ok", 0.0, round(arrived, 2)), ("late", round(arrived, 2), round(100 - arrived, 2))] if found.expected else []


@require_safe
@never_cache
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the board of an emergency to those who work on it; everybody else reads its case."""
    actor, at = actor_of(request), timezone.now()
    if not rules.may_see_plans(actor):
        return HttpResponseRedirect(f"/cases/{slug}/")
    emergency = queries.emergency_for(seen_by=actor, slug=slug)
    found = queries.situation(seen_by=actor, emergency=emergency, at=at)
    duties = queries.duties(seen_by=actor, emergency=emergency)
    level = emergency.plan.plan.levels[emergency.level]
    minutes = int((at - emergency.declared_at).total_seconds() // 60)
    return page(
        request, "emergencies/board.html",
        {
            "now": at, "emergency": emergency, "case": emergency.case, "situation": found, "units": _units(actor, duties, at), "bars": _bars(found),
            "ended_duties": [duty for duty in duties if not duty.is_waiting], "log": queries.log(seen_by=actor, emergency=emergency),
            "may_command": rules.may_command(actor) and emergency.is_current, "may_log": rules.may_log(actor) and emergency.is_current,
            "places": level.places, "level_text": own(level.text), "live": stream_url(request, f"emergency:{emergency.pk}"),
            "lasted": (minutes // 60, minutes % 60), "report_every": level.report_every,
            "levels": [(number, LEVEL_WORDS[number], LEVEL_STATE[number]) for number in emergency.plan.plan.levels if number != emergency.level],
            "conditions": [
                (_("Everybody is accounted for"), found.missing == 0, _("%(n)d missing") % {"n": found.missing}),
                (_("No task is late"), found.late == 0, _("%(n)d late") % {"n": found.late}),
                (_("Every task has been taken up"), found.not_taken == 0, _("%(n)d not taken up") % {"n": found.not_taken}),
            ],
        },
        fragment="emergencies/_board.html",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that can be done on the board: its page, its form, its act."""

    title: Any
    icon: str
    form: Callable[..., Any]
    may: Callable[[Actor], bool]
    act: Callable[..., Any]
    done: Any
    lead: Any = ""


def _units_as_choices(actor: Actor, at: datetime) -> list[tuple[int, str]]:
    return [(organ.pk, str(organ)) for organ in organs.open_organs(seen_by=actor, on=territory.day_of(seen_by=actor, at=at)).exclude(kind="enterprise")]


DOINGS: dict[str, Doing] = {
    "level": Doing(
        title=gettext_lazy("Change the level"), icon="siren", may=rules.may_command, done=gettext_lazy("The level is changed; the units have their tasks."),
        form=lambda emergency, actor, at, *given, **more: forms.LevelForm(
            [level for level in emergency.plan.plan.levels if level != emergency.level], *given, **more
        ),
        act=lambda given, **who: operations.change_level(level=given["level"], reason=given["reason"], **who),
        lead=gettext_lazy("Raising gives the tasks that have not been given yet; what was given stays."),
    ),
    "stand-down": Doing(
        title=gettext_lazy("Stand down"), icon="circle-check", may=rules.may_command,
        done=gettext_lazy("Stood down. The review is due within twenty working days."),
        form=lambda emergency, actor, at, *given, **more: forms.StandDownForm(*given, **more),
        act=lambda given, **who: operations.stand_down(reason=given["reason"], anyway=given["anyway"], **who),
        lead=gettext_lazy("Open tasks are lifted, the town's own alerts of it cancelled, and the case goes on to its review."),
    ),
    "log": Doing(
        title=gettext_lazy("Write in the log"), icon="message-square", may=rules.may_log, done=gettext_lazy("Written."),
        form=lambda emergency, actor, at, *given, **more: forms.LogForm(*given, **more),
        act=lambda given, key="", **who: operations.write_log(text=given["text"], sort=given["sort"], submission_key=key or None, **who),
        lead=gettext_lazy("What stands in the log is never changed."),
    ),
    "count": Doing(
        title=gettext_lazy("Count people"), icon="users", may=rules.may_log, done=gettext_lazy("Counted."),
        form=lambda emergency, actor, at, *given, **more: forms.CountForm(*given, **more),
        act=lambda given, key="", **who: operations.write_log(sort="count", submission_key=key or None, **given, **who),
        lead=gettext_lazy("The last count of each place holds."),
    ),
    "task": Doing(
        title=gettext_lazy("Give another task"), icon="plus", may=rules.may_command, done=gettext_lazy("Given."),
        form=lambda emergency, actor, at, *given, **more: forms.DutyForm(_units_as_choices(actor, at), *given, **more),
        act=lambda given, **who: operations.give_duty(organ_id=given["organ"], title=given["title"], minutes=given["minutes"], **who),
    ),
}  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """Change the level, write in the log, count people, give a task, stand down: a page of its own for each."""
    actor, at = actor_of(request), timezone.now()
    doing = DOINGS.get(what)
    if doing is None:
        raise Http404
    admit(doing.may, actor)
    emergency = queries.emergency_for(seen_by=actor, slug=slug)
    initial = {name: value for name, value in request.GET.items() if name in ("level", "place")}
    form = doing.form(emergency, actor, at, request.POST or None, initial=initial)
    key = request.POST.get("key", "")[:40] or get_random_string(20)
    if request.method == "POST" and form.is_valid():
        who: dict[str, Any] = {"by": actor, "at": at, "emergency_id": emergency.pk}
        if what in ("log", "count"):
            who["key"] = key
        if attempt(form, lambda: doing.act(form.cleaned_data, **who)) is not None:
            messages.success(request, str(doing.done))
            return HttpResponseRedirect(f"/emergencies/{slug}/")
    context = {"form": form, "doing": doing, "emergency": emergency, "case": emergency.case, "key": key, "url": f"/emergencies/{slug}/{what}/"}
    return page(request, "emergencies/do.html", context, status=422 if form.errors else 200)


@require_POST
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the situation report now."""
    actor = actor_of(request)
    admit(rules.may_log, actor)
    operations.make_report(by=actor, at=timezone.now(), emergency_id=queries.emergency_for(seen_by=actor, slug=slug).pk)
    messages.success(request, _("The report stands in the log."))
    return HttpResponseRedirect(f"/emergencies/{slug}/")


@never_cache
@require_http_methods(["GET", "POST"])
def duty(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Report on a task."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_see_plans, actor)
    found = queries.duty_for(seen_by=actor, duty_id=duty_id)
    admit(rules.may_work_on, actor, found)
    form = forms.EndDutyForm(request.POST or None)
    key = request.POST.get("key", "")[:40] or get_random_string(20)
    case = found.emergency.case
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        ended = attempt(form, lambda: operations.end_duty(
            by=actor, at=at, duty_id=duty_id, done=given["done"] == "yes", result=given["result"], submission_key=key
        ))  # fmt: skip
        if ended is not None:
            messages.success(request, _("Reported."))
            return HttpResponseRedirect(f"/emergencies/{case.slug}/")
    context = {"form": form, "duty": found, "emergency": found.emergency, "case": case, "key": key, "url": f"/emergencies/duties/{duty_id}/", "now": at}
    return page(request, "emergencies/do.html", context, status=422 if form.errors else 200)


@require_POST
def take_duty(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Take a task up."""
    taken = operations.take_duty(by=actor_of(request), at=timezone.now(), duty_id=duty_id)
    messages.success(request, _("Taken up."))
    return HttpResponseRedirect(f"/emergencies/{taken.emergency.case.slug}/")
