"""What posts allow about stations and devices."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.abilities import Ability, declare

declare(
    Ability(
        "may_register_devices",
        _("Register stations, devices and limits"),
        roles=("department_officer", "committee_member", "administrator"),
        never=("auditor",),
    ),
    Ability(
        "may_maintain_devices",
        _("Keep devices: maintenance, calibration, readings sent by programs"),
        roles=("department_officer", "station_officer"),
        never=("auditor",),
    ),
    Ability(
        "may_see_devices",
        _("See devices, refused packets and stations that are not public"),
        roles=("department_officer", "station_officer", "grid_worker", "dispatcher", "supervisor", "committee_member", "auditor", "administrator"),
    ),
    Ability(
        "may_confirm_proposals",
        _("Confirm what supervised units say of their devices and readings"),
        roles=("department_officer", "station_officer", "committee_member", "administrator"),
        never=("auditor",),
    ),
)
