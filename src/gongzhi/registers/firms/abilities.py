"""What posts allow in the firms' register, for the area of the post."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_keep_firms",
        _("Keep the firms' register"),
        roles=("station_officer", "department_officer", "committee_member", "administrator"),
        never=("auditor", "supervisor"),
    )
)
