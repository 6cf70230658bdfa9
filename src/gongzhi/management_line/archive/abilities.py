"""What posts allow about the archive of readings."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

OFFICERS = ("department_officer", "station_officer", "dispatcher", "supervisor", "committee_member", "auditor", "administrator")

declare(Ability("may_see_archive", _("See the files of the archive"), roles=OFFICERS))
