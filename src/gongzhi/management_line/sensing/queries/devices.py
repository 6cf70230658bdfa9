"""Devices: maintenance, calibration, requests, health, what could not be used."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing.columns import micros
from gongzhi.management_line.sensing.models import Calibration, Device, DeviceNotice, DeviceRequest, Maintenance, RefusedPacket, Series, Station
from gongzhi.management_line.sensing.queries.registry import registry_version
from gongzhi.management_line.sensing.queries.rollups import rollups


def devices(*, seen_by: Actor, station_id: int | None = None) -> QuerySet[Device]:
    """Return the devices that this actor may see."""
    found = Device.objects.visible_to(seen_by).exclude(state=Device.State.RETIRED).select_related("station")
    return (found.filter(station_id=station_id) if station_id is not None else found).order_by("station_id", "mn", "pk")


def device_for(*, seen_by: Actor, mn: str) -> Device:
    """Return a device by its MN; what one may not see is not found."""
    return Device.objects.visible_to(seen_by).exclude(state=Device.State.RETIRED).select_related("station", "station__organ").get(mn=mn)


def windows_between(*, seen_by: Actor, station_ids: Iterable[int], since: datetime, until: datetime) -> dict[int, list[Maintenance]]:
    """Return by station the times in a period in which its devices were worked on; to everybody who may see the station."""
    found: dict[int, list[Maintenance]] = defaultdict(list)
    seen = Station.objects.visible_to(seen_by).filter(pk__in=list(station_ids))
    wanted = Maintenance.objects.filter(state=Maintenance.State.CONFIRMED, device__station__in=seen, begins_at__lt=until, ends_at__gt=since)
    wanted = wanted.select_related("device")
    for window in wanted.order_by("begins_at", "pk"):
        found[window.device.station_id].append(window)
    return dict(found)


def intervals(*, seen_by: Actor, station_ids: Iterable[int]) -> dict[int, int]:
    """Return by station how often it should report, in seconds.

    That is the interval of its most frequent device (of a closed station, of those it had); where it has none (feeds of MQTT, files,
    SensorThings) nobody has said it, so it is the middle gap between the newest readings of its most frequent series. A station with neither is left out.

    Whoever asks: the stations given are those that they may see.
    """
    found: dict[int, int] = {}
    wanted = list(station_ids)
    known = Device.objects.filter(station_id__in=wanted).exclude(state=Device.State.RETIRED, station__closed_at__isnull=True)
    for station_id, seconds in known.values_list("station_id", "report_seconds"):
        found[station_id] = max(1, min(seconds, found.get(station_id, seconds)))
    if rest := [station_id for station_id in wanted if station_id not in found]:
        with connection.cursor() as cursor:
            cursor.execute(_USUAL_GAPS, {"town": current_town(), "stations": rest, "most": GAPS})
            found |= {station_id: max(1, round(seconds)) for station_id, seconds in cursor.fetchall() if seconds is not None}
    return found


GAPS = 60  # newest readings by whose gaps a station without a device is known


_USUAL_GAPS = """
SELECT s.station_id, min(g.gap) FROM sensing_series s CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.gap)) AS gap FROM (
        SELECT r.measured_at - lag(r.measured_at) OVER (ORDER BY r.measured_at) AS gap FROM (
            SELECT DISTINCT measured_at FROM (
                SELECT measured_at FROM sensing_reading WHERE town_id = %(town)s AND series_id = s.id ORDER BY measured_at DESC LIMIT %(most)s
            ) newest
        ) r
    ) d WHERE d.gap > interval '0'
) g WHERE s.station_id = ANY(%(stations)s) AND s.aggregate IN ('rtd', 'state') GROUP BY 1
"""


def maintenance_windows(*, seen_by: Actor, at: datetime) -> dict[int, list[tuple[int, int]]]:
    """Return by device the confirmed times in which it is worked on, (begin, end) in microseconds since 1970; of the last forty days and to come."""

    def find() -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for window in Maintenance.objects.filter(ends_at__gt=at - timedelta(days=40), state=Maintenance.State.CONFIRMED):
            found[window.device_id].append((micros(window.begins_at), micros(window.ends_at)))
        for device_id in Device.objects.filter(state=Device.State.MAINTENANCE).values_list("pk", flat=True):
            found[device_id].append((micros(at - timedelta(days=1)), micros(at + timedelta(days=1))))
        return dict(found)

    return remember(f"sensing.windows:{registry_version(seen_by=seen_by)}", find, age=30)


def in_maintenance(*, seen_by: Actor, at: datetime) -> set[int]:
    """Return the devices that are worked on at a moment."""
    moment = micros(at)
    return {device for device, windows in maintenance_windows(seen_by=seen_by, at=at).items() if any(begin <= moment < end for begin, end in windows)}


def maintenance_of(*, seen_by: Actor, device_id: int) -> QuerySet[Maintenance]:
    """Return a device's maintenance windows, newest first, to those who may see the device."""
    return Maintenance.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-begins_at", "-pk")


def calibrations_of(*, seen_by: Actor, device_id: int) -> QuerySet[Calibration]:
    """Return a device's calibrations, newest first, to those who may see the device."""
    return Calibration.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-done_on", "-pk")


def requests_of(*, seen_by: Actor, device_id: int) -> QuerySet[DeviceRequest]:
    """Return what a device was asked for, newest first, to those who may see the device."""
    return DeviceRequest.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-asked_at", "-pk")


def waiting_requests(*, seen_by: Actor, device_ids: Iterable[int]) -> list[DeviceRequest]:
    """Return what waits to be sent to these devices, oldest first. Whoever asks: the gateway."""
    return list(DeviceRequest.objects.filter(device_id__in=list(device_ids), state=DeviceRequest.State.WAITING).order_by("asked_at", "pk"))


def request_under_way(*, seen_by: Actor, device_id: int, qn: str) -> DeviceRequest | None:
    """Return the request that went to a device under this QN and has not ended, or None. Whoever asks: the gateway."""
    return DeviceRequest.objects.filter(device_id=device_id, qn=qn, state__in=(DeviceRequest.State.SENT, DeviceRequest.State.ACCEPTED)).first()


@dataclass(slots=True)
class DeviceHealth:
    """How a device does: whether it reports, how complete its last day was, whether its clock, calibration and packets are right."""

    device: Device
    is_online: bool
    is_maintained: bool
    share: float | None  # of the readings of the last 24 hours that are valid, None where nothing came
    refused: int  # packets in the last 24 hours
    calibration_due_on: date | None
    open_requests: int

    def is_calibration_late(self, on: date) -> bool:
        return self.calibration_due_on is not None and self.calibration_due_on < on

    @property
    def is_well(self) -> bool:
        return self.is_online and not self.device.is_skewed and not self.refused and (self.share is None or self.share >= 0.75)


def health(*, seen_by: Actor, at: datetime, device_id: int | None = None) -> list[DeviceHealth]:
    """Return how each device does that this actor may see (or the one), those with trouble first: five queries, whatever their number."""
    known = devices(seen_by=seen_by)
    found = list(known if device_id is None else known.filter(pk=device_id))
    ids = [device.pk for device in found]
    maintained = in_maintenance(seen_by=seen_by, at=at)
    since = at - timedelta(hours=24)
    by_station: dict[int, list[int]] = defaultdict(list)
    for pk, station_id in Series.objects.filter(station_id__in={device.station_id for device in found}).values_list("pk", "station_id"):
        by_station[station_id].append(pk)
    rolled = rollups(seen_by=seen_by, series_ids=[pk for part in by_station.values() for pk in part], since=since, until=at)
    refused = dict(
        RefusedPacket.objects.filter(device_id__in=ids, received_at__gt=since).values_list("device_id").annotate(n=Count("pk")).values_list("device_id", "n")
    )
    due = dict(
        Calibration.objects.filter(device_id__in=ids, state=Calibration.State.CONFIRMED).order_by("device_id", "factor", "-done_on")
        .distinct("device_id", "factor").values_list("device_id", "next_due_on")
    )  # fmt: skip
    asked = dict(
        DeviceRequest.objects.filter(device_id__in=ids, state__in=["waiting", "sent", "accepted"]).values_list("device_id").annotate(n=Count("pk"))
        .values_list("device_id", "n")
    )  # fmt: skip
    result = []
    for device in found:
        hours = [hour for pk in by_station[device.station_id] for hour in rolled.get(pk, ())]
        total = sum(hour.count for hour in hours)
        result.append(
            DeviceHealth(device, device.is_online(at), device.pk in maintained, sum(hour.valid for hour in hours) / total if total else None,
                         refused.get(device.pk, 0), due.get(device.pk), asked.get(device.pk, 0))
        )  # fmt: skip
    return sorted(result, key=lambda one: (one.is_well, one.device.station.code, one.device.mn))


def refused_packets(*, seen_by: Actor, station_id: int | None = None) -> QuerySet[RefusedPacket]:
    """Return what came in and could not be used, newest first; for those who see devices."""
    seen = Device.objects.visible_to(seen_by)
    found = RefusedPacket.objects.filter(Q(device__in=seen))
    if station_id is not None:
        found = found.filter(device__station_id=station_id)
    return found.order_by("-received_at", "-pk")


def notices_of(*, seen_by: Actor, device_id: int) -> QuerySet[DeviceNotice]:
    """Return what a device told beside readings, newest first."""
    return DeviceNotice.objects.filter(device__in=Device.objects.visible_to(seen_by), device_id=device_id).order_by("-received_at", "-pk")
