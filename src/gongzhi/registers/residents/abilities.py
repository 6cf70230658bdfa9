"""What posts allow in the residents' register, each for the area of its post. Nobody who checks others keeps it, and control is given to no role as shipped."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability("may_keep_residents", _("Keep the residents' register"), roles=("station_officer",), never=("auditor", "supervisor")),
    Ability("may_visit_homes", _("Visit homes for the residents' register"), roles=("grid_worker",), never=("auditor", "supervisor")),
    Ability("may_see_care", _("See and set tags of care"), roles=("station_officer",), never=("auditor", "supervisor")),
    Ability("may_see_control", _("See and set tags of control"), never=("auditor", "supervisor")),
)
