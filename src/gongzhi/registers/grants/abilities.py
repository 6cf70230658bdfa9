"""What posts allow in exchange. Who checks others neither asks for data nor gives it."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

UNITS = ("department_officer", "station_officer", "committee_member")

declare(
    Ability("may_use_data", _("Ask other units for data and use what is granted"), roles=UNITS, never=("auditor", "supervisor")),
    Ability("may_answer_for_data", _("Answer for the own unit's data: decide requests and corrections"), roles=UNITS, never=("auditor", "supervisor")),
    Ability("may_keep_data_catalogue", _("Keep the catalogue of data"), roles=("committee_member", "administrator"), never=("auditor", "supervisor")),
)
