"""Forms by which stations, devices and limits come in."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.filling import answer_form
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.sensing import factors, forms, operations, queries, rules
from gongzhi.management_line.sensing.views.devices import refuse

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.models import Station


def _form_page(request: HttpRequest, form: Form, title: str, button: str, *, back: str, back_words: str) -> HttpResponse:
    """Show a form by which something comes in; 422 where what was sent cannot be taken."""
    context = {"form": form, "title": title, "button": button, "back": back, "back_words": back_words}
    return page(request, "sensing/form.html", context, status=422 if form.errors else 200)


def _register(request: HttpRequest, form: forms.StationForm, *, by: Actor, at: datetime) -> "Station | None":
    """Register what the form says; None where it is refused, with the reason in the form."""
    given = dict(form.cleaned_data)
    onward = given.pop("flows_to")
    organ_id = given.pop("organ")
    points = dict(queries.points_of_water(seen_by=by).values_list("code", "pk"))
    try:
        return operations.register_station(by=by, at=at, **given, organ_id=organ_id, flows_to_id=points[onward] if onward else None)
    except Refused as refused:
        refuse(form, refused)
        return None


def _points(seen_by: Actor, code: str = "") -> list[tuple[str, str]]:
    return [(station.code, station.label) for station in queries.points_of_water(seen_by=seen_by) if station.code != code]


def _organs(seen_by: Actor, at: datetime) -> list[tuple[int, str]]:
    return [(organ.pk, str(organ)) for organ in organs.open_organs(seen_by=seen_by, on=queries.day_of(seen_by=seen_by, at=at))]


@never_cache
@require_http_methods(["GET", "POST"])
def new_station(request: HttpRequest) -> HttpResponse:
    """Register a station."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_register, actor)
    form = forms.StationForm(_points(actor), _organs(actor, at), request.POST if request.method == "POST" else None)
    if form.is_valid():
        if queries.stations(seen_by=actor).filter(code=form.cleaned_data["code"]).exists():
            form.add_error("code", _("A station with this short name is registered already."))
        elif queries.closed_stations(seen_by=actor).filter(code=form.cleaned_data["code"]).exists():
            form.add_error("code", _("A closed station has this short name. Open that one again on its page, or choose another name."))
        else:
            station = _register(request, form, by=actor, at=at)
            if station is not None:
                messages.success(request, _("The station is registered. Now its device."))
                return HttpResponseRedirect(f"/stations/devices/new/?station={station.code}")
    return _form_page(request, form, _("A new station"), _("Register the station"), back="/stations/", back_words=_("Stations"))


@never_cache
@require_http_methods(["GET", "POST"])
def edit_station(request: HttpRequest, code: str) -> HttpResponse:
    """Correct what is registered of a station, or open a closed one again; its short name stays, for addresses lead to it."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_register, actor)
    station = queries.station_for(seen_by=actor, code=code)
    initial = {name: getattr(station, name) for name in forms.StationForm.base_fields if name not in ("flows_to", "organ")}
    initial |= {"flows_to": station.flows_to.code if station.flows_to else "", "organ": station.organ_id}
    form = forms.StationForm(_points(actor, code), _organs(actor, at), request.POST if request.method == "POST" else None, initial=initial)
    form.fields["code"].disabled = True
    if form.is_valid() and _register(request, form, by=actor, at=at) is not None:
        if station.is_closed:
            messages.success(request, _("The station is open again. Now its device: it comes back under the MN that it had."))
            return HttpResponseRedirect(f"/stations/devices/new/?station={station.code}")
        messages.success(request, _("The station is corrected."))
        return HttpResponseRedirect(f"/stations/{station.code}/")
    words = (_("Open the station again"), _("Open it again")) if station.is_closed else (_("Correct the station"), _("Save"))
    return _form_page(request, form, *words, back=f"/stations/{station.code}/", back_words=station.label)


@never_cache
@require_http_methods(["GET", "POST"])
def close_station(request: HttpRequest, code: str) -> HttpResponse:
    """Close a station, after saying what that means."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_register, actor)
    station = queries.station_for(seen_by=actor, code=code)
    form = forms.StationCloseForm(request.POST if request.method == "POST" else None)

    def act(given: dict[str, Any]) -> str:
        operations.close_station(by=actor, at=at, station_id=station.pk, **given)
        return f"/stations/{station.code}/"

    running = queries.episodes(seen_by=actor, station_id=station.pk, open_only=True, because_of=None).count()
    devices = queries.devices(seen_by=actor, station_id=station.pk).count()
    told = [_("It leaves the lists, the map and the early warnings, and nothing is expected of it any more. Its readings, alarms and limits stay.")]
    if devices:
        told.append(ngettext("%(n)d device is retired with it; the gateway refuses what it sends from then on.",
                             "%(n)d devices are retired with it; the gateway refuses what they send from then on.", devices) % {"n": devices})  # fmt: skip
    if running:
        told.append(ngettext("%(n)d alarm of it is not cleared. Its case goes on, but no clean readings will come: it has to be closed without them.",
                             "%(n)d alarms of it are not cleared. Their cases go on, but no clean readings will come: they have to be closed without them.",
                             running) % {"n": running})  # fmt: skip
    title = _("Close the station: %(name)s") % {"name": station.label}
    return answer_form(
        request, form, act, done=_("The station is closed. What it measured stays readable."), template="sensing/form.html", title=title,
        button=_("Close the station"), back=f"/stations/{station.code}/", back_words=station.label, told=told,
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def new_device(request: HttpRequest) -> HttpResponse:
    """Register a device of a station."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_register, actor)
    stations = {station.code: station for station in queries.stations(seen_by=actor)}
    form = forms.DeviceForm(
        [(code, station.label) for code, station in stations.items()], request.POST if request.method == "POST" else None,
        initial={"station": request.GET.get("station", "")},
    )  # fmt: skip
    if form.is_valid():
        given = dict(form.cleaned_data)
        station = stations[given.pop("station")]
        try:
            device = operations.register_device(by=actor, at=at, station_id=station.pk, **given)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The device is registered. Point it at the gateway's address and port; this page shows when it reports."))
            return HttpResponseRedirect(f"/stations/devices/{device.mn}/")
    return _form_page(request, form, _("A new device"), _("Register the device"), back="/stations/devices/", back_words=_("Devices"))


@never_cache
@require_http_methods(["GET", "POST"])
def new_limit(request: HttpRequest, code: str) -> HttpResponse:
    """Set a limit for a station."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_register, actor)
    station = queries.station_for(seen_by=actor, code=code)
    series = {str(one.pk): one for one in queries.series_of(seen_by=actor, station_id=station.pk)}
    form = forms.LimitForm(
        [(pk, f"{one.label} · {one.aggregate_word}{f' · {one.unit}' if one.unit else ''}") for pk, one in series.items()],
        request.POST if request.method == "POST" else None, initial={"valid_from": timezone.localtime(at).date()},
    )  # fmt: skip
    if form.is_valid():
        given = dict(form.cleaned_data)
        one = series[given.pop("series")]
        given["duration_seconds"] = 60 * given.pop("duration_minutes")
        title = f"{factors.label(one.factor)} {given['clause']}"[:60]
        try:
            operations.set_limit(by=actor, at=at, title=title, factor=one.factor, aggregate=one.aggregate, unit=one.unit, station_id=station.pk, **given)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The limit is set."))
            return HttpResponseRedirect(f"/stations/{station.code}/")
    return _form_page(request, form, _("A new limit"), _("Set the limit"), back=f"/stations/{station.code}/", back_words=station.label)


@never_cache
@require_http_methods(["GET", "POST"])
def end_limit(request: HttpRequest, code: str, limit_id: int) -> HttpResponse:
    """Let a limit of a station end on a day."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_register, actor)
    station = queries.station_for(seen_by=actor, code=code)
    rule = queries.limits_ever(seen_by=actor, station=station).get(pk=limit_id)
    form = forms.LimitEndForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localtime(at).date() + timedelta(days=1)})
    if form.is_valid():
        try:
            operations.end_limit(by=actor, at=at, limit_id=rule.pk, on=form.cleaned_data["on"])
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The limit ends on that day."))
            return HttpResponseRedirect(f"/stations/{station.code}/")
    title = _("End the limit: %(title)s") % {"title": f"{rule.title} {rule.words}"}
    return _form_page(request, form, title, _("End the limit"), back=f"/stations/{station.code}/", back_words=station.label)
