"""What people and programs read when something is not right on our side, or when a request cannot be read at all.

These answers must come when the database is away and the disk is full: they ask nothing of either.
"""

import errno
import sys
from collections.abc import Iterator

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gongzhi.kernel.budget import WorkEnded
from gongzhi.kernel.web import problem, wants_json

AWAY = gettext_noop("The database does not answer at the moment. Nothing was changed; please try again in a minute.")
FULL = gettext_noop("The disk of this installation is full, so nothing could be kept. Please tell its administrator.")
LONG = gettext_noop("This took too long and was stopped. Ask for less and try again.")
FAILED = gettext_noop("Something went wrong and has been logged. Nothing was changed; please try again in a moment.")
UNREADABLE = gettext_noop("This request could not be understood.")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1


def sort_of(error: BaseException | None) -> tuple[int, str]:
    """Return the status and the sentence for an error that nobody foresaw where it was raised."""
    for one in _causes(error):
        if isinstance(one, psycopg.errors.DiskFull) or (isinstance(one, OSError) and one.errno in _FULL):
            return 507, FULL
        if isinstance(one, WorkEnded | psycopg.errors.QueryCanceled):
            return 504, LONG
    for one in _causes(error):
        if isinstance(one, OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError):
            return 503, AWAY
    return 500, FAILED


def _answer(request: HttpRequest, status: int, sentence: str, code: str) -> HttpResponse:
    if wants_json(request):
        with translation.override(translation.get_language_from_request(request)):
            return problem(status, _(sentence), code=code)
    words = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            words.append(_(sentence))
    template = loader.get_template("500.html" if status >= 500 else "400.html")
    return HttpResponse(template.render({"zh": words[0], "en": words[1], "status": status}), status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for an error that nobody caught (handler500)."""
    status, sentence = sort_of(sys.exc_info()[1])
    answer = _answer(request, status, sentence, {500: "Failed", 503: "Away", 504: "TooLong", 507: "DiskFull"}[status])
    if status == 503:
        answer.headers["Retry-After"] = "10"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def bad_request(request: HttpRequest, exception: Exception | None = None, sentence: str = UNREADABLE, code: str = "Unreadable") -> HttpResponse:
    """Answer a request that cannot be read (handler400)."""
    return _answer(request, 400, sentence, code)
