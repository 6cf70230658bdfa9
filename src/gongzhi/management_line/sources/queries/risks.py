"""Risk sources, the places to be protected, and how near they lie."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sources.earth import bearing, compass, distance
from gongzhi.management_line.sources.models import Drill, Plan, RiskSource, SensitivePlace, Substance


@dataclass(slots=True)
class RiskNow:
    """A risk source as it stands: its substances with the sum of quantity over threshold, its newest plan and drill."""

    risk: RiskSource
    substances: list[Substance] = field(default_factory=list)
    plan: Plan | None = None
    drill: Drill | None = None

    @property
    def ratio(self) -> Decimal:
        """Return Q, the sum of quantity over threshold."""
        return sum((one.ratio for one in self.substances), Decimal(0))

    def plan_state(self, on: date) -> str:
        return self.plan.state_on(on) if self.plan is not None else "none"


def risks(*, seen_by: Actor) -> list[RiskNow]:
    """Return the risk sources in use that this actor may see, by code: four statements."""
    found = {risk.pk: RiskNow(risk) for risk in RiskSource.objects.visible_to(seen_by).filter(closed_on__isnull=True).select_related("organ").order_by("code")}
    for substance in Substance.objects.filter(risk__in=found, is_current=True).order_by("name", "pk"):
        found[substance.risk_id].substances.append(substance)
    for plan in Plan.objects.filter(risk__in=found).select_related("paper").order_by("risk", "-filed_on", "-pk").distinct("risk"):
        found[plan.risk_id].plan = plan
    for drill in Drill.objects.filter(risk__in=found).order_by("risk", "-held_on", "-pk").distinct("risk"):
        found[drill.risk_id].drill = drill
    return list(found.values())


def risk_for(*, seen_by: Actor, code: str) -> RiskSource:
    """Return a risk source with its substances, plans and drills; what one may not see is not found."""
    return RiskSource.objects.visible_to(seen_by).select_related("organ", "area").prefetch_related("substances", "plans__paper", "drills").get(code=code)


def is_paper_of_a_plan(*, seen_by: Actor, attachment_id: int) -> bool:
    """Return whether an attachment is the paper of a plan that this actor may see."""
    return Plan.objects.filter(paper_id=attachment_id, risk__in=RiskSource.objects.visible_to(seen_by)).exists()


def sensitive_places(*, seen_by: Actor) -> QuerySet[SensitivePlace]:
    """Return the places to be protected that this actor may see, by kind and name."""
    return SensitivePlace.objects.visible_to(seen_by).filter(closed_on__isnull=True).order_by("kind", "name", "pk")


@dataclass(frozen=True, slots=True)
class Near:
    """A place to be protected near a risk source: metres, and in which direction it lies."""

    place: SensitivePlace
    metres: float
    degrees: float

    @property
    def direction(self) -> str:
        return compass(self.degrees)


def near(*, seen_by: Actor, longitude: float, latitude: float, radius: float) -> list[Near]:
    """Return the places to be protected within a radius in metres of a point, the nearest first."""
    found = []
    for place in sensitive_places(seen_by=seen_by):
        metres = distance((longitude, latitude), (place.longitude, place.latitude))
        if metres <= radius:
            found.append(Near(place, metres, bearing((longitude, latitude), (place.longitude, place.latitude))))
    return sorted(found, key=lambda one: (one.metres, one.place.pk))
