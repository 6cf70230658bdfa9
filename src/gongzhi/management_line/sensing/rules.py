"""Who may do what about stations."""

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


def may_settle(actor: Actor) -> bool:
    """Stretches beyond a limit are followed by the product itself."""
    return actor.is_clock or actor.kind in ("system", "device")


def sees_devices(actor: Actor) -> bool:
    """Devices and refused packets are for the town's staff."""
    return actor.can("may_see_devices")
