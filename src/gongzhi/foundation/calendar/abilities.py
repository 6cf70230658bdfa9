"""What posts allow about the town's calendar."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(Ability("may_change_calendar", _("Change working days and hours"), roles=("committee_member", "administrator"), never=("auditor",)))
