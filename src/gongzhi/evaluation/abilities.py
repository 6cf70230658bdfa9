"""What posts allow in the evaluation."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_export_histories", _("Take what happened to cases out as files for process mining"),
        roles=("committee_member", "supervisor", "auditor", "dispatcher"),
    ),
    Ability("may_define_indicators", _("Say by what the town is measured"), roles=("committee_member",), never=("auditor",)),
)  # fmt: skip
