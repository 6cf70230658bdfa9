"""How many reports somebody unknown may send: so many a minute from one address, so that a program does not drown the desk."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import counting
from gongzhi.kernel import callers
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of

MINUTE = 60  # seconds
REPORTS, CLIENT_REPORTS, CLIENT_ADDRESS = "reports of an address", "reports of a client", "reports of clients of an address"


class TooManyReports(Refused):
    sentence = _("Too many reports came from here within a minute. Nothing was lost: wait a minute and send it again, or sign in.")
    status = 429


def check(request: HttpRequest, at: datetime) -> None:
    """Count a report of somebody who is not signed in, by whichever door it comes; raise TooManyReports."""
    if actor_of(request).is_signed_in:
        return
    where = callers.group(callers.address_of(request))
    if counting.count(REPORTS, where, seconds=MINUTE, at=at) > settings.REPORTS_A_MINUTE:
        raise TooManyReports


def check_client(request: HttpRequest, client: str, at: datetime) -> None:
    """Count a report of a program, by the address that it comes from and by its key; raise TooManyReports.

    `client`: whose key it is, "" for a key that is nobody's. One key may stand behind an application that a whole town uses, so that
    many more are let through than of somebody unknown; and whoever has several keys has not several times as many.
    """
    where = callers.group(callers.address_of(request))
    counts = [counting.count(CLIENT_ADDRESS, where, seconds=MINUTE, at=at)]
    if client:
        counts.append(counting.count(CLIENT_REPORTS, client, seconds=MINUTE, at=at))
    if max(counts) > settings.CLIENT_REPORTS_A_MINUTE:
        raise TooManyReports
