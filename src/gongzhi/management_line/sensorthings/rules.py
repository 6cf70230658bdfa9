"""Who may do what over SensorThings. Stations, series and readings are guarded by sensing's own rules besides."""

from collections.abc import Iterable

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import rules as sensing


def may_describe(actor: Actor) -> bool:
    """Stations, sensors and datastreams are described by the town's departments, the committee and the administrator, with a token that may write readings."""
    return sensing.may_take(actor) and sensing.may_register(actor)


def may_send(actor: Actor) -> bool:
    """Observations come from a program with a token that may write readings."""
    return sensing.may_take(actor)


def may_observe(actor: Actor, organ_ids: Iterable[int | None]) -> bool:
    """Readings of a station are sent by the unit it belongs to, by the departments and stations, and by those who register stations."""
    if actor.kind in ("system", "device") or sensing.may_register(actor) or actor.can("may_maintain_devices"):
        return True
    return all(actor.serves_in(organ_id) for organ_id in organ_ids)


def may_keep_up(actor: Actor) -> bool:
    """Stations are put into words for this interface by the product itself."""
    return actor.is_clock or actor.kind == "system"


def sees_unused(actor: Actor) -> bool:
    """Return whether the actor sees sensors, places and so on that no visible station uses."""
    return actor.is_clock or actor.kind == "system" or sensing.may_register(actor) or sensing.sees_devices(actor)
