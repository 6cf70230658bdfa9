"""What posts allow about policies."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability("may_prepare_policies", _("Prepare policies, their readings and consultations"),
            roles=("department_officer", "station_officer", "committee_member"), never=("auditor",)),
    Ability("may_release_policies", _("Release and repeal policies"), roles=("committee_member",), never=("auditor",)),
)  # fmt: skip
