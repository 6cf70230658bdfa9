"""Signing in and out, and what people keep about themselves."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pyotp
import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.foundation.people import forms, openid, operations, queries
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, page

BACKEND = "gongzhi.foundation.people.backends.TownBackend"
HALF_WAY = "people_half_way"  # who has passed the password and not the second factor yet
HALF_WAY_AGE = 600


def _next(request: HttpRequest) -> str:
    """Return where to go afterwards: an address of this site that was asked for, else the reader's own place."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe and wanted.startswith("/") else settings.LOGIN_REDIRECT_URL


def _address(request: HttpRequest) -> str:
    """Return the caller's address; behind a proxy it is the last one that the proxy added."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_TLS else ""
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


def _wait_words(until: datetime, at: datetime) -> str:
    minutes = max(1, round((until - at).total_seconds() / 60))
    return _("Too many tries. Please wait about %(minutes)d minutes and try again.") % {"minutes": minutes}


def _refuse(form: Form, refused: Refused) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


def _enter(request: HttpRequest, user: Any) -> HttpResponse:
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect(_next(request))


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password; a second factor, where one is set up, is asked on the next page."""
    at = timezone.now()
    form = forms.SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tried = operations.try_password(
            by=ANYONE, at=at, username=form.cleaned_data["username"].strip(), password=form.cleaned_data["password"], address=_address(request)
        )
        if tried.user is not None:
            if queries.second_factor(seen_by=ANYONE, user_id=tried.user.pk) is None:
                answer = _enter(request, tried.user)
                if tried.user.must_use_second_factor:
                    messages.warning(request, _("Your log-in needs a second factor. Please set it up now."))
                    return HttpResponseRedirect("/account/second-factor/")
                return answer
            request.session.cycle_key()
            request.session[HALF_WAY] = [tried.user.pk, at.timestamp()]
            return HttpResponseRedirect(f"/sign-in/second-factor/?{urlencode({'next': _next(request)})}")
        form.add_error(None, _wait_words(tried.wait_until, at) if tried.wait_until else _("The name or the password is not right."))
    return page(
        request, "people/sign_in.html", {"form": form, "next": _next(request), "openid": openid.provider(request.town.settings), "demo": settings.DEMO},  # type: ignore[attr-defined]
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
        tried = operations.try_second_factor(by=ANYONE, at=at, user_id=user_id, code=form.cleaned_data["code"], address=_address(request))
        if tried.user is not None:
            request.session.pop(HALF_WAY, None)
            return _enter(request, tried.user)
        form.add_error("code", _wait_words(tried.wait_until, at) if tried.wait_until else str(operations.WrongCode()))
    return page(request, "people/second_factor.html", {"form": form, "next": _next(request)}, status=200 if not form.errors else 422)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out of this browser."""
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
        given = form.cleaned_data
        try:
            user = operations.register_resident(
                by=ANYONE, at=timezone.now(), phone=given["phone"], name=given["name"], password=given["password"], language=request.LANGUAGE_CODE or ""
            )
            return _enter(request, user)
        except Refused as refused:
            _refuse(form, refused)
    return page(request, "people/register.html", {"form": form, "next": _next(request)}, status=200 if not form.errors else 422)


def _own(request: HttpRequest) -> Any:
    """Return the signed-in log-in, or None."""
    return request.user if request.user.is_authenticated else None


@never_cache
@require_http_methods(["GET"])
def account(request: HttpRequest) -> HttpResponse:
    """Show what is kept about the reader and what they may change."""
    user = _own(request)
    if user is None:
        return HttpResponseRedirect("/sign-in/?next=/account/")
    actor = actor_of(request)
    return page(
        request, "people/account.html",
        {"user_name": user.username, "masked": queries.masked(seen_by=actor, person=user.person) if user.person else {}, "person": user.person,
         "factor": queries.second_factor(seen_by=actor, user_id=user.pk), "must": user.must_use_second_factor},
    )  # fmt: skip


@sensitive_post_parameters("present", "password")
@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password."""
    user = _own(request)
    if user is None:
        return HttpResponseRedirect("/sign-in/?next=/account/password/")
    form = forms.PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = operations.change_password(
                by=actor_of(request), at=timezone.now(), user_id=user.pk, present=form.cleaned_data["present"], password=form.cleaned_data["password"]
            )
            update_session_auth_hash(request, changed)
            messages.success(request, _("Your password is changed; you are signed out everywhere else."))
            return HttpResponseRedirect("/account/")
        except Refused as refused:
            _refuse(form, refused)
    return page(request, "people/password.html", {"form": form}, status=200 if not form.errors else 422)


@never_cache
@require_http_methods(["GET", "POST"])
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Set the second factor up: scan, show a first code, keep the recovery codes; or turn it off."""
    user = _own(request)
    if user is None:
        return HttpResponseRedirect("/sign-in/?next=/account/second-factor/")
    actor, at = actor_of(request), timezone.now()
    if queries.second_factor(seen_by=actor, user_id=user.pk) is not None:
        off = forms.PresentForm(request.POST or None)
        if request.method == "POST" and off.is_valid():
            try:
                operations.remove_second_factor(by=actor, at=at, user_id=user.pk, present=off.cleaned_data["present"])
                messages.success(request, _("The second factor is off."))
                return HttpResponseRedirect("/account/")
            except Refused as refused:
                _refuse(off, refused)
        return page(request, "people/second_factor_on.html", {"form": off}, status=200 if not off.errors else 422)
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = operations.confirm_second_factor(by=actor, at=at, user_id=user.pk, code=form.cleaned_data["code"])
            return page(request, "people/recovery_codes.html", {"codes": codes})
        except Refused as refused:
            _refuse(form, refused)
    secret = operations.begin_second_factor(by=actor, at=at, user_id=user.pk)
    town = request.town  # type: ignore[attr-defined]
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=town.name)
    return page(
        request, "people/second_factor_set_up.html",
        {
            "form": form,
            "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
            "qr": segno.make(uri, error="m").svg_inline(scale=5, border=2, omitsize=True, svgclass="qr", lineclass=None),
        },
        status=200 if not form.errors else 422,
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List, issue and revoke the reader's tokens."""
    user = _own(request)
    if user is None:
        return HttpResponseRedirect("/sign-in/?next=/account/tokens/")
    actor, at = actor_of(request), timezone.now()
    form = forms.TokenForm(request.POST if request.method == "POST" and "revoke" not in request.POST else None)
    shown = ""
    if request.method == "POST" and request.POST.get("revoke", "").isdigit():
        operations.revoke_token(by=actor, at=at, token_id=int(request.POST["revoke"]))
        messages.success(request, _("The token is revoked."))
        return HttpResponseRedirect("/account/tokens/")
    if request.method == "POST" and form.is_valid():
        try:
            told = form.cleaned_data
            _token, shown = operations.issue_token(by=actor, at=at, title=told["title"], scopes=told["scopes"], days=told["days"])
            form = forms.TokenForm()
        except Refused as refused:
            _refuse(form, refused)
    return page(
        request, "people/tokens.html",
        {
            "form": form,
            "shown": shown,
            "now": at,
            "tokens": [(token, [forms.SCOPE_WORDS[scope] for scope in token.scopes], token.holds(at)) for token in queries.tokens(seen_by=actor)],
        },
        status=200 if not form.errors else 422,
    )  # fmt: skip


# ---- OpenID Connect -------------------------------------------------------------------------------------------------
STATE = "people_openid"


@never_cache
def openid_begin(request: HttpRequest) -> HttpResponse:
    """Send the reader to the town's OpenID provider."""
    provider = openid.provider(request.town.settings)  # type: ignore[attr-defined]
    if provider is None:
        return HttpResponseRedirect("/sign-in/")
    try:
        address, kept = openid.begin(provider, request.build_absolute_uri("/sign-in/openid/back/"))
    except openid.CannotSignIn as error:
        messages.error(request, str(error))
        return HttpResponseRedirect("/sign-in/")
    request.session[STATE] = kept | {"next": _next(request)}
    return HttpResponseRedirect(address)


@never_cache
def openid_back(request: HttpRequest) -> HttpResponse:
    """Take the reader back from the provider: a known identity signs in, a new one is linked or made a resident's."""
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
    actor = actor_of(request)
    user = queries.user_by_identity(seen_by=ANYONE, issuer=provider.issuer, identity=who.identity)
    if user is None and not actor.is_signed_in and not provider.registers:
        messages.error(request, _("Nobody here is linked to this identity yet. Sign in with your password first and link it on your page."))
        return HttpResponseRedirect("/sign-in/")
    by = actor if actor.is_signed_in else ANYONE
    user = operations.link_identity(by=by, at=at, issuer=provider.issuer, identity=who.identity, user_id=actor.user_id, name=who.name)
    login(request, user, backend=BACKEND)
    wanted = kept.get("next", "")
    return HttpResponseRedirect(wanted or settings.LOGIN_REDIRECT_URL)
