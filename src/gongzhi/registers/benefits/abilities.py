"""What posts allow about benefits."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_draft_benefits", _("Draft benefits and try them on the register"), roles=("committee_member", "department_officer"),
        never=("auditor", "supervisor"),
    ),
    Ability("may_adopt_benefits", _("Adopt benefits"), roles=("committee_member",), never=("auditor", "supervisor")),
    Ability(
        "may_pay_benefits", _("Approve the payment of benefits and take them back"), roles=("committee_member", "department_officer"),
        never=("auditor", "supervisor"),
    ),
    Ability("may_check_benefits", _("See who is found for benefits and what was paid"), roles=("supervisor", "auditor")),
)
