"""What firms report, and which of them count as high."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sources import intensity as arithmetic
from gongzhi.management_line.sources.models import Outlet, Return, Threshold
from gongzhi.management_line.sources.models.returns import measure_label, measure_unit


def returns(*, seen_by: Actor, organ_id: int | None = None, state: str = "") -> QuerySet[Return]:
    """Return the filings that hold (not those replaced by a later one), the newest period first."""
    found = Return.objects.visible_to(seen_by).newest_versions().select_related("organ")
    if organ_id is not None:
        found = found.filter(organ_id=organ_id)
    if state:
        found = found.filter(state=state)
    return found.order_by("-starts_on", "organ_id", "-pk")


def return_for(*, seen_by: Actor, return_id: int) -> Return:
    """Return a filing with its amounts; what one may not see is not found."""
    return Return.objects.visible_to(seen_by).select_related("organ", "replaces").prefetch_related("amounts__outlet").get(pk=return_id)


def outlets_of_firm(*, seen_by: Actor, organ_id: int) -> QuerySet[Outlet]:
    """Return a firm's outlets in use, by source and code. Whoever asks: the firm given is the own one, or faces admit staff."""
    return (
        Outlet.objects.filter(source__organ_id=organ_id, source__closed_on__isnull=True, closed_on__isnull=True)
        .select_related("source")
        .order_by("source__code", "code")
    )


def thresholds(*, seen_by: Actor, on: date | None = None) -> QuerySet[Threshold]:
    """Return the thresholds of the three highs, all or those that hold on a day. Whoever asks: thresholds are public."""
    found = Threshold.objects.all()
    return (found.valid_on(on) if on is not None else found).order_by("measure", "-valid_from")


@dataclass(slots=True)
class FirmIntensity:
    """A firm over the last year of accepted returns: each measure with its threshold, and which are high."""

    organ: Any
    since: date
    until: date
    returns: int
    measures: list[arithmetic.Intensity]

    @property
    def highs(self) -> list[arithmetic.Intensity]:
        return [one for one in self.measures if one.is_high]

    @property
    def is_high(self) -> bool:
        return bool(self.highs)

    @property
    def high_words(self) -> list[Any]:
        return [measure_label(one.measure) for one in self.highs]

    def value(self, measure: str) -> arithmetic.Intensity | None:
        return next((one for one in self.measures if one.measure == measure), None)

    @property
    def worst(self) -> float:
        """Return the largest quotient over its threshold, 0 where none is set."""
        return float(max((one.times for one in self.measures if one.times is not None), default=0))


def highs(*, seen_by: Actor, on: date) -> list[FirmIntensity]:
    """Return every firm with accepted returns in the year before the day, those highest above a threshold first: four statements.

    The year ends with the newest period that ended before the day; the thresholds are those in force on that last day.
    """
    found = Return.objects.visible_to(seen_by).newest_versions().filter(state=Return.State.ACCEPTED, ends_on__lt=on, starts_on__gte=_year_before(on))
    by_firm: dict[int, list[Return]] = defaultdict(list)
    for one in found.prefetch_related("amounts").order_by("organ_id", "starts_on"):
        by_firm[one.organ_id].append(one)
    names = {organ.pk: organ for organ in organs.organs(seen_by=seen_by).filter(pk__in=by_firm)}
    limits = list(thresholds(seen_by=seen_by))
    result = [_firm(names[organ_id], filed, limits) for organ_id, filed in by_firm.items()]
    return sorted(result, key=lambda one: (-one.worst, one.organ.pk))


def _year_before(on: date) -> date:
    """Return the first day of the month a year before."""
    return date(on.year - 1, on.month, 1)


def _reported(one: Return) -> arithmetic.Reported:
    emissions: dict[str, Any] = {}
    for amount in one.amounts.all():
        emissions[amount.factor] = emissions.get(amount.factor, arithmetic.ZERO) + amount.kilograms
    return arithmetic.Reported(title=one.title, output=one.output_value, energy=one.energy, water=one.water, emissions=emissions)


def _in_force(limits: Iterable[Threshold], measure: str, on: date) -> Threshold | None:
    return next((one for one in limits if one.measure == measure and one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)), None)


def _firm(organ: Any, filed: Sequence[Return], limits: Sequence[Threshold]) -> FirmIntensity:
    until = max(one.ends_on for one in filed)
    given = [_reported(one) for one in filed]
    names = ["energy", "water", *sorted({factor for one in given for factor in one.emissions})]
    measures = []
    for measure in names:
        limit = _in_force(limits, measure, until)
        measures.append(arithmetic.intensity(measure, given, limit=limit.limit if limit else None, basis=limit.basis if limit else ""))
    return FirmIntensity(organ, min(one.starts_on for one in filed), until, len(filed), measures)


def intensities_of(*, seen_by: Actor, filed: Return) -> list[tuple[Any, str, arithmetic.Intensity]]:
    """Return what one return comes to, each with its name and unit."""
    firm = _firm(filed.organ, [filed], list(thresholds(seen_by=seen_by)))
    return [(measure_label(one.measure), measure_unit(one.measure), one) for one in firm.measures]


def firm_trend(*, seen_by: Actor, organ_id: int, on: date, months: int = 24) -> tuple[FirmIntensity | None, list[tuple[Return, list[arithmetic.Intensity]]]]:
    """Return a firm's year and its accepted returns of the last two years one by one, oldest first, each with its intensities."""
    found = Return.objects.visible_to(seen_by).newest_versions().filter(organ_id=organ_id, state=Return.State.ACCEPTED, ends_on__lt=on)
    filed = list(found.filter(starts_on__gt=on - timedelta(days=31 * months)).select_related("organ").prefetch_related("amounts").order_by("starts_on", "pk"))
    if not filed:
        return None, []
    limits = list(thresholds(seen_by=seen_by))
    year = [one for one in filed if one.starts_on >= _year_before(on)]
    whole = _firm(filed[-1].organ, year, limits) if year else None
    return whole, [(one, _firm(one.organ, [one], limits).measures) for one in filed]
