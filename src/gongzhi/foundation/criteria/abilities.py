"""What posts allow about criteria."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability("may_draft_criteria", _("Draft and try criteria"), roles=("committee_member", "supervisor", "administrator"), never=("auditor",)),
    Ability("may_adopt_criteria", _("Adopt criteria and set the values by which they decide"), roles=("committee_member",), never=("auditor",)),
)
