"""How stations stand now: the newest values, beside their limits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing.models import Device, Latest, LimitRule, Series, Station
from gongzhi.management_line.sensing.queries.stations import day_of, stations


@dataclass(slots=True)
class Value:
    """The newest value of a series beside the limit it is judged by."""

    series: Series
    latest: Latest | None
    limit: LimitRule | None = None

    @property
    def label(self) -> str:
        return self.series.label

    @property
    def shown(self) -> str:
        """Return the value as it is worth showing, with its unit."""
        if self.latest is None:
            return "—"
        return f"{self.figure} {self.series.unit}".strip()

    @property
    def figure(self) -> str:
        """Return the value alone as it is worth showing; its unit stands beside it in small letters."""
        return "—" if self.latest is None else f"{self.latest.value:.{factors.decimals(self.series.factor)}f}"

    @property
    def is_beyond(self) -> bool:
        if self.latest is None or self.limit is None or self.limit.unit != self.series.unit:
            return False
        return self.limit.is_beyond(self.latest.value)


@dataclass(slots=True)
class StationNow:
    """A station as it stands: its values, whether it reports, whether something runs beyond a limit."""

    station: Station
    values: list[Value] = field(default_factory=list)
    is_online: bool = False
    last_seen_at: datetime | None = None
    flows_to: str | None = None  # code of the next point downstream, where the reader may see it

    @property
    def is_beyond(self) -> bool:
        return any(value.is_beyond for value in self.values)

    @property
    def shown(self) -> list[Value]:
        """Return one value a factor: what is measured now rather than means of hours or days that stand beside it."""
        live = {value.series.factor for value in self.values if value.series.aggregate == "rtd"}
        return [value for value in self.values if value.series.aggregate == "rtd" or value.series.factor not in live]


UNHEARD = timedelta(minutes=30)  # after which a station without a device of its own counts as silent


def overview(*, seen_by: Actor, at: datetime, kind: str = "") -> list[StationNow]:
    """Return every station in use with its newest values and limits: four queries, whatever their number."""
    found = list(stations(seen_by=seen_by, kind=kind))
    return _as_they_stand(seen_by, at, found, dict(stations(seen_by=seen_by).values_list("pk", "code")) if kind else {one.pk: one.code for one in found})


def station_now(*, seen_by: Actor, at: datetime, station: Station) -> StationNow:
    """Return how one station that the actor has been shown stands: in use with its newest values, closed with its last ones."""
    below = dict(stations(seen_by=seen_by).filter(pk=station.flows_to_id).values_list("pk", "code")) if station.flows_to_id else {}
    return _as_they_stand(seen_by, at, [station], below)[0]


def _as_they_stand(seen_by: Actor, at: datetime, those: Iterable[Station], codes: Mapping[int, str]) -> list[StationNow]:
    """Return stations with their newest values and limits; `codes`: of those that water may flow on to."""
    found = {station.pk: StationNow(station) for station in those}
    for now in found.values():
        now.flows_to = codes.get(now.station.flows_to_id or 0)
    rules: dict[tuple[str, str], list[LimitRule]] = defaultdict(list)
    for rule in LimitRule.objects.valid_on(day_of(seen_by=seen_by, at=at)):
        rules[(rule.factor, rule.aggregate)].append(rule)
    for series in Series.objects.filter(station_id__in=found).select_related("latest").order_by("factor", "aggregate"):
        now = found[series.station_id]
        own = [
            rule for rule in rules[(series.factor, series.aggregate)]
            if rule.station_id == series.station_id or (rule.station_id is None and rule.station_kind == now.station.kind)
        ]  # fmt: skip
        now.values.append(Value(series, getattr(series, "latest", None), max(own, key=lambda rule: rule.station_id is not None, default=None)))
    without = set(found)
    for device in Device.objects.filter(station_id__in=found).exclude(state=Device.State.RETIRED):
        now = found[device.station_id]
        without.discard(device.station_id)
        now.is_online = now.is_online or device.is_online(at)
        if device.last_seen_at and (now.last_seen_at is None or device.last_seen_at > now.last_seen_at):
            now.last_seen_at = device.last_seen_at
    for station_id in without:  # its readings come through a feed, a file or a program: they alone tell
        now = found[station_id]
        now.last_seen_at = max((value.latest.received_at for value in now.values if value.latest is not None), default=None)
        now.is_online = not now.station.is_closed and now.last_seen_at is not None and at - now.last_seen_at <= UNHEARD
    return list(found.values())


def latest_json(*, seen_by: Actor) -> str:
    """Return the newest value of every series of the stations in use that this actor may see, as a JSON array: one scan, no object a value."""
    seen = Station.objects.visible_to(seen_by).in_use().values("pk")
    text, given = seen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(json_agg(json_build_array(t.code, s.factor, s.aggregate, s.unit, l.value, l.flag, l.measured_at)), '[]')::text"
            f" FROM sensing_latest l JOIN sensing_series s ON s.id = l.series_id JOIN sensing_station t ON t.id = s.station_id WHERE t.id IN ({text})",
            given,
        )
        return str(cursor.fetchone()[0])


def newest_values(*, seen_by: Actor, station_ids: Iterable[int]) -> dict[int, list[Value]]:
    """Return the newest value of each series of these stations, of those that this actor may see, by station."""
    found: dict[int, list[Value]] = defaultdict(list)
    seen = stations(seen_by=seen_by).filter(pk__in=list(station_ids)).order_by()
    for series in Series.objects.filter(station__in=seen).select_related("latest").order_by("factor", "aggregate"):
        found[series.station_id].append(Value(series, getattr(series, "latest", None)))
    return dict(found)


def newest_beyond(*, seen_by: Actor, candidates: Sequence[StationNow]) -> StationNow | None:
    """Return the station to watch: one beyond a limit first, then one that has a limit at all. Whoever asks: the stations given are those that they may see."""
    ranked = sorted(
        (now for now in candidates if any(value.latest for value in now.values)),
        key=lambda now: (not now.is_beyond, not any(value.limit for value in now.values), now.station.code),
    )
    return ranked[0] if ranked else None


DAY = timedelta(hours=24)
