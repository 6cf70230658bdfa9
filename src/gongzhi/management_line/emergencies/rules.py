"""Who may do what in emergencies. The first line of each docstring is the refusal that the reader sees."""

from typing import TYPE_CHECKING

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.emergencies.models import sees_boards

if TYPE_CHECKING:
    from gongzhi.management_line.emergencies.models import EmergencyDuty, EmergencyPlan


def may_draft(actor: Actor) -> bool:
    """Only departments and the committee draft emergency plans."""
    return actor.kind == "system" or actor.can("may_draft_plans")


def may_adopt(actor: Actor, plan: "EmergencyPlan") -> bool:
    """A plan is adopted by a member of the committee who did not draft it."""
    return actor.kind == "system" or (actor.can("may_adopt_plans") and actor.person_id != plan.drafted_by_id)


def may_see_plans(actor: Actor) -> bool:
    """Emergency plans are for those who work for the town."""
    return sees_boards(actor)


def may_command(actor: Actor) -> bool:
    """Only whoever commands emergencies may do this."""
    return actor.is_clock or actor.kind == "system" or actor.can("may_command_emergencies")


def may_work_on(actor: Actor, duty: "EmergencyDuty") -> bool:
    """Only the unit that was given this task reports on it."""
    return actor.kind == "system" or actor.serves_in(duty.organ_id) or actor.can("may_command_emergencies")


def may_log(actor: Actor) -> bool:
    """Only those who work for the town write in the log of an emergency."""
    return actor.kind == "system" or actor.is_clock or actor.can("may_log_emergencies")


def may_alert(actor: Actor) -> bool:
    """Only whoever commands emergencies alerts residents."""
    return actor.is_clock or actor.kind == "system" or actor.can("may_alert_residents")


def may_bring(actor: Actor) -> bool:
    """Alerts of the superior are brought in by whoever commands or by a program with a token for it."""
    return actor.kind == "system" or actor.can("may_bring_alerts")
