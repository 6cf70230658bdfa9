"""What posts allow about early warning."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(Ability("may_set_warnings", _("Set rules of early warning"), roles=("department_officer", "committee_member", "administrator"), never=("auditor",)))
