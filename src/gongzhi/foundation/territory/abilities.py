"""What posts allow about the town and its territory."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

TOP = ("committee_member", "administrator")

declare(
    Ability("may_set_town_rules", _("Set the town's name and rules"), roles=TOP, is_critical=True, never=("auditor",)),
    Ability("may_define_territory", _("Draw areas and places"), roles=TOP, never=("auditor",)),
)
