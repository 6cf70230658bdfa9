"""What posts allow about conversations."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability("may_lead_conversations", _("Open conversations and read what is written there"), roles=("committee_member", "council_member"), never=("auditor",)),
)
