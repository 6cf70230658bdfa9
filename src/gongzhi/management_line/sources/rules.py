"""Who may do what in the registers of sources."""

from typing import Any

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing.rules import sees_devices


def may_keep(actor: Actor) -> bool:
    """Only the town's departments, the committee and the administrator keep this register."""
    return actor.kind == "system" or actor.can("may_keep_sources")


def may_set_threshold(actor: Actor) -> bool:
    """Only the committee and the administrator set from where on a firm counts as high."""
    return actor.kind == "system" or actor.can("may_set_risk_thresholds")


def may_file(actor: Actor, organ_id: int) -> bool:
    """A return is filed by the firm that it is about."""
    return actor.kind == "system" or actor.can("may_speak_for_firm", organ_id=organ_id)


def may_check(actor: Actor, filed: Any) -> bool:
    """A return is checked by an officer of the town who has not filed it."""
    if actor.kind == "system":
        return True
    return actor.can("may_check_returns") and filed.filed_by != actor.ref and filed.organ_id not in actor.organ_ids


def may_keep_risk(actor: Actor, organ_id: int) -> bool:
    """Plans, drills and substances are entered by the firm that they are about, or by the town's departments."""
    return may_keep(actor) or actor.can("may_speak_for_firm", organ_id=organ_id)


def sees_registers(actor: Actor) -> bool:
    """This register is for the town's staff and the firms that stand in it."""
    return sees_devices(actor) or actor.can("may_speak_for_firm")


def may_trace(actor: Actor) -> bool:
    """Likely sources of an exceedance are looked for by the town's staff."""
    return sees_devices(actor)


def anybody(actor: Actor) -> bool:
    """Everybody may read this register."""
    return True
