"""What posts allow about papers."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_withdraw_papers", _("Suspend, revoke and replace papers of the own organ"),
        roles=("department_officer", "station_officer", "committee_member"), never=("auditor",),
    ),
)  # fmt: skip
