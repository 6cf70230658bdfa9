"""What posts allow about emergencies."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(Ability("may_draft_plans", _("Draft emergency plans"), roles=("department_officer", "committee_member", "dispatcher"), never=("auditor",)))
declare(Ability("may_adopt_plans", _("Adopt emergency plans that others drafted"), roles=("committee_member",), never=("auditor",)))
declare(Ability("may_command_emergencies", _("Declare and command emergencies"), roles=("committee_member", "dispatcher"), never=("auditor",)))
declare(Ability("may_alert_residents", _("Alert residents"), roles=("committee_member", "dispatcher"), never=("auditor",)))
declare(Ability("may_bring_alerts", _("Bring in alerts of the superior"), roles=("dispatcher", "committee_member", "administrator"), never=("auditor",)))
STAFF = ("grid_worker", "station_officer", "department_officer", "dispatcher", "supervisor", "committee_member", "operator_staff")
declare(Ability("may_see_plans", _("Read emergency plans and boards"), roles=(*STAFF, "auditor", "administrator")))
declare(Ability("may_log_emergencies", _("Write in the log of an emergency"), roles=STAFF, never=("auditor",)))
