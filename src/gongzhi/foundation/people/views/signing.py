"""Signing in, registering, signing out."""

import contextlib
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.foundation.people import devices, forms, leaving, openid, operations, queries
from gongzhi.foundation.people.views._request import next_of, refuse
from gongzhi.foundation.people.views.account import can_send_codes
from gongzhi.kernel import live
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.callers import address_of
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, attempt, page

BACKEND = "gongzhi.foundation.people.backends.TownBackend"
HALF_WAY = "people_half_way"  # who has passed the password and not the second factor yet
HALF_WAY_AGE = 600


def after_first_factor(request: HttpRequest, user: Any, at: datetime, wanted: str) -> HttpResponse:
    """Let in whoever has shown the password or an identity; a second factor, where one is on, is asked on the next page."""
    if queries.second_factor(seen_by=ANYONE, user_id=user.pk) is not None:
        request.session.cycle_key()
        request.session[HALF_WAY] = [user.pk, at.timestamp()]
        return HttpResponseRedirect(f"/sign-in/second-factor/?{urlencode({'next': wanted})}")
    login(request, user, backend=BACKEND)
    if user.must_use_second_factor:
        messages.warning(request, _("Your log-in needs a second factor. Please set it up now."))
        return devices.remember(request, HttpResponseRedirect("/account/second-factor/"), user.pk)
    return devices.remember(request, HttpResponseRedirect(wanted), user.pk)


def _enter(request: HttpRequest, user: Any) -> HttpResponse:
    login(request, user, backend=BACKEND)
    return devices.remember(request, HttpResponseRedirect(next_of(request)), user.pk)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password; a second factor, where one is set up, is asked on the next page."""
    at = timezone.now()
    form = forms.SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        tried = attempt(form, lambda: operations.try_password(
            by=ANYONE, at=at, username=given["username"].strip(), password=given["password"], address=address_of(request), devices=devices.shown(request)
        ))  # fmt: skip
        if tried is not None and tried.user is not None:
            return after_first_factor(request, tried.user, at, next_of(request))
        if tried is not None:
            form.add_error(None, str(operations.MustWait(tried.wait_until, at)) if tried.wait_until else _("The name or the password is not right."))
    return page(
        request, "people/sign_in.html",
        {"form": form, "next": next_of(request), "openid": openid.provider(request.town.settings), "demo": settings.DEMO, "is_sign_in": True},  # type: ignore[attr-defined]
        status=200 if not form.errors else 422,
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the time code, or for a recovery code."""
    at = timezone.now()
    user_id, begun = request.session.get(HALF_WAY, [None, 0])
    if user_id is None or at.timestamp() - begun > HALF_WAY_AGE:
        return HttpResponseRedirect("/sign-in/")
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        tried = attempt(form, lambda: operations.try_second_factor(
            by=ANYONE, at=at, user_id=user_id, code=code, address=address_of(request), devices=devices.shown(request)
        ))  # fmt: skip
        if tried is not None and tried.user is not None:
            request.session.pop(HALF_WAY, None)
            return _enter(request, tried.user)
        if tried is not None:
            form.add_error("code", str(operations.MustWait(tried.wait_until, at) if tried.wait_until else operations.WrongCode()))
    return page(request, "people/second_factor.html", {"form": form, "next": next_of(request)}, status=200 if not form.errors else 422)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out of this browser."""
    if request.user.is_authenticated:
        leaving.end(request)
    live.end_session(request)
    logout(request)
    return HttpResponseRedirect("/")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Let a resident make a log-in."""
    if actor_of(request).is_signed_in:
        return HttpResponseRedirect("/account/")
    form = forms.RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, at = form.cleaned_data, timezone.now()
        try:
            user = operations.register_resident(
                by=ANYONE, at=at, phone=given["phone"], name=given["name"], password=given["password"], language=request.LANGUAGE_CODE or "",
                address=address_of(request),
            )  # fmt: skip
            answer = after_first_factor(request, user, at, next_of(request))
            if not can_send_codes(request) or not request.user.is_authenticated or user.person is None or user.person.phone_proved_at is not None:
                return answer
            with contextlib.suppress(operations.TooManyCodes, operations.TooSoon):  # of a number that somebody else has typed all day
                operations.ask_phone_code(by=Actor(kind="person", person_id=user.person_id, user_id=user.pk), at=at)
            return devices.remember(request, HttpResponseRedirect(f"/account/phone/?{urlencode({'next': next_of(request)})}"), user.pk)
        except Refused as refused:
            refuse(form, refused)
    return page(request, "people/register.html", {"form": form, "next": next_of(request)}, status=200 if not form.errors else 422)


# ---- OpenID Connect -------------------------------------------------------------------------------------------------
STATE = "people_openid"


@never_cache
@require_http_methods(["GET", "POST"])
def openid_begin(request: HttpRequest) -> HttpResponse:
    """Send the reader to the town's OpenID provider: to sign in, or, asked by POST while signed in, to link an identity."""
    provider = openid.provider(request.town.settings)  # type: ignore[attr-defined]
    if provider is None:
        return HttpResponseRedirect("/sign-in/")
    try:
        address, kept = openid.begin(provider, request.build_absolute_uri("/sign-in/openid/back/"))
    except openid.CannotSignIn as error:
        messages.error(request, str(error))
        return HttpResponseRedirect("/sign-in/")
    link_to = request.user.pk if request.method == "POST" and request.user.is_authenticated else None
    request.session[STATE] = kept | {"next": next_of(request), "link_to": link_to}
    return HttpResponseRedirect(address)


@never_cache
def openid_back(request: HttpRequest) -> HttpResponse:
    """Take the reader back from the provider: a known identity signs in, a new one is linked where that was asked, or made a resident's."""
    provider = openid.provider(request.town.settings)  # type: ignore[attr-defined]
    kept = request.session.pop(STATE, None)
    if provider is None or not kept:
        return HttpResponseRedirect("/sign-in/")
    at = timezone.now()
    try:
        who = openid.finish(provider, request.build_absolute_uri("/sign-in/openid/back/"), request.GET, kept)
    except openid.CannotSignIn as error:
        messages.error(request, str(error))
        return HttpResponseRedirect("/sign-in/")
    if kept.get("link_to") is not None:
        return _link(request, kept["link_to"], provider.issuer, who.identity, at)
    user = queries.user_by_identity(seen_by=ANYONE, issuer=provider.issuer, identity=who.identity)
    if user is None and not provider.registers:
        messages.error(request, _("Nobody here is linked to this identity yet. Sign in with your password first and link it on your page."))
        return HttpResponseRedirect("/sign-in/")
    user = operations.link_identity(by=ANYONE, at=at, issuer=provider.issuer, identity=who.identity, name=who.name)
    if not user.is_active:
        messages.error(request, _("This log-in is locked. Please ask the administrator."))
        return HttpResponseRedirect("/sign-in/")
    wanted = kept.get("next") or settings.LOGIN_REDIRECT_URL
    return after_first_factor(request, user, at, wanted)


def _link(request: HttpRequest, link_to: int, issuer: str, identity: str, at: datetime) -> HttpResponse:
    """Link an identity to the log-in that asked for it, if it is still the one that is signed in here."""
    if not request.user.is_authenticated or request.user.pk != link_to:
        messages.error(request, _("You were signed out meanwhile. Sign in and begin again."))
        return HttpResponseRedirect("/sign-in/?next=/account/identities/")
    try:
        operations.link_identity(by=actor_of(request), at=at, issuer=issuer, identity=identity, user_id=link_to)
        messages.success(request, _("The identity is linked. You may sign in with it from now on."))
    except operations.LinkedElsewhere as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect("/account/identities/")
