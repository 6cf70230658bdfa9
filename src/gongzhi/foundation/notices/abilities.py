"""What posts allow about notices."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(Ability("may_see_deliveries", _("See mails and messages that went out, and have them tried again"), roles=("administrator",), never=("auditor",)))
