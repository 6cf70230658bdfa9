"""What posts allow about matters."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability("may_draft_items", _("Make and change the matters of one's own unit"), roles=("department_officer", "administrator"), never=("auditor",)),
    Ability("may_adopt_items", _("Adopt and end matters"), roles=("committee_member",), never=("auditor",)),
    Ability("may_import_items", _("Bring in lists of matters"), roles=("administrator",), never=("auditor",)),
    Ability(
        "may_file_at_window",
        _("File for people who come in person"),
        roles=("department_officer", "station_officer", "dispatcher"),
        never=("auditor",),
    ),
)
