"""Sources, outlets, permits, and what an outlet has used of its yearly quantity."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.units import CannotConvert
from gongzhi.management_line.sources import amounts
from gongzhi.management_line.sources.models import Outlet, Permit, PermitLimit, ReturnedAmount, Source
from gongzhi.management_line.standards import emission
from gongzhi.management_line.standards.edition import CannotAssess, Judgement, Why, why

FLOWS = {"water": "w00000", "air": "a00000"}


def sources(*, seen_by: Actor, organ_id: int | None = None) -> QuerySet[Source]:
    """Return the sources that this actor may see, those in use, by code."""
    found = Source.objects.visible_to(seen_by).filter(closed_on__isnull=True).select_related("organ", "area")
    return (found.filter(organ_id=organ_id) if organ_id is not None else found).order_by("code", "pk")


def source_for(*, seen_by: Actor, code: str) -> Source:
    """Return a source with its outlets; what one may not see is not found."""
    outlets = Outlet.objects.select_related("station", "downstream").order_by("code", "pk")
    return Source.objects.visible_to(seen_by).select_related("organ", "area").prefetch_related(Prefetch("outlets", queryset=outlets)).get(code=code)


def points(*, seen_by: Actor) -> list[tuple[Source, list[Outlet]]]:
    """Return the sources in use with their outlets, for a map: two statements."""
    return [(source, list(source.outlets.all())) for source in sources(seen_by=seen_by).prefetch_related("outlets")]


def permits(*, seen_by: Actor, source_id: int | None = None) -> QuerySet[Permit]:
    """Return the permits of sources that this actor may see, the newest first."""
    found = Permit.objects.visible_to(seen_by).select_related("source", "source__organ")
    return (found.filter(source_id=source_id) if source_id is not None else found).order_by("-valid_from", "-pk")


def permit_for(*, seen_by: Actor, number: str) -> Permit:
    """Return a permit with its limits; what one may not see is not found."""
    limits = PermitLimit.objects.select_related("outlet", "outlet__station").order_by("outlet__code", "factor", "pk")
    return Permit.objects.visible_to(seen_by).select_related("source", "source__organ").prefetch_related(Prefetch("limits", queryset=limits)).get(number=number)


def permits_ending(*, seen_by: Actor, on: date) -> tuple[int, int]:
    """Return how many sources in use have no permit in force though they had one, and how many permits end within sixty days."""
    held = Permit.objects.visible_to(seen_by).filter(source__closed_on__isnull=True)
    in_force = set(held.in_force(on).values_list("source_id", flat=True))
    expired = set(held.filter(valid_to__lt=on).values_list("source_id", flat=True)) - in_force
    return len(expired), held.in_force(on).filter(valid_to__lte=on + timedelta(days=60)).count()


def limits_of_outlets(*, seen_by: Actor, outlet_ids: Iterable[int], on: date) -> dict[int, list[PermitLimit]]:
    """Return by outlet the limits of the permits in force on a day, by factor."""
    found: dict[int, list[PermitLimit]] = defaultdict(list)
    in_force = Permit.objects.visible_to(seen_by).in_force(on)
    for limit in PermitLimit.objects.filter(outlet_id__in=list(outlet_ids), permit__in=in_force).order_by("outlet_id", "factor", "pk"):
        found[limit.outlet_id].append(limit)
    return dict(found)


def measures_of(*, seen_by: Actor) -> list[tuple[str, str]]:
    """Return (code, name) of the factors for which some permit sets a limit: what outlets give off here."""
    codes = PermitLimit.objects.filter(permit__in=Permit.objects.visible_to(seen_by)).values_list("factor", flat=True).distinct()
    return sorted((code, factors.label(code)) for code in codes)


@dataclass(slots=True)
class Usage:
    """How an outlet stands to one limit of its permit: the newest value judged, and the quantity of the year with where it comes from."""

    limit: PermitLimit
    latest: sensing.Value | None
    judged: Judgement | None
    used: amounts.Used
    share: float | None  # of the yearly quantity
    why: Why
    amount: Judgement | None = None

    @property
    def tonnes(self) -> float:
        return self.used.kilograms / 1000

    @property
    def is_over(self) -> bool:
        return self.share is not None and self.share > 1

    @property
    def state(self) -> tuple[str, Any, str]:
        """Return chip, word and icon for the yearly quantity."""
        if self.share is None:
            return "", "", ""
        if self.share > 1:
            return "late", _("above the year's quantity"), "triangle-alert"
        if self.share > 0.8:
            return "warn", _("more than four fifths used"), "clock"
        return "ok", _("within the year's quantity"), "circle-check"


def usage(*, seen_by: Actor, permit: Permit, at: datetime) -> list[Usage]:
    """Return every limit of a permit with how its outlet stands to it in the year that runs."""
    town = territory.town(seen_by=seen_by)
    today = town.local(at).date()
    first = max(date(today.year, 1, 1), permit.valid_from)
    since = max(town.local(at).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0), _midnight(town, first))
    limits = list(permit.limits.all())
    stations = {limit.outlet.station_id for limit in limits if limit.outlet.station_id}
    values = sensing.newest_values(seen_by=seen_by, station_ids=stations)
    pairs: dict[int, tuple[sensing.Value, sensing.Value]] = {}
    for limit in limits:
        own = _value(values.get(limit.outlet.station_id or 0, []), limit.factor)
        flow = _value(values.get(limit.outlet.station_id or 0, []), FLOWS[limit.outlet.medium])
        if own is not None and flow is not None and limit.year_amount is not None:
            pairs[limit.pk] = (own, flow)
    loads = sensing.loads_by_day(seen_by=seen_by, pairs=[(own.series.pk, flow.series.pk) for own, flow in pairs.values()], since=since, until=at)
    filed = ReturnedAmount.objects.filter(
        outlet_id__in={limit.outlet_id for limit in limits},
        filed__is_current=True,
        filed__state="accepted",
        filed__ends_on__gte=first,
        filed__starts_on__lte=today,
    ).select_related("filed")
    reported: dict[tuple[int, str], list[amounts.Reported]] = {}
    for one in filed:
        reported.setdefault((one.outlet_id, one.factor), []).append(amounts.Reported(one.filed.starts_on, one.filed.ends_on, one.kilograms, one.filed.title))
    return [_usage(limit, values, pairs.get(limit.pk), loads, reported, first, today, permit) for limit in limits]


def _midnight(town: Any, on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=town.zone)


def _value(values: list[sensing.Value], factor: str) -> sensing.Value | None:
    return next((value for value in values if value.series.factor == factor and value.series.aggregate == "rtd"), None)


def _usage(limit: PermitLimit, values: Any, pair: Any, loads: Any, reported: Any, first: date, today: date, permit: Permit) -> Usage:
    latest = _value(values.get(limit.outlet.station_id or 0, []), limit.factor)
    judged = None
    if latest is not None and latest.latest is not None and limit.concentration is not None:
        oxygen = _value(values.get(limit.outlet.station_id or 0, []), "a19001")
        try:
            judged = emission.judge(
                emission.OutletLimit(
                    factor=limit.factor,
                    label=limit.label,
                    limit=limit.concentration,
                    unit=limit.unit,
                    permit=permit.number,
                    since=permit.valid_from,
                    until=permit.valid_to,
                    low=limit.low,
                    reference_oxygen=limit.reference_oxygen,
                    standard=limit.standard,
                ),
                latest.latest.value,
                unit=latest.series.unit,
                on=today,
                oxygen=oxygen.latest.value if oxygen and oxygen.latest else None,
            )
        except (CannotAssess, CannotConvert):
            judged = None  # a unit that is not known, or a day outside the permit: shown without a verdict
    measured, fault = [], ""
    if pair is not None:
        own, flow = pair
        try:
            kilograms = emission.mass(1.0, own.series.unit, flow=1.0, flow_unit=flow.series.unit, seconds=3600)  # both are linear
            measured = [amounts.Measured(on, hours, product * kilograms) for on, hours, product in loads.get((own.series.pk, flow.series.pk), ())]
        except (CannotConvert, CannotAssess) as error:
            fault = str(error)
    used = amounts.used(since=first, until=today, measured=measured, reported=reported.get((limit.outlet_id, limit.factor), ()))
    amount = limit.year_kilograms
    share = used.kilograms / float(amount) if amount else None
    told = {"hours": used.measured_hours, "reports": len(used.reported_parts), "covered": round(used.covered * 100), "fault": fault}
    if fault:
        sentence = why(_("Flow and concentration cannot be multiplied (%(fault)s); %(reports)s accepted returns speak for %(covered)s %% of the days."), **told)
    elif limit.outlet.station_id is None:
        sentence = why(_("No station measures this outlet; %(reports)s accepted returns speak for %(covered)s %% of the days."), **told)
    elif pair is None:
        sentence = why(_("Flow and this factor are not both measured here; %(reports)s accepted returns speak for %(covered)s %% of the days."), **told)
    else:
        sentence = why(
            _("%(hours)s hours of flow × concentration and %(reports)s accepted returns speak for %(covered)s %% of the year's days; the rest is not guessed."),
            **told,
        )
    judged_amount = (
        emission.judge_amount(
            factor=limit.factor, label=limit.label, emitted=round(used.kilograms / 1000, 4), permitted=float(limit.year_amount), unit="t", permit=permit.number
        )
        if limit.year_amount is not None
        else None
    )
    return Usage(limit, latest, judged, used, share, sentence, judged_amount)
