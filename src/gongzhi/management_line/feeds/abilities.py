"""What posts allow about feeds and imports of readings."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

OFFICERS = ("department_officer", "station_officer", "dispatcher", "supervisor", "committee_member", "auditor", "administrator")

declare(
    Ability("may_set_up_feeds", _("Set up feeds"), roles=("department_officer", "committee_member", "administrator"), never=("auditor",)),
    Ability("may_see_feeds", _("See feeds and what they could not use"), roles=OFFICERS),
    Ability(
        "may_import_readings",
        _("Import readings from files"),
        roles=("committee_member", "administrator", "department_officer", "station_officer"),
        never=("auditor",),
    ),
)
