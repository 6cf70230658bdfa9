"""Questions about stations, devices and readings, each scoped to who asks."""

import base64
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing.models import Device, DeviceAddress, Episode, Latest, LimitRule, RefusedPacket, RegistryVersion, Series, Station


# ---- stations -------------------------------------------------------------------------------------------------------
def stations(*, seen_by: Actor, kind: str = "") -> QuerySet[Station]:
    """Return the stations in use that this actor may see, by kind and code."""
    found = Station.objects.visible_to(seen_by).in_use().select_related("area", "organ")
    return (found.filter(kind=kind) if kind else found).order_by("kind", "code", "pk")


def station_for(*, seen_by: Actor, code: str) -> Station:
    """Return a station by its code; what one may not see is not found."""
    return Station.objects.visible_to(seen_by).select_related("area", "organ").get(code=code)


def devices(*, seen_by: Actor, station_id: int | None = None) -> QuerySet[Device]:
    """Return the devices that this actor may see."""
    found = Device.objects.visible_to(seen_by).exclude(state=Device.State.RETIRED).select_related("station")
    return (found.filter(station_id=station_id) if station_id is not None else found).order_by("station_id", "mn", "pk")


def series_of(*, seen_by: Actor, station_id: int) -> QuerySet[Series]:
    """Return what a station measures, in the order of codes and aggregates."""
    return Series.objects.filter(station_id=station_id).order_by("factor", "aggregate", "pk")


def day_of(*, seen_by: Actor, at: datetime) -> date:
    """Return the day of the town's own calendar on which a moment lies; limits are set by days."""
    return territory.town(seen_by=seen_by).local(at).date()


def limits_of(*, seen_by: Actor, station: Station, at: datetime) -> list[LimitRule]:
    """Return the limits that hold for a station on the day: its own, and those of its kind."""
    rules = LimitRule.objects.valid_on(day_of(seen_by=seen_by, at=at)).filter(Q(station=station) | Q(station__isnull=True, station_kind=station.kind))
    return list(rules.order_by("factor", "pk"))


# ---- values ---------------------------------------------------------------------------------------------------------
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
        return f"{self.latest.value:.{factors.decimals(self.series.factor)}f} {self.series.unit}".strip()

    @property
    def is_beyond(self) -> bool:
        if self.latest is None or self.limit is None or self.limit.unit != self.series.unit:
            return False
        value = self.latest.value
        return value > self.limit.limit if self.limit.comparator == LimitRule.Comparator.ABOVE else value < self.limit.limit


@dataclass(slots=True)
class StationNow:
    """A station as it stands: its values, whether it reports, whether something runs beyond a limit."""

    station: Station
    values: list[Value] = field(default_factory=list)
    is_online: bool = False
    last_seen_at: datetime | None = None

    @property
    def is_beyond(self) -> bool:
        return any(value.is_beyond for value in self.values)


def overview(*, seen_by: Actor, at: datetime, kind: str = "") -> list[StationNow]:
    """Return every station with its newest values and limits: four queries, whatever their number."""
    found = {station.pk: StationNow(station) for station in stations(seen_by=seen_by, kind=kind)}
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
    for device in Device.objects.filter(station_id__in=found).exclude(state=Device.State.RETIRED):
        now = found[device.station_id]
        now.is_online = now.is_online or device.is_online(at)
        if device.last_seen_at and (now.last_seen_at is None or device.last_seen_at > now.last_seen_at):
            now.last_seen_at = device.last_seen_at
    return list(found.values())


def hourly(*, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime, minutes: int = 60) -> dict[int, list[tuple[datetime, float]]]:
    """Return for each series the means of its valid readings in steps of `minutes`, in order of time; empty steps are left out.

    Corrected readings count with their last version; readings flagged as faulty do not count.
    """
    ids = list(series_ids)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT series_id, date_bin(make_interval(mins => %s), measured_at, %s) AS step, avg(value)
            FROM (
                SELECT DISTINCT ON (series_id, measured_at) series_id, measured_at, value, flag FROM sensing_reading
                WHERE town_id = %s AND series_id = ANY(%s) AND measured_at >= %s AND measured_at <= %s
                ORDER BY series_id, measured_at, version DESC
            ) r WHERE flag IN ('N', '-', 'P') GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [minutes, since, current_town(), ids, since, until],
        )
        found: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
        for series_id, step, value in cursor.fetchall():
            found[series_id].append((step, value))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Point:
    """One reading as it is shown: the last version of what was measured at a moment."""

    measured_at: datetime
    received_at: datetime
    value: float
    flag: str
    version: int


def readings(*, seen_by: Actor, series_id: int, since: datetime, until: datetime, most: int = 2000) -> list[Point]:
    """Return the readings of a series in a period, oldest first, the last version of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (measured_at) measured_at, received_at, value, flag::text, version FROM sensing_reading
            WHERE town_id = %s AND series_id = %s AND measured_at >= %s AND measured_at <= %s
            ORDER BY measured_at, version DESC LIMIT %s
            """,
            [current_town(), series_id, since, until, most],
        )
        return [Point(*row) for row in cursor.fetchall()]


# ---- episodes and what could not be used ----------------------------------------------------------------------------
def episodes(*, seen_by: Actor, station_id: int | None = None, open_only: bool = False) -> QuerySet[Episode]:
    """Return the stretches beyond a limit at stations this actor may see, newest first."""
    found = Episode.objects.filter(series__station__in=Station.objects.visible_to(seen_by)).select_related("rule", "series", "series__station", "case")
    if station_id is not None:
        found = found.filter(series__station_id=station_id)
    if open_only:
        found = found.exclude(state=Episode.State.SETTLED)
    return found.order_by("-began_at", "-pk")


def episode_of_case(*, seen_by: Actor, case_id: int) -> Episode | None:
    """Return the stretch that a case is about, or None."""
    return Episode.objects.filter(case_id=case_id).select_related("rule", "series", "series__station").first()


def refused_packets(*, seen_by: Actor, station_id: int | None = None) -> QuerySet[RefusedPacket]:
    """Return what came in and could not be used, newest first; for those who see devices."""
    seen = Device.objects.visible_to(seen_by)
    found = RefusedPacket.objects.filter(Q(device__in=seen))
    if station_id is not None:
        found = found.filter(device__station_id=station_id)
    return found.order_by("-received_at", "-pk")


def newest_beyond(*, seen_by: Actor, candidates: Sequence[StationNow]) -> StationNow | None:
    """Return the station to watch: one beyond a limit first, then one that has a limit at all."""
    ranked = sorted(
        (now for now in candidates if any(value.latest for value in now.values)),
        key=lambda now: (not now.is_beyond, not any(value.limit for value in now.values), now.station.code),
    )
    return ranked[0] if ranked else None


DAY = timedelta(hours=24)


# ---- what the gateway knows -----------------------------------------------------------------------------------------
def limits_by_series(*, seen_by: Actor, on: date) -> dict[int, list[LimitRule]]:
    """Return the limits that hold on a day by series id; only where the units are the same."""

    def find() -> dict[int, list[LimitRule]]:
        found: dict[int, list[LimitRule]] = defaultdict(list)
        rules = list(LimitRule.objects.valid_on(on))
        for series in Series.objects.select_related("station").filter(factor__in={rule.factor for rule in rules}):
            for rule in rules:
                own = rule.station_id == series.station_id or (rule.station_id is None and rule.station_kind == series.station.kind)
                if own and (rule.factor, rule.aggregate, rule.unit) == (series.factor, series.aggregate, series.unit):
                    found[series.pk].append(rule)
        return dict(found)

    return remember(f"sensing.limits:{registry_version(seen_by=seen_by)}:{on}", find, age=30)


def registry_version(*, seen_by: Actor) -> int:
    """Return how often the town's registry has changed."""
    return remember("sensing.version", lambda: RegistryVersion.objects.filter(town_id=current_town()).values_list("version", flat=True).first() or 0, age=1)


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """What a gateway must know of a device to take its packets."""

    device_id: int
    station_id: int
    password: str
    is_active: bool


def town_of_device(*, seen_by: Actor, mn: str) -> int | None:
    """Return the town that a device belongs to, or None; asked outside any town."""
    return DeviceAddress.objects.filter(mn=mn).values_list("town_id", flat=True).first()


def known_device(*, seen_by: Actor, mn: str) -> KnownDevice | None:
    """Return what a gateway must know of a device of the present town, or None."""
    device = Device.objects.filter(mn=mn).exclude(state=Device.State.RETIRED).first()
    if device is None:
        return None
    password = sealing.unseal(base64.b64decode(device.sealed_password), "device")
    return KnownDevice(device.pk, device.station_id, password, device.state == Device.State.ACTIVE)
