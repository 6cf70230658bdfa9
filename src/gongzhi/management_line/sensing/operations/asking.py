"""What devices are asked for: to set their clock, to send again what is missing. HJ 212-2017, 6.6: a request is answered twice."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import rules
from gongzhi.management_line.sensing.facts import DeviceAsked, DeviceReplied, RequestsExpired
from gongzhi.management_line.sensing.models import Device, DeviceRequest

_OPEN = (DeviceRequest.State.WAITING, DeviceRequest.State.SENT, DeviceRequest.State.ACCEPTED)
_LONGEST = timedelta(days=7)  # of one request: loggers keep a year, but answer packet by packet
_TRIES = 3  # for one stretch; what a device has lost it will not find by being asked again
_PATIENCE = {"waiting": timedelta(days=1), "sent": timedelta(minutes=2), "accepted": timedelta(hours=2)}


class NotAsked(Refused):
    sentence = _("The device cannot be asked for this.")
    field = "command"


class NoStretch(Refused):
    sentence = _("Say from when to when, seven days at most.")
    field = "begins_at"


@operation
def ask_device(*, by: Actor, at: datetime, device_id: int, command: str, begins_at: datetime | None = None, ends_at: datetime | None = None) -> DeviceRequest:
    """Have a device asked when it is connected: to set its clock, or to send the data of a stretch of time again."""
    device = Device.objects.select_for_update(of=("self",)).select_related("station").get(pk=device_id)
    ensure(rules.may_ask, device)
    if command not in DeviceRequest.Command.values or device.protocol != "hj212":
        raise NotAsked
    if command == DeviceRequest.Command.SET_CLOCK:
        begins_at = ends_at = None
    elif begins_at is None or ends_at is None or not timedelta() < ends_at - begins_at <= _LONGEST:
        raise NoStretch
    request = DeviceRequest.objects.filter(device=device, command=command, begins_at=begins_at, ends_at=ends_at, state__in=_OPEN).first()
    if request is None:
        request = DeviceRequest.objects.create(
            town_id=current_town(), device=device, command=command, begins_at=begins_at, ends_at=ends_at, asked_at=at, asked_by=by.ref
        )
    record(DeviceAsked(subject=ref(device), command=command))
    return request


@operation
def note_request(*, by: Actor, at: datetime, request_id: int, state: str, qn: str = "", result: str = "") -> DeviceRequest | None:
    """Keep how far a request has come: sent under a QN, taken on, done, failed. What has ended stays ended (None)."""
    ensure(rules.may_take)
    request = DeviceRequest.objects.select_for_update(of=("self",)).filter(pk=request_id, state__in=_OPEN).first()
    if request is None:
        record(DeviceReplied(subject=f"sensing.devicerequest:{request_id}", command="", state=state))
        return None
    request.state = state
    if qn:
        request.qn, request.sent_at = qn, at
    request.result = result or request.result
    if state not in _OPEN:
        request.ended_at = at
    request.save()
    record(DeviceReplied(subject=ref(request), command=request.command, state=state))
    return request


@operation
def expire_requests(*, by: Actor, at: datetime) -> int:
    """End requests to which no answer came in time; returns how many."""
    ensure(rules.may_settle)
    count = 0
    for state, patience in _PATIENCE.items():
        late = DeviceRequest.objects.filter(state=state, **{"asked_at__lt" if state == "waiting" else "sent_at__lt": at - patience})
        count += late.update(state=DeviceRequest.State.EXPIRED, ended_at=at)
    record(RequestsExpired(subject=f"territory.town:{current_town()}", count=count))
    return count


# hours of the last three days in which a series that reports has nothing, before the hour that runs and the one before it
_GAPS = """
SELECT d.id, s.aggregate LIKE 'minute.%%' AS by_minute, h.at
FROM sensing_device d
JOIN sensing_series s ON s.town_id = d.town_id AND s.station_id = d.station_id AND split_part(s.aggregate, '.', 1) IN ('rtd', 'minute', 'hour')
CROSS JOIN LATERAL generate_series(date_trunc('hour', greatest(%(since)s, d.registered_at, s.began_at)) + interval '1 hour', %(until)s,
    interval '1 hour') AS h(at)
WHERE d.town_id = %(town)s AND d.protocol = 'hj212' AND d.state = 'active' AND d.last_seen_at > %(seen)s
  AND NOT EXISTS (SELECT FROM sensing_maintenance m WHERE m.town_id = %(town)s AND m.device_id = d.id AND m.state = 'confirmed'
    AND m.begins_at < h.at + interval '1 hour' AND m.ends_at > h.at)
  AND NOT EXISTS (SELECT FROM sensing_hour r WHERE r.town_id = %(town)s AND r.series_id = s.id AND r.at = h.at AND r.count > 0)
  AND NOT EXISTS (SELECT FROM sensing_touched t WHERE t.town_id = %(town)s AND t.series_id = s.id AND t.at = h.at)
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@operation
def ask_for_gaps(*, by: Actor, at: datetime) -> int:
    """Ask devices that report again for the hours of which nothing came; returns how many requests were made.

    Where a station has minute series, minutes are asked for (2051), otherwise hours (2061): real-time data (2011) cannot be asked for again.
    A stretch is asked for three times at most, and not while a request for it is open.
    """
    ensure(rules.may_settle)
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, {"town": current_town(), "since": at - timedelta(days=3), "until": at - timedelta(hours=2), "seen": at - timedelta(minutes=15)})
        hours: dict[tuple[int, bool], list[datetime]] = {}
        for device_id, by_minute, hour in cursor.fetchall():
            hours.setdefault((device_id, by_minute), []).append(hour)
    count = 0
    for (device_id, by_minute), gaps in hours.items():
        if not by_minute and (device_id, True) in hours:
            gaps = sorted(set(gaps) - set(hours[(device_id, True)]))
        command = DeviceRequest.Command.MINUTES if by_minute else DeviceRequest.Command.HOURS
        asked = list(DeviceRequest.objects.filter(device_id=device_id, command=command, asked_at__gt=at - timedelta(days=4)))
        for begins_at, ends_at in _stretches(gaps):
            alike = [request for request in asked if request.begins_at and request.ends_at and request.begins_at <= begins_at and request.ends_at >= ends_at]
            if len(alike) >= _TRIES or any(request.state in _OPEN or at - request.asked_at < timedelta(hours=1) for request in alike):
                continue
            DeviceRequest.objects.create(
                town_id=current_town(), device_id=device_id, command=command, begins_at=begins_at, ends_at=ends_at, asked_at=at, asked_by=CLOCK.ref
            )
            count += 1
    record(DeviceAsked(subject=f"territory.town:{current_town()}", command=str(count)))
    return count


@operation
def ask_for_clocks(*, by: Actor, at: datetime) -> int:
    """Ask devices whose clock is wrong by more than a minute to set it, twice a day at most; returns how many were asked."""
    ensure(rules.may_settle)
    recent = DeviceRequest.objects.filter(command=DeviceRequest.Command.SET_CLOCK, asked_at__gt=at - timedelta(hours=12)).values("device_id")
    found = Device.objects.filter(protocol="hj212", state=Device.State.ACTIVE, last_seen_at__gt=at - timedelta(minutes=15)).exclude(pk__in=recent)
    count = 0
    for device in found.filter(clock_skew__isnull=False):
        if device.is_skewed:
            DeviceRequest.objects.create(town_id=current_town(), device=device, command=DeviceRequest.Command.SET_CLOCK, asked_at=at, asked_by=CLOCK.ref)
            count += 1
    record(DeviceAsked(subject=f"territory.town:{current_town()}", command=str(count)))
    return count


def _stretches(hours: list[datetime]) -> list[tuple[datetime, datetime]]:
    """Return hours that follow each other as stretches (begin, end), each at most the longest that is asked for."""
    found: list[tuple[datetime, datetime]] = []
    for hour in hours:
        if found and found[-1][1] == hour and hour - found[-1][0] < _LONGEST:
            found[-1] = (found[-1][0], hour + timedelta(hours=1))
        else:
            found.append((hour, hour + timedelta(hours=1)))
    return found
