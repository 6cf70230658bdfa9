"""What a reader prefers: language, size and theme, kept in cookies for a year."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from gongzhi.portal.context import SIZE_COOKIE, THEME_COOKIE
from gongzhi.portal.middleware import LANGUAGE_COOKIE, LANGUAGE_TAGS

YEAR = 365 * 24 * 3600


def back(request: HttpRequest) -> HttpResponseRedirect:
    """Go back to where the reader was: ?next=, on this site only."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if safe and wanted.startswith("/") else "/")


def _remember(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    """Go back to where the reader was, with the choice kept for a year; an empty value forgets it."""
    answer = back(request)
    if value:
        answer.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    else:
        answer.delete_cookie(cookie, samesite="Lax")
    return answer


@require_GET
def language(request: HttpRequest) -> HttpResponse:
    """Keep the reader's language: ?to=en or zh-hans."""
    to = request.GET.get("to", "")
    return _remember(request, LANGUAGE_COOKIE, to if to in LANGUAGE_TAGS else "")


@require_GET
def size(request: HttpRequest) -> HttpResponse:
    """Keep the reader's size: ?to=large is the large and simple mode 长辈版."""
    return _remember(request, SIZE_COOKIE, "large" if request.GET.get("to") == "large" else "")


@require_GET
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's theme: ?to=light or dark; anything else lets the system decide."""
    to = request.GET.get("to", "")
    return _remember(request, THEME_COOKIE, to if to in ("light", "dark") else "")
