"""What the gateway asks of the database, in threads."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import wraps
from typing import Any

from django.db import close_old_connections, connection
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.towns import enter_town, in_town
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.operations import Packed

log = logging.getLogger(__name__)
GATEWAY = system("gateway")
AWAY = (OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Sender:
    """A registered device: whose it is, where it stands, its password, its town's time."""

    town_id: int
    device_id: int
    station_id: int
    password: bytes
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Asking:
    """A request as it goes out."""

    request_id: int
    town_id: int
    device_id: int
    command: str
    begins_at: datetime | None
    ends_at: datetime | None


async def patiently(function: Callable[..., Any], *given: Any) -> Any:
    """Do blocking work in a thread; while the database is away, try again with growing pauses."""
    pause = 0.1
    while True:
        try:
            return await asyncio.to_thread(function, *given)
        except AWAY as error:
            log.warning("the database is away (%s), trying again in %.1f s", sentence(error), pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)


def sentence(error: BaseException) -> str:
    """Return the first line of an error, its name where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _connected_anew(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let go of a connection that has died."""

    @wraps(function)
    def work(*given: Any) -> Any:
        try:
            return function(*given)
        except AWAY:
            connection.close()
            raise
        finally:
            close_old_connections()

    return work


@_connected_anew
def look_up(mn: str) -> Sender | None:
    """Return the device of this MN, None where there is none in use."""
    enter_town(None)
    town_id = queries.town_of_device(seen_by=CLOCK, mn=mn)
    if town_id is None:
        return None
    with in_town(town_id):
        known = queries.known_device(seen_by=CLOCK, mn=mn)
        if known is None:
            return None
        return Sender(town_id, known.device_id, known.station_id, known.password.encode(), territory.town(seen_by=CLOCK).zone)


@_connected_anew
def versions() -> dict[int, int]:
    """Return how often each town's registry has changed."""
    enter_town(None)
    return queries.registry_versions(seen_by=CLOCK)


@_connected_anew
def store(town_id: int, key: uuid.UUID, packets: Sequence[Packed]) -> None:
    """Keep packets in their town."""
    with in_town(town_id):
        operations.take_packets(by=GATEWAY, at=timezone.now(), key=key, packets=packets)


@_connected_anew
def refuse(town_id: int, peer: str, mn: str, verdict: str, reason: str, raw: bytes, device_id: int | None) -> None:
    """Keep a packet that cannot be used."""
    with in_town(town_id):
        operations.keep_refused(by=GATEWAY, at=timezone.now(), peer=peer, mn=mn, verdict=verdict, reason=reason, raw=raw, device_id=device_id)


@_connected_anew
def notice(town_id: int, device_id: int, command: str, told_at: datetime | None, content: str, qn: str) -> None:
    """Keep what a device told beside readings; without a moment of its own it counts from now."""
    with in_town(town_id):
        now = timezone.now()
        operations.keep_notice(by=GATEWAY, at=now, device_id=device_id, command=command, told_at=told_at or now, content=content, qn=qn)


@_connected_anew
def waiting_requests(devices: dict[int, list[int]]) -> list[Asking]:
    """Return what waits to be sent to connected devices, given by town."""
    found = []
    for town_id, device_ids in devices.items():
        with in_town(town_id):
            found += [
                Asking(one.pk, town_id, one.device_id, one.command, one.begins_at, one.ends_at)
                for one in queries.waiting_requests(seen_by=CLOCK, device_ids=device_ids)
            ]
    return found


@_connected_anew
def note_sent(asking: Asking, qn: str) -> bool:
    """Keep that a request goes out under this QN; False where it has ended meanwhile."""
    with in_town(asking.town_id):
        return operations.note_request(by=GATEWAY, at=timezone.now(), request_id=asking.request_id, state="sent", qn=qn) is not None


@_connected_anew
def note_reply(town_id: int, device_id: int, qn: str, state: str, result: str) -> None:
    """Keep what a device answered to a request; an answer to nothing is let go."""
    with in_town(town_id):
        request = queries.request_under_way(seen_by=CLOCK, device_id=device_id, qn=qn)
        if request is not None:
            operations.note_request(by=GATEWAY, at=timezone.now(), request_id=request.pk, state=state, result=result[:8])
