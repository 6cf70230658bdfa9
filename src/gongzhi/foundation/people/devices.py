"""Devices that somebody came in on before: a cookie that lets a browser count its own tries, whoever else tries the same name.

It opens nothing. It names up to four log-ins, signed, each with a number of its own that means nothing elsewhere.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from gongzhi.kernel.towns import current_town

COOKIE = "known_device"
SALT = "gongzhi.people.device"
AGE = 180 * 24 * 3600
MOST = 4  # people who share a telephone


def shown(request: HttpRequest) -> list[tuple[int, str]]:
    """Return which log-ins of the present town came in on this browser, as (log-in, device), the latest first."""
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return []
    return [(user_id, device) for town_id, user_id, device in told if town_id == current_town()]


def remember(request: HttpRequest, answer: HttpResponse, user_id: int) -> HttpResponse:
    """Let the browser keep that this log-in came in on it; return the answer."""
    known = shown(request)
    device = next((device for other, device in known if other == user_id), "") or secrets.token_urlsafe(12)
    kept = [(user_id, device), *((other, one) for other, one in known if other != user_id)][:MOST]
    text = signing.dumps([[current_town(), other, one] for other, one in kept], salt=SALT, compress=True)
    answer.set_cookie(COOKIE, text, max_age=AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, path="/sign-in/")
    return answer
