"""Pages of emergencies: alerts for everybody; plans, boards and their acts for those who work for the town."""

from gongzhi.management_line.emergencies.views.alerting import alert, alert_feed, alert_xml, alerts, lift_alert, new_alert, take_alert
from gongzhi.management_line.emergencies.views.planning import adopt_plan, end_plan, new_plan, plan, plan_list
from gongzhi.management_line.emergencies.views.responding import board, do, duty, index, new, report, take_duty

__all__ = [
    "adopt_plan", "alert", "alert_feed", "alert_xml", "alerts", "board", "do", "duty", "end_plan", "index", "lift_alert", "new", "new_alert", "new_plan",
    "plan", "plan_list", "report", "take_alert", "take_duty",
]  # fmt: skip
