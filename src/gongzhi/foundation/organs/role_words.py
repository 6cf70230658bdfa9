"""Roles in the reader's language."""

from django.utils.translation import gettext_lazy as _

ROLE_WORDS = {
    "grid_worker": _("Grid worker"), "station_officer": _("Station officer"), "department_officer": _("Department officer"), "dispatcher": _("Dispatcher"),
    "supervisor": _("Supervisor"), "committee_member": _("Committee member"), "steward": _("Steward"), "operator_staff": _("Operator's staff"),
    "council_member": _("Council member"), "enterprise_contact": _("Contact of a firm"), "auditor": _("Auditor"), "administrator": _("Administrator"),
    "resident": _("Resident"),
}  # fmt: skip
