"""An officer's answer to what supervised units say of their devices and readings."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.management_line.sensing import queries, rules
from gongzhi.management_line.sensing.facts import DeviceCalibrated, MaintenancePlanned, ProposalDecided
from gongzhi.management_line.sensing.models import Calibration, Claim, Maintenance
from gongzhi.management_line.sensing.operations._claims import _claimed
from gongzhi.management_line.sensing.operations.registry import _changed
from gongzhi.management_line.sensing.operations.taking import _keep_confirmed


class Decided(Refused):
    sentence = _("This has been decided already.")


class SayWhy(Refused):
    sentence = _("Say why it is not confirmed; the unit reads it.")
    field = "answer"


class WorkIsOver(Refused):
    sentence = _("This time is over; work is not confirmed afterwards.")


@operation
def decide_proposal(*, by: Actor, at: datetime, matter: str, proposal_id: int, confirmed: bool, answer: str = "") -> Any:
    """Confirm or decline what a supervised unit said: its work on a device, a calibration, other readings. Declined needs a reason.

    Confirmed work counts from now on at the earliest; confirmed readings become the next version of what they correct, and are judged.
    """
    one: Any
    if matter == Claim.MATTER:
        one = Claim.objects.select_for_update(of=("self",)).select_related("station", "station__organ").get(pk=proposal_id)
        station, count = one.station, one.count
    else:
        model: Any = queries.MATTERS[matter]
        one = model.objects.select_for_update(of=("self",)).select_related("device__station", "device__station__organ").get(pk=proposal_id)
        station, count = one.device.station, 1
    ensure(rules.may_confirm, station)
    if not one.is_open:
        raise Decided
    if not confirmed and not answer.strip():
        raise SayWhy
    if confirmed and matter == Maintenance.MATTER:
        if one.ends_at <= at:
            raise WorkIsOver
        one.begins_at = max(one.begins_at, at)
    one.state = Claim.State.CONFIRMED if confirmed else Claim.State.DECLINED
    one.decided_at, one.decided_by, one.answer = at, by.ref, answer.strip()[:200]
    one.save()
    if confirmed:
        _IN_FORCE[matter](by, at, one)
    record(ProposalDecided(subject=ref(one), matter=matter, station_id=station.pk, confirmed=confirmed, count=count))
    return one


def _work_in_force(by: Actor, at: datetime, window: Maintenance) -> None:
    _changed()
    record(MaintenancePlanned(subject=ref(window.device), begins_at=window.begins_at, ends_at=window.ends_at))


def _calibration_in_force(by: Actor, at: datetime, calibration: Calibration) -> None:
    record(DeviceCalibrated(subject=ref(calibration.device), factor=calibration.factor, passed=calibration.passed))


def _readings_in_force(by: Actor, at: datetime, claim: Claim) -> None:
    _keep_confirmed(by, at, claim, _claimed(claim))


_IN_FORCE: dict[str, Callable[[Actor, datetime, Any], None]] = {
    Maintenance.MATTER: _work_in_force, Calibration.MATTER: _calibration_in_force, Claim.MATTER: _readings_in_force,
}  # fmt: skip
