"""Questions about rules of warnings, what they found, and forecasts; each scoped to who asks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.warnings import forecast
from gongzhi.management_line.warnings.models import ForecastModel, WarningRule

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.models import Episode, Series

HOUR = timedelta(hours=1)
CAUSES = tuple(WarningRule.Cause.values)
TESTED_WEEKS = 26
NEEDED_HOURS = 96  # of the past, for a forecast now


def warning_rules(*, seen_by: Actor) -> QuerySet[WarningRule]:
    """Return every rule of warnings, those in force or to come first; rules are public as limits are, those of hidden stations not."""
    stations = sensing.stations(seen_by=seen_by).values("pk")
    found = WarningRule.objects.select_related("station", "category")
    return (found.filter(station__isnull=True) | found.filter(station__in=stations)).order_by("cause", "factor", "pk")


def rules_in_force(*, seen_by: Actor, at: datetime, hourly: bool) -> list[WarningRule]:
    """Return the rules that hold on the day and are judged by the hour, or every five minutes."""
    found = WarningRule.objects.valid_on(sensing.day_of(seen_by=seen_by, at=at)).select_related("station").order_by("pk")
    return [rule for rule in found if (rule.cause in WarningRule.HOURLY) is hourly]


def fired(*, seen_by: Actor, open_only: bool = False, causes: Collection[str] = CAUSES) -> "QuerySet[Episode]":
    """Return what the rules found at stations this actor may see, newest first."""
    return sensing.episodes(seen_by=seen_by, open_only=open_only, because_of=causes)


# ---- hours of series ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """A series hour by hour without holes: `values` NaN where nothing valid was measured, `hours` local hours since Monday 1970-01-05."""

    begins_at: datetime
    values: NDArray[np.float64]
    hours: NDArray[np.int64]

    def moment(self, place: int) -> datetime:
        """Return when an hour begins; places beyond the end are hours to come."""
        return self.begins_at + place * HOUR


def hour_of(*, seen_by: Actor, at: datetime) -> datetime:
    """Return when the last whole hour began. Whoever asks: it reads nothing."""
    return at.replace(minute=0, second=0, microsecond=0) - HOUR


def lines(*, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime) -> dict[int, Line]:
    """Return series by the hours that begin in [since, until), each whole hour; a thousand series are read at once, so that memory stays small."""
    ids = list(series_ids)
    since, until = since.replace(minute=0, second=0, microsecond=0), until.replace(minute=0, second=0, microsecond=0)
    count = max(0, int((until - since) / HOUR))
    local = territory.town(seen_by=seen_by).local(since).replace(tzinfo=None)
    first = int((local - datetime(1970, 1, 5)) / HOUR)
    hours = first + np.arange(count, dtype=np.int64)
    found = {}
    for begin in range(0, len(ids), 1000):
        part = ids[begin : begin + 1000]
        known = sensing.hour_means(seen_by=seen_by, series_ids=part, since=since, until=until)
        for pk in part:
            values = np.full(count, np.nan)
            if pk in known:
                places, means = known[pk]
                values[places] = means
            found[pk] = Line(since, values, hours)
    return found


# ---- forecasts ------------------------------------------------------------------------------------------------------
def models_of(*, seen_by: Actor, series_ids: Iterable[int]) -> dict[int, ForecastModel]:
    """Return the newest fitted forecast of each of these series that has one; its score is read when it is asked for.

    Whoever asks: the series given are of stations that they may see.
    """
    found = ForecastModel.objects.filter(series_id__in=list(series_ids)).order_by("series_id", "-trained_at").distinct("series_id").defer("score")
    return {model.series_id: model for model in found}


def scores_of(*, seen_by: Actor, model_ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """Return what the backtests of these forecasts said. Whoever asks: the forecasts given are of stations that they may see."""
    return {pk: score or {} for pk, score in ForecastModel.objects.filter(pk__in=list(model_ids)).values_list("pk", "score")}


def trained_series(*, seen_by: Actor, station_id: int) -> set[int]:
    """Return which series of a station have a forecast. Whoever asks: the station given is one that they may see."""
    return set(ForecastModel.objects.filter(series__station_id=station_id, fitted__isnull=False).values_list("series_id", flat=True))


def limit_for(*, seen_by: Actor, series_id: int, at: datetime) -> tuple[float, bool] | None:
    """Return (limit, whether what is below it is too much) of a series on the day, the strictest of several; None where none is set."""
    own = sensing.limits_by_series(seen_by=seen_by, on=sensing.day_of(seen_by=seen_by, at=at)).get(series_id, [])
    above = [rule.limit for rule in own if rule.comparator == "above"]
    below = [rule.limit for rule in own if rule.comparator == "below"]
    return (min(above), False) if above else (max(below), True) if below else None


def to_train(*, seen_by: Actor, at: datetime, older_than: timedelta) -> dict[int, tuple[float | None, int]]:
    """Return the series that a rule of forecasts reaches and that have no forecast, or an old one, each with what its warnings
    are to be tested with: the rule's own limit (None: the limit in force) and its horizon in hours."""
    wanted: dict[int, tuple[float | None, int]] = {}
    for rule in rules_in_force(seen_by=seen_by, at=at, hourly=True):
        if rule.cause == WarningRule.Cause.FORECAST:
            wanted = dict.fromkeys(series_of_rule(seen_by=seen_by, rule=rule), (rule.threshold, rule.horizon_hours)) | wanted
    fresh = set(ForecastModel.objects.filter(series_id__in=wanted, trained_at__gt=at - older_than).values_list("series_id", flat=True))
    return {pk: how for pk, how in wanted.items() if pk not in fresh}


def series_of_rule(*, seen_by: Actor, rule: WarningRule) -> dict[int, "Series"]:
    """Return the series that a rule watches, with their stations."""
    found = sensing.series_measuring(seen_by=seen_by, factor=rule.factor, aggregate=rule.aggregate, station_id=rule.station_id, station_kind=rule.station_kind)
    return {series.pk: series for series in found}


def forecasts(*, seen_by: Actor) -> list[ForecastModel]:
    """Return the newest forecast of every series at a station that this actor may see, by station and factor."""
    newest = ForecastModel.objects.order_by("series_id", "-trained_at").distinct("series_id").values("pk")
    found = ForecastModel.objects.filter(pk__in=newest, series__station__in=sensing.stations(seen_by=seen_by)).select_related("series", "series__station")
    return list(found.order_by("series__station__code", "series__factor", "pk"))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A forecast of a series as it is shown: the hours just past, and those ahead with their band."""

    past: Sequence[tuple[datetime, float | None]]
    coming: Sequence[tuple[datetime, float, float, float]]  # begin of the hour, middle, low, high


def foreseen(*, seen_by: Actor, model: ForecastModel, at: datetime, shown: int = 48) -> Foreseen | None:
    """Return what a model foresees from the last whole hour on; None where nothing of that hour or the five before it is known."""
    if model.fitted is None:
        return None
    last = hour_of(seen_by=seen_by, at=at)
    line = lines(seen_by=seen_by, series_ids=[model.series_id], since=last - (NEEDED_HOURS - 1) * HOUR, until=last + HOUR)[model.series_id]
    past = [(line.moment(place), None if np.isnan(value) else float(value)) for place, value in enumerate(line.values)][-shown:]
    if not np.isfinite(line.values[-6:]).any():
        return Foreseen(past, [])
    found = forecast.ahead(forecast.Fitted.of(model.fitted), line.values, line.hours)
    rows = zip(found.middle, found.low, found.high, strict=True)
    return Foreseen(past, [(line.moment(len(line.values) + lead), float(mid), float(low), float(high)) for lead, (mid, low, high) in enumerate(rows)])
