"""When a session has ended: say so, keep what was written, and go on with it after signing in.

A browser drops the cookie of a session when the session ends, so nothing tells an ended session from none. Therefore a
second cookie, signed and longer lived, says whose session this browser had; signing out takes it away. It opens nothing.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from gongzhi.kernel import numbers
from gongzhi.kernel.web import problem, wants_json

COOKIE = "gongzhi_person"
SALT = "gongzhi.portal.ended"
REMEMBERED = 7 * 24 * 3600  # seconds after signing in
KEPT = "form_to_send_again"  # in the session: {"path", "fields", "person", "files", "at"}
KEPT_FOR = 3600
MOST_KEPT = 60_000  # characters of one form
UNKEPT = ("csrfmiddlewaretoken", "again")
AGAIN = "/again/"


def person_before(request: HttpRequest) -> int | None:
    """Return the log-in whose session this browser had, if that session has ended; None while one runs or none was."""
    return None if COOKIE not in request.COOKIES or request.user.is_authenticated else _named(request)


def _named(request: HttpRequest) -> int | None:
    known = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=REMEMBERED)
    return numbers.key(known)


class SessionEndMiddleware:
    """Answer what is refused only because a session has ended with words that say so, and lose nothing that was sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            if _named(request) != request.user.pk:
                response.set_signed_cookie(
                    COOKIE, str(request.user.pk), salt=SALT, max_age=REMEMBERED, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
                )
        elif COOKIE in request.COOKIES and request.session.modified and request.session.is_empty():  # emptied on purpose: signed out
            response.delete_cookie(COOKIE, samesite="Lax")
            return response
        if "again" in getattr(request, "_post", ()) and request.user.is_authenticated:  # only where a form was read: bodies of programs are streams
            request.session.pop(KEPT, None)
        if COOKIE in request.COOKIES and _is_refused(request, response) and not request.path.startswith("/api/"):
            before = person_before(request)
            if before is not None:
                return _say(request, response, before)
        return response


def _is_refused(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code == 302:
        return urlsplit(response.headers.get("Location", "")).path == "/sign-in/" and not request.path.startswith("/sign-")
    # what only those who are signed in may see is not found by others
    return response.status_code == 403 or (response.status_code == 404 and (request.method == "POST" or request.headers.get("HX-Request") == "true"))


def _say(request: HttpRequest, response: HttpResponseBase, before: int) -> HttpResponseBase:
    if wants_json(request):
        return problem(401, _("Your session has ended. Please sign in again."), code="SignIn")
    if request.headers.get("HX-Request") == "true":
        return _told_in_place(request, "portal/_session_ended.html")
    if request.method == "POST":
        fields = fields_of(request)
        if fields is not None:
            request.session[KEPT] = {
                "path": request.get_full_path(), "fields": fields, "person": before, "files": bool(request.FILES), "at": timezone.now().timestamp(),
            }  # fmt: skip
            return HttpResponseRedirect(f"/sign-in/?{urlencode({'next': AGAIN})}", status=303)
        return HttpResponseRedirect(f"/sign-in/?{urlencode({'next': request.path})}", status=303)
    if response.status_code == 403:
        return HttpResponseRedirect(f"/sign-in/?{urlencode({'next': request.get_full_path()})}")
    return response


def _told_in_place(request: HttpRequest, template: str) -> HttpResponse:
    """Answer a part of a page: the words go above it, the form and what stands in it stay."""
    answer = render(request, template, status=403)
    answer.headers["HX-Retarget"] = "#messages"
    answer.headers["HX-Reswap"] = "innerHTML show:top"
    return answer


def fields_of(request: HttpRequest) -> list[list[str]] | None:
    """Return the words of the form that was sent, without secrets; None where they are too many to be kept."""
    found = [[name, value] for name, values in request.POST.lists() for value in values if name not in UNKEPT and "password" not in name]
    return found if sum(len(name) + len(value) for name, value in found) <= MOST_KEPT else None


def kept_form(request: HttpRequest) -> dict[str, Any] | None:
    """Return the form to be sent again by the person who wrote it; what another wrote is thrown away unseen."""
    kept = request.session.get(KEPT)
    if kept is None:
        return None
    if kept["person"] != request.user.pk or timezone.now().timestamp() - kept["at"] > KEPT_FOR:
        del request.session[KEPT]
        return None
    return dict(kept)


def show_again(request: HttpRequest, kept: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Show what was written, with one button that sends it."""
    words = [value for _name, value in kept["fields"] if not value.isascii() or " " in value.strip()]  # what people write; codes and numbers are not shown
    return render(request, "portal/again.html", {"kept": kept, "words": words, "is_old": status == 403}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not fit any more, as after signing in or out in another tab.

    What one of our own pages sent is shown again with a fresh token; what comes from elsewhere is refused as before.
    """
    if wants_json(request):
        return problem(403, _("The page was open too long; what you sent was not taken."), code="Csrf")
    if not _is_own(request):
        return render(request, "403_csrf.html", status=403)
    if request.headers.get("HX-Request") == "true":
        return _told_in_place(request, "portal/_page_is_old.html")
    fields = fields_of(request)
    if fields is None:
        return render(request, "403_csrf.html", status=403)
    return show_again(request, {"path": request.get_full_path(), "fields": fields, "files": bool(request.FILES)}, status=403)


def _is_own(request: HttpRequest) -> bool:
    """Return whether the browser says that one of our own pages sent this."""
    said = request.headers.get("Sec-Fetch-Site", "")
    return said == "same-origin" or (not said and request.headers.get("Origin", "") == f"{request.scheme}://{request.get_host()}")
