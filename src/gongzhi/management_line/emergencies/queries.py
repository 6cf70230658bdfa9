"""Questions about emergencies: plans, boards, the situation, alerts in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from gongzhi.cases import queries as cases
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.management_line.emergencies.models import Emergency, EmergencyDuty, EmergencyEntry, EmergencyPlan, PublicAlert, PublicAlertQuerySet, sees_boards


def plans_of_town(*, seen_by: Actor) -> QuerySet[EmergencyPlan]:
    """Return every version of the plans that this actor may read, by code, newest first."""
    return EmergencyPlan.objects.visible_to(seen_by).select_related("drafted_by").order_by("code", "-version")


def plan_by_id(*, seen_by: Actor, plan_id: int) -> EmergencyPlan:
    """Return one version of a plan."""
    return EmergencyPlan.objects.visible_to(seen_by).select_related("drafted_by").get(pk=plan_id)


def plans_in_force(*, seen_by: Actor) -> QuerySet[EmergencyPlan]:
    """Return the plans in force."""
    return EmergencyPlan.objects.visible_to(seen_by).filter(state="in_force").order_by("title")


def emergencies(*, seen_by: Actor, current: bool | None = None) -> QuerySet[Emergency]:
    """Return emergencies and drills, newest first; with `current`, only those that last (or have ended)."""
    found = Emergency.objects.visible_to(seen_by).select_related("case", "plan", "area").order_by("-declared_at")
    return found if current is None else found.filter(stood_down_at__isnull=current)


def emergency_for(*, seen_by: Actor, slug: str) -> Emergency:
    """Return the emergency whose case has this address; raises DoesNotExist."""
    return emergencies(seen_by=seen_by).get(case_id=cases.case_for(seen_by=seen_by, slug=slug).pk)


def emergency_of_case(*, seen_by: Actor, case_id: int) -> Emergency | None:
    """Return the emergency of a case, or None."""
    return emergencies(seen_by=seen_by).filter(case_id=case_id).first()


def duties(*, seen_by: Actor, emergency: Emergency) -> list[EmergencyDuty]:
    """Return the tasks of an emergency in order of their due times."""
    return list(EmergencyDuty.objects.visible_to(seen_by).filter(emergency=emergency).select_related("organ", "done_by").order_by("due_at", "pk"))


def duty_for(*, seen_by: Actor, duty_id: int) -> EmergencyDuty:
    """Return one task."""
    return EmergencyDuty.objects.visible_to(seen_by).select_related("emergency__case", "emergency__plan", "organ").get(pk=duty_id)


def waiting_duties(*, seen_by: Actor, organ_ids: Iterable[int]) -> QuerySet[EmergencyDuty]:
    """Return the tasks that wait for these units, those due first."""
    found = EmergencyDuty.objects.visible_to(seen_by).waiting().filter(organ_id__in=list(organ_ids), emergency__stood_down_at__isnull=True)
    return found.select_related("emergency__case", "emergency__plan", "organ").order_by("due_at", "pk")


def log(*, seen_by: Actor, emergency: Emergency, most: int = 300) -> list[EmergencyEntry]:
    """Return the log, newest first."""
    return list(EmergencyEntry.objects.visible_to(seen_by).filter(emergency=emergency).select_related("organ").order_by("-at", "-pk")[:most])


@dataclass(frozen=True, slots=True)
class Count:
    """People at one place, as they were counted last."""

    place: str
    expected: int
    arrived: int
    at: datetime

    @property
    def missing(self) -> int:
        return max(self.expected - self.arrived, 0)


@dataclass(frozen=True, slots=True)
class Situation:
    """How an emergency stands at a moment; made from tasks and log alone."""

    at: datetime
    duties: int
    done: int
    late: int
    failed: int
    not_taken: int
    counts: tuple[Count, ...]

    @property
    def expected(self) -> int:
        return sum(count.expected for count in self.counts)

    @property
    def arrived(self) -> int:
        return sum(count.arrived for count in self.counts)

    @property
    def missing(self) -> int:
        """Return how many people are not accounted for; one place with too many does not hide another with too few."""
        return sum(count.missing for count in self.counts)


def situation(*, seen_by: Actor, emergency: Emergency, at: datetime) -> Situation:
    """Return how it stands: tasks by state, and the last count of each place. Whoever asks: the board is for those who work for the town."""
    found = list(EmergencyDuty.objects.filter(emergency=emergency))
    last: dict[str, Count] = {}
    counted = EmergencyEntry.objects.filter(emergency=emergency, sort="count", at__lte=at).order_by("at", "pk")
    for entry in counted.values_list("place", "expected", "arrived", "at"):
        place, expected, arrived, counted_at = entry
        last[place] = Count(place, expected or 0, arrived or 0, counted_at)
    return Situation(
        at=at, duties=sum(duty.state != "lifted" for duty in found), done=sum(duty.state == "done" for duty in found),
        late=sum(duty.is_waiting and duty.is_late(at) for duty in found), failed=sum(duty.state == "failed" for duty in found),
        not_taken=sum(duty.state == "given" for duty in found), counts=tuple(last.values()),
    )  # fmt: skip


def reports_due(*, seen_by: Actor, at: datetime) -> list[Emergency]:
    """Return emergencies whose situation report is due. Whoever asks: the clock."""
    return list(Emergency.objects.current().filter(report_due_at__lte=at).select_related("plan", "case"))


def alerts(*, seen_by: Actor) -> PublicAlertQuerySet:
    """Return alerts that this actor may see, newest first; their XML, up to a megabyte each, is read by who asks for it."""
    return PublicAlert.objects.visible_to(seen_by).defer("content").order_by("-sent_at", "-pk")


GRAVEST_FIRST = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
REMEMBERED = ("emergencies.alerts:True", "emergencies.alerts:False")  # by whether the reader sees those of drills too


def alerts_in_force(*, seen_by: Actor, at: datetime) -> list[PublicAlert]:
    """Return the alerts in force, gravest first. Every page asks at its head, so they are remembered for some seconds."""

    def find() -> list[PublicAlert]:
        return list(alerts(seen_by=seen_by).in_force(at).exclude(kind="Cancel")[:20])

    held = remember(f"emergencies.alerts:{sees_boards(seen_by)}", find)
    return sorted((alert for alert in held if alert.is_in_force(at)), key=lambda alert: GRAVEST_FIRST.index(alert.severity))


def alert_for(*, seen_by: Actor, alert_id: int) -> PublicAlert:
    """Return one alert."""
    return PublicAlert.objects.visible_to(seen_by).select_related("replaced_by", "emergency__case").get(pk=alert_id)

