"""What posts allow in the registers of sources."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_keep_sources",
        _("Keep the registers of outlets, permits and risks"),
        roles=("department_officer", "committee_member", "administrator"),
        never=("auditor",),
    ),
    Ability("may_set_risk_thresholds", _("Set from where on a firm counts as high"), roles=("committee_member", "administrator"), never=("auditor",)),
    Ability("may_check_returns", _("Check returns that firms have filed"), roles=("department_officer", "committee_member"), never=("auditor",)),
)
