"""How devices do, and what is done with them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, page
from gongzhi.management_line.sensing import factors, forms, operations, queries, rules
from gongzhi.management_line.sensing.models import Device


def refuse(form: Form, refused: Refused) -> None:
    """Put a refusal where its field is, above the form where it names none of them."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the devices that the reader keeps, those with trouble first."""
    actor, at = actor_of(request), timezone.now()
    found = queries.health(seen_by=actor, at=at)
    today = timezone.localtime(at).date()
    return page(
        request, "sensing/devices.html",
        {"now": at, "devices": [(one, one.is_calibration_late(today)) for one in found], "well": sum(one.is_well for one in found),
         "may_register": rules.may_register(actor), "may_read_proposals": rules.may_read_proposals(actor),
         "waiting": len(queries.proposals(seen_by=actor, open_only=True)) if rules.may_read_proposals(actor) else 0,
         "aside": list(queries.set_aside(seen_by=actor)[:20])},
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def device(request: HttpRequest, mn: str) -> HttpResponse:
    """Show one device, and take what its keepers do: ask it, plan work on it, record its calibration, change its password."""
    actor, at = actor_of(request), timezone.now()
    found = queries.device_for(seen_by=actor, mn=mn)
    measured = list(queries.series_of(seen_by=actor, station_id=found.station_id))
    names = sorted({(series.factor, f"{factors.label(series.factor)} {series.factor}") for series in measured})
    act = request.POST.get("act", "") if request.method == "POST" else ""
    sent = {name: request.POST if act == name else None for name in ("ask", "maintain", "calibrate", "rotate")}
    all_forms: dict[str, Form] = {
        "ask": forms.AskForm(sent["ask"]), "maintain": forms.MaintenanceForm(sent["maintain"]),
        "calibrate": forms.CalibrationForm(names, sent["calibrate"], initial={"done_on": timezone.localtime(at).date()}),
        "rotate": forms.PasswordForm(sent["rotate"]),
    }  # fmt: skip
    form = all_forms.get(act)
    if form is not None and form.is_valid():
        try:
            messages.success(request, _act(act, form.cleaned_data, {"by": actor, "at": at, "device_id": found.pk}))
        except Refused as refused:
            refuse(form, refused)
        else:
            return HttpResponseRedirect(request.path)
    one = queries.health(seen_by=actor, at=at, device_id=found.pk)[0]
    return page(
        request, "sensing/device.html",
        {
            "now": at, "device": found, "health": one, "is_party": rules.is_party(actor, found.station), "longest": queries.longest_work(seen_by=actor),
            "may_maintain": rules.may_maintain(actor, found), "may_register": rules.may_register(actor),
            **_shares(found, at),
            "requests": list(queries.requests_of(seen_by=actor, device_id=found.pk)[:12]),
            "windows": [(window, window.is_running(at)) for window in queries.maintenance_of(seen_by=actor, device_id=found.pk)[:8]],
            "calibrations": list(queries.calibrations_of(seen_by=actor, device_id=found.pk)[:12]),
            "notices": list(queries.notices_of(seen_by=actor, device_id=found.pk)[:10]),
            "is_calibration_late": one.is_calibration_late(queries.day_of(seen_by=ANYONE, at=at)),
            "refused": list(queries.refused_packets(seen_by=actor, station_id=found.station_id).filter(device_id=found.pk)[:10]), "forms": all_forms,
        },
        status=422 if any(each.errors for each in all_forms.values()) else 200,
    )  # fmt: skip


def _act(act: str, given: dict[str, Any], on: dict[str, Any]) -> str:
    """Do what a form of the device page asks; return what to say."""
    if act == "ask":
        operations.ask_device(**on, **given)
        return _("The device is asked as soon as it is connected.")
    if act == "maintain":
        window = operations.plan_maintenance(**on, **given)
        if window.is_open:
            return _("Your time of work is proposed. It counts once an officer has confirmed it.")
        return _("The time is noted; what the device sends in it is marked and raises no alarm.")
    if act == "calibrate":
        calibration = operations.record_calibration(**on, **given)
        if calibration.is_open:
            return _("Your calibration is proposed. It counts once an officer has confirmed it.")
        return _("The calibration is recorded.")
    operations.rotate_device_password(**on, **given)
    return _("The password is changed. The device must use the new one from now on.")


def _shares(device: Device, at: datetime) -> dict[str, Any]:
    """Return the chart of how much of each of the last 48 hours is there and valid."""
    since = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=47)
    ids = list(queries.series_of(seen_by=CLOCK, station_id=device.station_id).filter(aggregate="rtd").values_list("pk", flat=True))
    found = queries.rollups(seen_by=CLOCK, series_ids=ids, since=since, until=at)
    due = max(1.0, 3600 / max(1, device.report_seconds) * len(ids))
    valid: dict[datetime, int] = {}
    for hours in found.values():
        for hour in hours:
            valid[hour.at] = valid.get(hour.at, 0) + hour.valid
    steps = [since + timedelta(hours=number) for number in range(48)]
    return {
        "labels": [timezone.localtime(step).strftime("%m-%d %H:%M") for step in steps],
        "shares": [(_("share of what was due"), [round(min(100.0, 100 * valid.get(step, 0) / due), 1) for step in steps])],
    }
