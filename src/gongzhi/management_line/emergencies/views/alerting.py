"""Pages of alerts: in force and past, for everybody; new ones for those who may."""

from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.management_line.emergencies import cap, forms, operations, queries, rules
from gongzhi.management_line.emergencies.views.responding import areas_of

ATOM = "http://www.w3.org/2005/Atom"


@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """List alerts: in force, then those of the past."""
    actor, at = actor_of(request), timezone.now()
    current = queries.alerts_in_force(seen_by=actor, at=at)
    known = {one.pk for one in current}
    past = [one for one in queries.alerts(seen_by=actor)[:60] if one.pk not in known and one.kind != "Cancel"]
    return page(
        request, "emergencies/alerts.html",
        {"now": at, "current": current, "past": past, "may_alert": rules.may_alert(actor), "may_bring": rules.may_bring(actor)},
    )  # fmt: skip


@require_safe
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Show one alert."""
    actor, at = actor_of(request), timezone.now()
    found = queries.alert_for(seen_by=actor, alert_id=alert_id)
    return page(
        request, "emergencies/alert.html",
        {"now": at, "alert": found, "in_force": found.is_in_force(at), "may_lift": found.is_own and found.state == "current" and rules.may_alert(actor)},
    )  # fmt: skip


@require_safe
def alert_xml(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Give the message as it stands in XML."""
    found = queries.alert_for(seen_by=actor_of(request), alert_id=alert_id)
    return HttpResponse(bytes(found.content), content_type="application/cap+xml; charset=utf-8")


@require_safe
def alert_feed(request: HttpRequest) -> HttpResponse:
    """Give the newest public alerts as an Atom feed that leads to their CAP messages (CAP Alert Feeds, OASIS)."""
    town = territory.town(seen_by=ANYONE)
    root = Element("feed", {"xmlns": ATOM})
    home = request.build_absolute_uri("/alerts/")
    found = list(queries.alerts(seen_by=ANYONE)[:50])
    newest = found[0].sent_at if found else datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    for name, value in (("id", home), ("title", f"{town.name} · 预警信息"), ("updated", newest.isoformat(timespec="seconds"))):
        SubElement(root, name).text = value
    SubElement(root, "link", {"rel": "self", "href": request.build_absolute_uri("/alerts/feed.atom")})
    SubElement(SubElement(root, "author"), "name").text = town.name
    for one in found:
        entry = SubElement(root, "entry")
        sent = one.sent_at.isoformat(timespec="seconds")
        for name, value in (("id", f"{home}{one.pk}/"), ("title", one.headline), ("updated", sent), ("summary", one.event)):
            SubElement(entry, name).text = value
        SubElement(entry, "link", {"href": f"{home}{one.pk}/"})
        SubElement(entry, "link", {"rel": "alternate", "type": "application/cap+xml", "href": f"{home}{one.pk}/cap.xml"})
    return HttpResponse(b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8"), content_type="application/atom+xml; charset=utf-8")


@never_cache
@require_http_methods(["GET", "POST"])
def new_alert(request: HttpRequest) -> HttpResponse:
    """Alert residents."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_alert, actor)
    emergency = _emergency(request, actor)
    initial: dict[str, Any] = {}
    if emergency is not None:
        level = emergency.plan.plan.levels[emergency.level]
        initial = {"event": emergency.plan.title.removesuffix("应急预案"), "instruction": level.tell.get("zh", ""), "instruction_en": level.tell.get("en", "")}
        initial["severity"] = {1: "Extreme", 2: "Severe", 3: "Moderate", 4: "Minor"}[emergency.level]
    form = forms.AlertForm(areas_of(actor), request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        made = attempt(form, lambda: operations.issue_alert(
            by=actor, at=at, area_ids=given.pop("areas"), emergency_id=emergency.pk if emergency else None, **given
        ))  # fmt: skip
        if made is not None:
            messages.success(request, _("The alert stands at the head of every page until it ends."))
            return HttpResponseRedirect(f"/alerts/{made.pk}/")
    return page(request, "emergencies/alert_form.html", {"form": form, "emergency": emergency}, status=422 if form.errors else 200)


def _emergency(request: HttpRequest, actor: Any) -> Any:
    slug = request.GET.get("emergency", "")
    if not slug:
        return None
    found = queries.emergency_for(seen_by=actor, slug=slug[:20])
    return found if found.is_current else None


@require_POST
def lift_alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Lift an alert of the town's own."""
    lifted = operations.cancel_alert(by=actor_of(request), at=timezone.now(), alert_id=alert_id)
    messages.success(request, _("Lifted."))
    return HttpResponseRedirect(f"/alerts/{lifted.pk}/")


@never_cache
@require_http_methods(["GET", "POST"])
def take_alert(request: HttpRequest) -> HttpResponse:
    """Take in a CAP file of a superior."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_bring, actor)
    form = forms.TakeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["content"].read(cap.MOST_BYTES + 1)
        taken = attempt(form, lambda: operations.take_alert(by=actor, at=at, content=content))
        if taken is not None:
            found, is_new = taken
            messages.success(request, _("Taken in.") if is_new else _("This message was here already."))
            return HttpResponseRedirect(f"/alerts/{found.pk}/")
    return page(request, "emergencies/take.html", {"form": form}, status=422 if form.errors else 200)
