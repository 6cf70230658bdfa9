"""What people keep and change about themselves: password, second factor, tokens, identities, number, erasure."""

from typing import Any

import pyotp
import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import is_password_usable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gongzhi.foundation.people import forms, openid, operations, queries
from gongzhi.foundation.people.views._request import next_of, refuse
from gongzhi.kernel import numbers
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, page

BEGUN = "second_factor_begun"  # in the session: when a secret was shown here that may have been scanned
SCANNED = 3600  # seconds it is shown again, after a mistyped code or a reload


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
         "factor": queries.second_factor(seen_by=actor, user_id=user.pk), "must": user.must_use_second_factor,
         "openid": openid.provider(request.town.settings), "identities": queries.identities(seen_by=actor).count(),  # type: ignore[attr-defined]
         "erasure": queries.erasure_of(seen_by=actor)},
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
            messages.success(request, _("Your password is changed; you are signed out everywhere else, and your tokens have ended."))
            return HttpResponseRedirect("/account/")
        except Refused as refused:
            refuse(form, refused)
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
                refuse(off, refused)
        return page(request, "people/second_factor_on.html", {"form": off}, status=200 if not off.errors else 422)
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = operations.confirm_second_factor(by=actor, at=at, user_id=user.pk, code=form.cleaned_data["code"])
            request.session.pop(BEGUN, None)
            return page(request, "people/recovery_codes.html", {"codes": codes})
        except Refused as refused:
            refuse(form, refused)
    begun = request.session.get(BEGUN, 0)
    is_known = 0 <= at.timestamp() - begun < SCANNED  # scanned already: another secret would refuse every code of it
    secret = operations.begin_second_factor(by=actor, at=at, user_id=user.pk, keep=is_known)
    if not is_known:
        request.session[BEGUN] = at.timestamp()
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
    if request.method == "POST" and request.POST.get("revoke"):
        operations.revoke_token(by=actor, at=at, token_id=numbers.whole(request.POST["revoke"], field="revoke"))
        messages.success(request, _("The token is revoked."))
        return HttpResponseRedirect("/account/tokens/")
    if request.method == "POST" and form.is_valid():
        try:
            told = form.cleaned_data
            _token, shown = operations.issue_token(by=actor, at=at, title=told["title"], scopes=told["scopes"], days=told["days"])
            form = forms.TokenForm()
        except Refused as refused:
            refuse(form, refused)
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


# ---- identities at an OpenID provider -------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def identities(request: HttpRequest) -> HttpResponse:
    """Show the ways in, link an identity at the town's provider, take one away."""
    user = _own(request)
    if user is None:
        return HttpResponseRedirect("/sign-in/?next=/account/identities/")
    actor = actor_of(request)
    provider = openid.provider(request.town.settings)  # type: ignore[attr-defined]
    if request.method == "POST" and request.POST.get("unlink"):
        operations.unlink_identity(by=actor, at=timezone.now(), identity_id=numbers.whole(request.POST["unlink"], field="unlink"))
        messages.success(request, _("The identity is unlinked."))
        return HttpResponseRedirect("/account/identities/")
    return page(
        request, "people/identities.html",
        {"provider": provider, "identities": list(queries.identities(seen_by=actor)), "has_password": is_password_usable(user.password), "now": timezone.now()},
    )  # fmt: skip


# ---- the telephone number -------------------------------------------------------------------------------------------
def can_send_codes(request: HttpRequest) -> bool:
    """Return whether this town can send a code: it has a gateway, or this is the demo, which shows it instead."""
    return settings.DEMO or bool((request.town.settings.get("webhook") or {}).get("url"))  # type: ignore[attr-defined]


@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Prove the number: type the code that was sent, or have another sent."""
    user = _own(request)
    if user is None:
        return HttpResponseRedirect("/sign-in/?next=/account/phone/")
    if user.person is None:
        return HttpResponseRedirect("/account/")
    actor, at = actor_of(request), timezone.now()
    form = forms.PhoneCodeForm(request.POST if request.method == "POST" and "send" not in request.POST else None)
    if request.method == "POST" and "send" in request.POST:
        operations.ask_phone_code(by=actor, at=at)
        messages.success(request, _("A new code is on its way."))
        return HttpResponseRedirect(f"/account/phone/?next={next_of(request)}")
    if request.method == "POST" and form.is_valid():
        tried = operations.prove_phone(by=actor, at=at, code=form.cleaned_data["code"])
        if tried.is_proved:
            messages.success(request, _("Your number is proved. When you call from it, the town knows your account."))
            return HttpResponseRedirect(next_of(request, "/account/"))
        n = tried.tries_left
        left = ngettext("This code is not right. You have %(n)d try left.", "This code is not right. You have %(n)d tries left.", n) % {"n": n}
        form.add_error("code", left if n else _("This code is no longer good; have a new one sent."))
    sent = queries.phone_code(seen_by=actor)
    shown = queries.code_to_send(seen_by=actor, code_id=sent.pk, at=at) if sent is not None and settings.DEMO else None
    return page(
        request, "people/phone.html",
        {"form": form, "person": user.person, "masked": queries.masked(seen_by=actor, person=user.person), "sent": sent, "can_send": can_send_codes(request),
         "is_open": sent is not None and sent.is_open(at), "demo_code": shown[1] if shown else "", "next": next_of(request, "/account/"), "now": at},
        status=200 if not form.errors else 422,
    )  # fmt: skip


# ---- erasure --------------------------------------------------------------------------------------------------------
@sensitive_post_parameters("present", "code")
@never_cache
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Say what erasure means and what still needs the reader; take the request, confirmed, or take it back."""
    user = _own(request)
    if user is None:
        return HttpResponseRedirect("/sign-in/?next=/account/erase/")
    if user.person is None:
        return HttpResponseRedirect("/account/")
    actor, at = actor_of(request), timezone.now()
    with_password = is_password_usable(user.password)
    with_code = queries.second_factor(seen_by=actor, user_id=user.pk) is not None
    if request.method == "POST" and "withdraw" in request.POST:
        operations.withdraw_erasure(by=actor, at=at)
        messages.success(request, _("Your request is taken back. Nothing is erased."))
        return HttpResponseRedirect("/account/erase/")
    form = forms.ErasureForm(request.POST or None, with_password=with_password, with_code=with_code)
    if request.method == "POST" and form.is_valid():
        try:
            operations.ask_erasure(by=actor, at=at, present=form.cleaned_data.get("present", ""), code=form.cleaned_data.get("code", ""))
            messages.success(request, _("Your request is taken. You may take it back until the day it is carried out."))
            return HttpResponseRedirect("/account/erase/")
        except Refused as refused:
            refuse(form, refused)
    needed = queries.needs_of(seen_by=actor, person_id=user.person.pk, at=at)
    rule = request.town.settings.get("erasure") or {}  # type: ignore[attr-defined]
    return page(
        request, "people/erase.html",
        {"form": form, "asked": queries.erasure_of(seen_by=actor), "posts": [need for need in needed if need.blocks],
         "cases": [need for need in needed if not need.blocks], "days": int(rule.get("days", operations.COOLING_OFF)),
         "by_administrator": rule.get("by") == "administrator", "now": at},
        status=200 if not form.errors else 422,
    )  # fmt: skip
