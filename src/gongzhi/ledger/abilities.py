"""What posts allow in the ledger."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(Ability("may_read_whole_ledger", _("Read entries of the ledger that are not public"), roles=("auditor", "administrator")))
