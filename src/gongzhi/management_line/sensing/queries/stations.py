"""Stations and what they measure."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.management_line.sensing.models import Series, Station
from gongzhi.management_line.sensing.queries.registry import registry_version


def stations(*, seen_by: Actor, kind: str = "") -> QuerySet[Station]:
    """Return the stations in use that this actor may see, by kind and code."""
    found = Station.objects.visible_to(seen_by).in_use().select_related("area", "organ")
    return (found.filter(kind=kind) if kind else found).order_by("kind", "code", "pk")


def closed_stations(*, seen_by: Actor) -> QuerySet[Station]:
    """Return the stations that are closed, of those that this actor may see, the last closed first."""
    return Station.objects.visible_to(seen_by).filter(closed_at__isnull=False).select_related("area", "organ").order_by("-closed_at", "-pk")


def stations_since(*, seen_by: Actor, since: datetime, kind: str = "") -> QuerySet[Station]:
    """Return the stations that are in use or were closed after a moment, of those that this actor may see, by kind and code."""
    found = Station.objects.visible_to(seen_by).filter(Q(closed_at__isnull=True) | Q(closed_at__gt=since)).select_related("area", "organ")
    return (found.filter(kind=kind) if kind else found).order_by("kind", "code", "pk")


def known_stations(*, seen_by: Actor) -> QuerySet[Station]:
    """Return the stations that this actor may see, closed ones too, in the order in which they were registered."""
    return Station.objects.visible_to(seen_by).order_by("pk")


def station_kinds(*, seen_by: Actor) -> list[str]:
    """Return the codes of what stations can measure. Whoever asks: words of the product."""
    return list(Station.Kind.values)


def known_series(*, seen_by: Actor) -> QuerySet[Series]:
    """Return what the stations measure or measured that this actor may see, in the order in which it was defined."""
    return Series.objects.filter(station__in=Station.objects.visible_to(seen_by)).order_by("pk")


def station_for(*, seen_by: Actor, code: str) -> Station:
    """Return a station by its code; what one may not see is not found."""
    return Station.objects.visible_to(seen_by).select_related("area", "organ", "flows_to").get(code=code)


def points_of_water(*, seen_by: Actor) -> QuerySet[Station]:
    """Return the stations in use at which water is measured, that this actor may see; water flows on from and to these."""
    return stations(seen_by=seen_by).filter(kind__in=Station.WATER)


def upstream_of(*, seen_by: Actor, station_id: int) -> QuerySet[Station]:
    """Return the stations in use whose water flows on to this one, that this actor may see."""
    return stations(seen_by=seen_by).filter(flows_to_id=station_id)


def downstream_of(*, seen_by: Actor, station: Station) -> Station | None:
    """Return the next point downstream, if there is one that this actor may see."""
    return stations(seen_by=seen_by).filter(pk=station.flows_to_id).first() if station.flows_to_id else None


def series_of(*, seen_by: Actor, station_id: int) -> QuerySet[Series]:
    """Return what a station measures, in the order of codes and aggregates. Whoever asks: the station given is one that they may see."""
    return Series.objects.filter(station_id=station_id).order_by("factor", "aggregate", "pk")


def level_series(*, seen_by: Actor) -> frozenset[int]:
    """Return the series whose values are decibels."""

    def find() -> frozenset[int]:
        return frozenset(Series.objects.filter(unit__istartswith="dB").values_list("pk", flat=True))

    return remember(f"sensing.levels:{registry_version(seen_by=seen_by)}", find, age=30)


def series_at(*, seen_by: Actor, station_ids: Iterable[int]) -> QuerySet[Series]:
    """Return what these stations measure, in the order of stations, codes and aggregates."""
    return Series.objects.filter(station__in=Station.objects.visible_to(seen_by).filter(pk__in=list(station_ids))).order_by("station_id", "factor", "aggregate")


def day_of(*, seen_by: Actor, at: datetime) -> date:
    """Return the day of the town's own calendar on which a moment lies; limits are set by days."""
    return territory.day_of(seen_by=seen_by, at=at)


def series_measuring(*, seen_by: Actor, factor: str, aggregate: str = "rtd", station_id: int | None = None, station_kind: str = "") -> QuerySet[Series]:
    """Return the series of one factor at stations in use that this actor may see, in the order of station and id; of one station or kind where named."""
    found = Series.objects.filter(factor=factor, aggregate=aggregate, station__in=stations(seen_by=seen_by, kind=station_kind))
    if station_id is not None:
        found = found.filter(station_id=station_id)
    return found.select_related("station").order_by("station_id", "pk")


def kinds_of_station(*, seen_by: Actor) -> list[tuple[str, Any]]:
    """Return every kind of station with its words. Whoever asks: words of the product."""
    return [(kind, words[0]) for kind, words in Station.WORDS.items()]


def aggregate_words(*, seen_by: Actor, aggregate: str) -> str:
    """Return an aggregate in words: mean of an hour. Whoever asks: words of the product."""
    return Series(aggregate=aggregate).aggregate_word


def names_measured(*, seen_by: Actor) -> list[tuple[str, str, str]]:
    """Return (factor, aggregate, unit) of what stations that this actor may see measure; of two units of one name, one."""
    found = Series.objects.filter(station__in=stations(seen_by=seen_by)).exclude(aggregate="state").values_list("factor", "aggregate", "unit").distinct()
    return [(*name, unit) for name, unit in sorted({(factor, aggregate): unit for factor, aggregate, unit in found}.items())]


def series_by_id(*, seen_by: Actor, series_ids: Iterable[int]) -> dict[int, Series]:
    """Return series with their stations, of those that this actor may see."""
    found = Series.objects.filter(pk__in=list(series_ids), station__in=Station.objects.visible_to(seen_by))
    return {series.pk: series for series in found.select_related("station", "station__organ")}


def series_of_factors(*, seen_by: Actor, factors: Iterable[str], aggregate: str = "rtd") -> QuerySet[Series]:
    """Return the series of these factors at stations in use that this actor may see, with their stations."""
    return (
        Series.objects.filter(station__in=stations(seen_by=seen_by).order_by(), factor__in=list(factors), aggregate=aggregate)
        .select_related("station").order_by("station__code", "factor", "pk")
    )  # fmt: skip
