"""What posts allow in the closed loop."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

OFFICE = (
    "department_officer",
    "station_officer",
    "steward",
    "operator_staff",
    "council_member",
    "committee_member",
    "dispatcher",
    "grid_worker",
)
INSIDE = (*OFFICE, "supervisor", "auditor", "administrator")

declare(
    Ability("may_dispatch", _("Assign cases to units, decline, merge and close them"), roles=("dispatcher",), never=("auditor",)),
    Ability("may_overrule", _("Decide over the units: settle what was returned, grant more time"), roles=("committee_member",), never=("auditor",)),
    Ability("may_handle", _("Handle cases of the own unit"), roles=OFFICE, never=("auditor", "supervisor")),
    Ability(
        "may_check_on_site", _("Check on site what others have done"), roles=("grid_worker", "station_officer", "dispatcher", "supervisor"), never=("auditor",)
    ),
    Ability("may_supervise", _("Watch over the units: urge and reopen"), roles=("supervisor",), never=("auditor",)),
    Ability("may_call_back", _("Call those who rated badly"), roles=("dispatcher", "supervisor"), never=("auditor",)),
    Ability("may_see_all_follow_ups", _("See every call after a bad rating"), roles=("dispatcher", "supervisor", "committee_member")),
    Ability("may_see_follow_ups", _("See the calls after a bad rating of the own unit"), roles=("department_officer", "station_officer")),
    Ability("may_see_town_cases", _("See cases of the whole town that are not public"), roles=("dispatcher", "supervisor", "committee_member", "auditor")),
    Ability("may_see_area_cases", _("See cases of the own area that are not public"), roles=("grid_worker", "station_officer")),
    Ability("may_read_internal_notes", _("Read internal notes on cases of the own unit"), roles=(*INSIDE, "resident")),
    Ability("may_use_desk", _("Use the desk"), roles=INSIDE),
    Ability(
        "may_take_calls",
        _("Take down what callers need"),
        roles=("dispatcher", "station_officer", "grid_worker", "steward", "committee_member", "department_officer"),
        never=("auditor",),
    ),
    Ability("may_define_lists", _("Change responsibility lists, categories and procedures"), roles=("committee_member", "administrator"), never=("auditor",)),
    Ability("may_move_procedures", _("Move running cases to another version of a procedure"), roles=("committee_member", "administrator"), never=("auditor",)),
    Ability("may_import_cases", _("Bring in cases and reports of another system"), roles=("administrator",), never=("auditor",)),
)
