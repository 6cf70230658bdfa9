"""Acts on emergencies: plans, the response and its log, alerts out and in."""

from gongzhi.management_line.emergencies.operations._shared import (
    BadAlert,
    BadCount,
    BadTimes,
    DeclaredAlready,
    EndedAlready,
    FaultyPlan,
    NoSuchLevel,
    Over,
    PeopleMissing,
    PlanNotInForce,
    SameLevel,
    UnknownSender,
    UnknownUnit,
    WordsMissing,
)
from gongzhi.management_line.emergencies.operations.alerting import cancel_alert, issue_alert
from gongzhi.management_line.emergencies.operations.planning import adopt_plan, draft_plan, end_plan
from gongzhi.management_line.emergencies.operations.responding import (
    change_level,
    declare,
    end_duty,
    give_duty,
    make_report,
    stand_down,
    take_duty,
    write_log,
)
from gongzhi.management_line.emergencies.operations.taking import take_alert

__all__ = [
    "BadAlert",
    "BadCount",
    "BadTimes",
    "DeclaredAlready",
    "EndedAlready",
    "FaultyPlan",
    "NoSuchLevel",
    "Over",
    "PeopleMissing",
    "PlanNotInForce",
    "SameLevel",
    "UnknownSender",
    "UnknownUnit",
    "WordsMissing",
    "adopt_plan",
    "cancel_alert",
    "change_level",
    "declare",
    "draft_plan",
    "end_duty",
    "end_plan",
    "give_duty",
    "issue_alert",
    "make_report",
    "stand_down",
    "take_alert",
    "take_duty",
    "write_log",
]
