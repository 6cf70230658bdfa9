"""What posts allow in the ledgers of waste and soil."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_open_waste_ledgers",
        _("Open waste ledgers for firms and count their stock"),
        roles=("department_officer", "committee_member", "administrator"),
        never=("auditor",),
    ),
    Ability("may_sample_soil", _("Keep plots and samples of soil"), roles=("department_officer", "committee_member", "administrator"), never=("auditor",)),
)
