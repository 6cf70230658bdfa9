"""Who may do what about stations."""

from collections.abc import Iterable
from typing import Any

from gongzhi.kernel.actors import Actor


def may_register(actor: Actor) -> bool:
    """Only the town's departments, the committee and the administrator register stations, devices and limits."""
    return actor.kind == "system" or actor.can("may_register_devices")


def may_take(actor: Actor) -> bool:
    """Readings come from the gateway, or from a program with the scope for it."""
    return actor.kind in ("system", "device") or (actor.scopes is not None and "sensing:write" in actor.scopes)


def may_maintain(actor: Actor, device: Any) -> bool:
    """Devices are kept by the unit they belong to, and by those who register them."""
    return may_register(actor) or actor.can("may_maintain_devices") or device.station.organ_id in actor.organ_ids


def may_ask(actor: Actor, device: Any) -> bool:
    """Devices are asked by the product itself and by those who keep them."""
    return actor.is_clock or may_maintain(actor, device)


SUPERVISED = frozenset({"enterprise", "social", "operator"})  # kinds of organs against which readings are evidence


def is_party(actor: Actor, station: Any) -> bool:
    """Return whether the actor serves in the unit against which a station's readings are evidence."""
    return station.organ_id is not None and actor.serves_in(station.organ_id) and station.organ.kind in SUPERVISED


def may_judge(actor: Actor, station: Any) -> bool:
    """Stations, devices and limits by which a unit is supervised are not in the hands of those who serve in it."""
    return not is_party(actor, station)


def may_confirm(actor: Actor, station: Any) -> bool:
    """What a unit says of its own devices and readings is confirmed by an officer of the town who does not serve in it."""
    return confirms(actor) and not is_party(actor, station)


def confirms(actor: Actor) -> bool:
    """Return whether the actor is one of those who confirm what supervised units say."""
    return actor.kind == "system" or actor.can("may_confirm_proposals")


def may_read_proposals(actor: Actor) -> bool:
    """What units say of their devices and readings is for the town's staff and for those units."""
    return sees_devices(actor) or bool(actor.organ_ids)


def may_define(actor: Actor) -> bool:
    """What a station measures, and in which unit, is defined by those who register stations, and by what brings its readings."""
    return actor.kind in ("system", "device") or (may_register(actor) and may_take(actor))


def may_measure(actor: Actor, organ_ids: Iterable[int | None]) -> bool:
    """Readings of a station are sent by the unit it belongs to, by the departments and stations, and by those who register stations."""
    if actor.kind in ("system", "device") or may_register(actor) or actor.can("may_maintain_devices"):
        return True
    return all(actor.serves_in(organ_id) for organ_id in organ_ids)


def may_settle(actor: Actor) -> bool:
    """Stretches beyond a limit are followed by the product itself."""
    return actor.is_clock or actor.kind in ("system", "device")


def sees_devices(actor: Actor) -> bool:
    """Devices and refused packets are for the town's staff."""
    return actor.can("may_see_devices")
