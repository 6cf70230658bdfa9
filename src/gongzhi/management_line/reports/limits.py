"""How many reports somebody unknown may send: so many a minute from one address, so that a program does not drown the desk."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import callers
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import current_town
from gongzhi.kernel.web import actor_of

MINUTE = 60  # seconds


class TooManyReports(Refused):
    sentence = _("Too many reports came from here within a minute. Nothing was lost: wait a minute and send it again, or sign in.")
    status = 429


def check(request: HttpRequest) -> None:
    """Count a report of somebody who is not signed in; raise TooManyReports."""
    if actor_of(request).is_signed_in:
        return
    key = f"reports:{current_town()}:{callers.group(callers.address_of(request))}"
    cache.add(key, 0, MINUTE)
    try:
        count = cache.incr(key)
    except ValueError:  # it ended between the two
        cache.set(key, 1, MINUTE)
        count = 1
    if count > settings.REPORTS_A_MINUTE:
        raise TooManyReports
