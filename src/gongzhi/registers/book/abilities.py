"""What posts allow about the book."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability("may_keep_book", _("Post to the town's book, open accounts and close periods"), roles=("committee_member",), never=("auditor", "supervisor")),
    Ability(
        "may_pay_from_book", _("Pay from the town's book what a decision grants"), roles=("committee_member", "department_officer"),
        never=("auditor", "supervisor"),
    ),
    Ability("may_see_book", _("See the town's book"), roles=("committee_member", "supervisor", "auditor")),
)
