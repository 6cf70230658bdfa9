"""Who may do what over SensorThings. Stations and readings are guarded by sensing's own rules besides."""

from gongzhi.kernel.actors import Actor

STAFF = ("department_officer", "station_officer", "grid_worker", "dispatcher", "supervisor", "committee_member", "auditor", "administrator")


def may_write(actor: Actor) -> bool:
    """Writing needs a token with the scope sensing:write, or a log-in of the committee or the administrator."""
    if actor.scopes is not None:
        return "sensing:write" in actor.scopes
    return actor.kind == "system" or actor.serves_as("committee_member", "administrator")


def may_describe(actor: Actor) -> bool:
    """Stations are described by the product itself."""
    return actor.is_clock or actor.kind == "system"


def sees_unused(actor: Actor) -> bool:
    """Return whether the actor sees sensors, places and so on that no visible station uses."""
    return actor.is_clock or may_write(actor) or actor.serves_as(*STAFF)
