"""Where, in which language and for whom a request is."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.web import problem, wants_json

GetResponse = Callable[[HttpRequest], HttpResponseBase]
TOWN_AGE = 15.0  # seconds that a process believes what it read about towns
TOWNLESS = ("/live/", "/health/", "/static/")  # streams carry their town in their token; probes are for the whole installation


class _Towns:
    """What this process read of the towns table, by host name; founding or renaming a town shows within TOWN_AGE."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, tuple[float, Any]] = {}

    def at(self, host: str) -> Any:
        """Return the Town that answers at this host, or None if there is none at all."""
        from gongzhi.foundation.territory import queries as territory

        now = time.monotonic()
        kept = self._known.get(host)
        if kept is not None and now - kept[0] < TOWN_AGE:
            return kept[1]
        town = territory.town_for_host(host)
        if town is not None:
            with self._lock:
                if len(self._known) > 500:  # host names come from outside: do not keep any number of them
                    self._known.clear()
                self._known[host] = (now, town)
        return town

    def forget(self) -> None:
        """Read afresh next time (tests, and operations of the same process that change a town)."""
        with self._lock:
            self._known.clear()


towns = _Towns()
memory.forgets(towns.forget)


class TownMiddleware:
    """Enter the town that the host name names for the length of the request; threads are used again, so leave it too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(TOWNLESS):
            return self.get_response(request)
        town = towns.at(request.get_host().rsplit(":", 1)[0].strip("[]").lower())
        if town is None:
            return _no_town(request)
        request.town = town  # type: ignore[attr-defined]
        with in_town(town.pk), timezone.override(town.zone):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async and not isinstance(response, FileResponse):
            # the body is made after this function has returned: it must still see the town
            response.streaming_content = _in_town(town, cast("Iterator[bytes]", response.streaming_content))
        return response


def _in_town(town: Any, parts: Iterable[bytes]) -> Iterator[bytes]:
    iterator = iter(parts)
    try:
        while True:
            with in_town(town.pk), timezone.override(town.zone):
                try:
                    part = next(iterator)
                except StopIteration:
                    return
            yield part
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            with contextlib.suppress(RuntimeError):
                close()


def _no_town(request: HttpRequest) -> HttpResponse:
    sentence = _("No town has been founded in this installation yet. Run ./gongzhi demo, or found one as the administrator.")
    if wants_json(request):
        return problem(503, str(sentence), code="NoTown")
    return render(request, "portal/no_town.html", {"sentence": sentence}, status=503)


LANGUAGE_COOKIE = "django_language"
LANGUAGE_TAGS = {"zh-hans": "zh-Hans", "en": "en"}


class LanguageMiddleware:
    """Speak the language of the reader's cookie, else Chinese; never guess from the browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wanted = request.COOKIES.get(LANGUAGE_COOKIE, "")
        language = wanted if wanted in LANGUAGE_TAGS else "zh-hans"
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", LANGUAGE_TAGS[language])
        return response


class ActorMiddleware:
    """Say who asks: the signed-in person in their duties and the cases that follow codes opened, else anyone.

    Lazy: a page that never looks at the actor never reads the session.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = SimpleLazyObject(lambda: _actor_behind(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor_behind(request: HttpRequest) -> Actor:
    actor = ANYONE
    if request.user.is_authenticated:
        from gongzhi.foundation.organs import queries as organs

        actor = organs.actor_for_user(user=request.user, at=timezone.now())
    followed = request.session.get("followed_cases")
    parties = request.session.get("followed_parties") or {}
    return actor.with_cases(followed, (parties[str(case_id)] for case_id in followed if str(case_id) in parties)) if followed else actor
