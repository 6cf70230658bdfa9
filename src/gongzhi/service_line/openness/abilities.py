"""What posts allow about openness."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability("may_define_columns", _("Set the statutory list: columns, who owes them, how soon"),
            roles=("committee_member", "administrator"), never=("auditor",)),
    Ability("may_publish_entries", _("Publish under the own unit's columns of the statutory list"),
            roles=("department_officer", "station_officer", "committee_member"), never=("auditor",)),
)  # fmt: skip
