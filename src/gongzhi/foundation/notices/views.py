"""A person's notices, and how they want to hear of things."""

import json

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.foundation.notices import forms, operations, push, queries, rules
from gongzhi.foundation.people import leaving
from gongzhi.kernel import numbers
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, page

MOST = 30


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show the reader's notices, newest first."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    before = numbers.key(request.GET.get("before"))
    found = queries.notices(seen_by=actor)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: MOST + 1])
    return page(
        request, "notices/index.html",
        {"now": timezone.now(), "notices": rows[:MOST], "older": rows[MOST - 1].pk if len(rows) > MOST else None, "unread": queries.unread_count(seen_by=actor),
         "sees_deliveries": rules.may_see_deliveries(actor)},
    )  # fmt: skip


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice, or all, as read; one leads on to what it is about."""
    actor = actor_of(request)
    chosen = numbers.whole(request.POST["notice"], field="notice") if request.POST.get("notice") else None
    operations.read_notices(by=actor, at=timezone.now(), notice_ids=None if chosen is None else [chosen])
    if chosen is not None:
        notice = queries.notices(seen_by=actor).filter(pk=chosen).first()
        if notice is not None and notice.url.startswith("/"):
            return HttpResponseRedirect(notice.url)
    return HttpResponseRedirect("/notices/")


@never_cache
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Say how one wants to hear of things."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    wish = queries.choice(seen_by=actor)
    present = {"mail": wish.mail, "address": wish.address, "webhook": wish.webhook} if wish else {"mail": "none"}
    form = forms.ChoiceForm(request.POST or None, initial=present)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.choose(by=actor, at=timezone.now(), mail=given["mail"], address=given["address"], webhook=given["webhook"])
            messages.success(request, _("Kept."))
            return HttpResponseRedirect("/notices/")
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    return page(request, "notices/choices.html", {"form": form}, status=200 if not form.errors else 422)


@never_cache
@require_http_methods(["GET", "POST"])
def deliveries(request: HttpRequest) -> HttpResponse:
    """Show the administrator what is on its way out, and have a failed one tried again."""
    actor = actor_of(request)
    admit(rules.may_see_deliveries, actor)
    if request.method == "POST" and request.POST.get("delivery"):
        operations.deliver_again(by=actor, at=timezone.now(), delivery_id=numbers.whole(request.POST["delivery"], field="delivery"))
        messages.success(request, _("It is tried again now."))
        return HttpResponseRedirect("/notices/deliveries/")
    return page(request, "notices/deliveries.html", {"now": timezone.now(), "deliveries": list(queries.deliveries(seen_by=actor)[:100])})


@never_cache
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """Show which of the reader's devices are told by push; add this one, or turn one off."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    if request.method == "POST":
        given = request.POST
        if given.get("act") == "add":
            made = operations.add_device(
                by=actor, at=timezone.now(), endpoint=given.get("endpoint", ""), p256dh=given.get("p256dh", ""), auth=given.get("auth", ""),
                title=_device_title(request.headers.get("User-Agent", "")),
            )
            answer = HttpResponseRedirect("/account/devices/")
            answer.set_signed_cookie(DEVICE, str(made.pk), salt=DEVICE, max_age=YEAR, httponly=True, secure=request.is_secure(), samesite="Lax")
            messages.success(request, _("This device is told from now on."))
            return answer
        assert actor.person_id is not None  # the rule asked
        chosen = given.get("device", "")
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 12:
            operations.remove_devices(by=actor, at=timezone.now(), person_id=actor.person_id, device_id=int(chosen))
            messages.success(request, _("Turned off."))
        return HttpResponseRedirect("/account/devices/")
    found = queries.devices(seen_by=actor)
    key = push.public_key(settings.PUSH_KEY) if settings.PUSH_KEY else ""
    return page(request, "notices/devices.html", {"now": timezone.now(), "devices": found, "key": key, "known": json.dumps([one.fingerprint for one in found])})


DEVICE = "gongzhi_device"
YEAR = 365 * 24 * 3600
BROWSERS = ("Edg", "Firefox", "MicroMessenger", "Chrome", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "HarmonyOS", "Linux")


def _device_title(agent: str) -> str:
    """Name a browser by what it says of itself: 'Chrome, Android'."""
    words = [next((name for name in names if name in agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(word for word in words if word) or str(_("a browser"))


@leaving.register
def _turn_off_here(request: HttpRequest) -> None:
    """Signing out on a device turns its push notices off; the next person there gets none of them."""
    known, actor = request.get_signed_cookie(DEVICE, default="", salt=DEVICE, max_age=YEAR) or "", actor_of(request)
    if known.isdigit() and actor.person_id is not None:
        operations.remove_devices(by=actor, at=timezone.now(), person_id=actor.person_id, device_id=int(known))


@require_GET
def push_worker(request: HttpRequest) -> HttpResponse:
    """Give the service worker that shows what is pushed; it stands over /account/ only."""
    told = {"title": _("You have a new notice"), "icon": static("portal/field-192.png")}
    answer = render(request, "notices/push-sw.js", told, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
