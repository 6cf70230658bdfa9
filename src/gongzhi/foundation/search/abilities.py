"""What posts allow about search."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(Ability("may_set_synonyms", _("Keep the words by which the town is searched"), roles=("dispatcher", "supervisor", "administrator"), never=("auditor",)))
