"""What posts allow about organs, posts and roles."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

TOP = ("committee_member", "administrator")

declare(
    Ability("may_define_organs", _("Define organs"), roles=TOP, never=("auditor",)),
    Ability("may_give_posts", _("Give and end posts"), roles=TOP, is_critical=True, never=("auditor",)),
    Ability("may_change_roles", _("Change what roles may do"), roles=TOP, is_critical=True, never=("auditor",)),
    Ability("may_speak_for_firm", _("File returns and keep ledgers of the own firm"), roles=("enterprise_contact",), never=("auditor", "supervisor")),
)
