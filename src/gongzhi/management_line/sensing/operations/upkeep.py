"""Keeping devices in order: maintenance windows, calibrations, passwords."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import queries, rules
from gongzhi.management_line.sensing.bounds import MOST_PLANNED_AHEAD, is_measurable
from gongzhi.management_line.sensing.facts import DeviceCalibrated, DevicePasswordRotated, MaintenancePlanned, ProposalMade
from gongzhi.management_line.sensing.models import Calibration, Device, Maintenance
from gongzhi.management_line.sensing.operations.registry import _changed


class EndsBeforeItBegins(Refused):
    sentence = _("The end must lie after the beginning.")
    field = "ends_at"


class BeganAlready(Refused):
    sentence = _("Work on a device is announced before it begins; what was sent before now stays judged.")
    field = "begins_at"


class TooLongAWork(Refused):
    sentence = _("Work on a device lasts %(hours)d hours at most at a time; announce the rest when it is needed.")
    field = "ends_at"


class TooFarAhead(Refused):
    sentence = _("Work is announced for the coming year at most.")
    field = "begins_at"


class NotDoneYet(Refused):
    sentence = _("A calibration is recorded after it was done.")
    field = "done_on"


class NotAReference(Refused):
    sentence = _("A value must be a finite number.")
    field = "reference"


@operation
def rotate_device_password(*, by: Actor, at: datetime, device_id: int, password: str) -> Device:
    """Give a device another password; the old one no longer opens."""
    device = _locked(device_id)
    ensure(rules.may_register)
    ensure(rules.may_judge, device.station)
    device.sealed_password = sealing.seal_text(password, "device")
    device.save(update_fields=["sealed_password"])
    _changed()
    record(DevicePasswordRotated(subject=ref(device)))
    return device


@operation
def plan_maintenance(*, by: Actor, at: datetime, device_id: int, begins_at: datetime, ends_at: datetime, reason: str) -> Maintenance:
    """Announce a time in which a device is worked on: what it sends then is kept with the mark M and judged by nothing.

    It begins now or later and lasts no longer than the town allows. Announced by the unit that is supervised, it counts once an officer has confirmed it.
    """
    device = _locked(device_id)
    ensure(rules.may_maintain, device)
    if ends_at <= begins_at:
        raise EndsBeforeItBegins
    if begins_at < at.replace(second=0, microsecond=0):  # forms know minutes only
        raise BeganAlready
    longest = queries.longest_work(seen_by=by)
    if ends_at - begins_at > timedelta(hours=longest):
        raise TooLongAWork(hours=longest)
    if begins_at - at > MOST_PLANNED_AHEAD:
        raise TooFarAhead
    window = Maintenance.objects.create(
        town_id=current_town(), device=device, begins_at=begins_at, ends_at=ends_at, reason=reason, planned_at=at, planned_by=by.ref,
        state=_state(by, device),
    )  # fmt: skip
    if window.is_open:
        record(ProposalMade(subject=ref(window), matter=Maintenance.MATTER, station_id=device.station_id))
        return window
    _changed()
    record(MaintenancePlanned(subject=ref(device), begins_at=begins_at, ends_at=ends_at))
    return window


def _locked(device_id: int) -> Device:
    """Return a device with its station and unit, locked."""
    return Device.objects.select_for_update(of=("self",)).select_related("station", "station__organ").get(pk=device_id)


def _state(by: Actor, device: Device) -> Any:
    """Return how what somebody says of a device stands: proposed where it is the supervised unit's own word."""
    return Maintenance.State.PROPOSED if rules.is_party(by, device.station) else Maintenance.State.CONFIRMED


@operation
def record_calibration(*, by: Actor, at: datetime, device_id: int, factor: str, done_on: date, reference: float, found: float, passed: bool,
                       next_due_on: date | None = None, note: str = "") -> Calibration:  # fmt: skip
    """Record that a device was calibrated against a reference, with what it showed before. What the supervised unit enters waits for an officer."""
    device = _locked(device_id)
    ensure(rules.may_maintain, device)
    for name, value in (("reference", reference), ("found", found)):
        if not is_measurable(value):
            raise NotAReference(field=name)
    if done_on > queries.day_of(seen_by=by, at=at):
        raise NotDoneYet
    if next_due_on is not None and next_due_on <= done_on:
        raise EndsBeforeItBegins(field="next_due_on")
    calibration = Calibration.objects.create(
        town_id=current_town(), device=device, factor=factor, done_on=done_on, reference=reference, found=found, passed=passed, next_due_on=next_due_on,
        note=note, recorded_at=at, recorded_by=by.ref, state=_state(by, device),
    )  # fmt: skip
    if calibration.is_open:
        record(ProposalMade(subject=ref(calibration), matter=Calibration.MATTER, station_id=device.station_id))
        return calibration
    record(DeviceCalibrated(subject=ref(device), factor=factor, passed=passed))
    return calibration
