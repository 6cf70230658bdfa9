"""What posts allow about the faces of the product."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_use_cockpit",
        _("Use the command screen"),
        roles=("committee_member", "dispatcher", "supervisor", "station_officer", "department_officer", "steward", "auditor", "administrator"),
    ),
    Ability("may_use_field", _("Use the field app"), roles=("grid_worker", "station_officer"), never=("auditor",)),
    Ability("may_administer", _("Open the administration"), roles=("committee_member", "administrator"), never=("auditor",)),
)
