"""What posts allow about people and log-ins."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

STAFF = (
    "grid_worker",
    "station_officer",
    "department_officer",
    "dispatcher",
    "supervisor",
    "committee_member",
    "steward",
    "operator_staff",
    "council_member",
    "administrator",
)

declare(
    Ability("may_give_logins", _("Make, lock and unlock log-ins, give new passwords"), roles=("administrator",), is_critical=True, never=("auditor",)),
    Ability("may_show_sealed", _("Open a sealed name or telephone number for a stated purpose"), roles=STAFF, never=("auditor",)),
    Ability("may_erase_people", _("Erase personal details and decide on requests for it"), roles=("administrator",), is_critical=True, never=("auditor",)),
)
