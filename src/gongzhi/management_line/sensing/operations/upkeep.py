"""Keeping devices in order: maintenance windows, calibrations, passwords."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import rules
from gongzhi.management_line.sensing.facts import DeviceCalibrated, DevicePasswordRotated, MaintenancePlanned
from gongzhi.management_line.sensing.models import Calibration, Device, Maintenance
from gongzhi.management_line.sensing.operations.registry import _changed


class EndsBeforeItBegins(Refused):
    sentence = _("The end must lie after the beginning.")
    field = "ends_at"


@operation
def rotate_device_password(*, by: Actor, at: datetime, device_id: int, password: str) -> Device:
    """Give a device another password; the old one no longer opens."""
    device = Device.objects.select_for_update().get(pk=device_id)
    ensure(rules.may_register)
    device.sealed_password = sealing.seal_text(password, "device")
    device.save(update_fields=["sealed_password"])
    _changed()
    record(DevicePasswordRotated(subject=ref(device)))
    return device


@operation
def plan_maintenance(*, by: Actor, at: datetime, device_id: int, begins_at: datetime, ends_at: datetime, reason: str) -> Maintenance:
    """Announce a time in which a device is worked on: what it sends then is kept with the mark M and judged by nothing."""
    device = Device.objects.select_for_update().get(pk=device_id)
    ensure(rules.may_maintain, device)
    if ends_at <= begins_at:
        raise EndsBeforeItBegins
    window = Maintenance.objects.create(
        town_id=current_town(), device=device, begins_at=begins_at, ends_at=ends_at, reason=reason, planned_at=at, planned_by=by.ref
    )
    _changed()
    record(MaintenancePlanned(subject=ref(device), begins_at=begins_at, ends_at=ends_at))
    return window


@operation
def record_calibration(*, by: Actor, at: datetime, device_id: int, factor: str, done_on: date, reference: float, found: float, passed: bool,
                       next_due_on: date | None = None, note: str = "") -> Calibration:  # fmt: skip
    """Record that a device was calibrated against a reference, with what it showed before."""
    device = Device.objects.select_for_update().get(pk=device_id)
    ensure(rules.may_maintain, device)
    if next_due_on is not None and next_due_on <= done_on:
        raise EndsBeforeItBegins(field="next_due_on")
    calibration = Calibration.objects.create(
        town_id=current_town(), device=device, factor=factor, done_on=done_on, reference=reference, found=found, passed=passed, next_due_on=next_due_on,
        note=note, recorded_at=at, recorded_by=by.ref,
    )  # fmt: skip
    record(DeviceCalibrated(subject=ref(device), factor=factor, passed=passed))
    return calibration
