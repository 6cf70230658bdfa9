"""How much somebody unknown may send: so many opinions and questions a minute from one address."""

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import callers
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import current_town
from gongzhi.kernel.web import actor_of

MINUTE, MOST = 60, 10  # seconds; as many as the town takes of one address


class TooMany(Refused):
    sentence = _("Too much came from here within a minute. Nothing was lost: wait a minute and send it again, or sign in.")
    status = 429


def check(request: HttpRequest, what: str) -> None:
    """Count what somebody who is not signed in sends; raise TooMany."""
    if actor_of(request).is_signed_in:
        return
    key = f"{what}:{current_town()}:{callers.group(callers.address_of(request))}"
    cache.add(key, 0, MINUTE)
    try:
        count = cache.incr(key)
    except ValueError:  # it ended between the two
        cache.set(key, 1, MINUTE)
        count = 1
    if count > MOST:
        raise TooMany
