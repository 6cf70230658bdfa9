"""The one API, /api/v1/: who calls, under which key, and errors in one form.

Who calls is settled before any route: a bearer token (its scopes narrow what its owner may do), else the session of the
browser (then unsafe methods need the CSRF token), else anybody. Routes ask for scopes by `kernel.api.needs`; what is
allowed is decided by the same rules as on pages.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db.utils import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError, ValidationError
from ninja.utils import check_csrf

from gongzhi.config.contract import Api
from gongzhi.config.typed import typed_as_told
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import queries as people
from gongzhi.foundation.receipts import keeping
from gongzhi.foundation.receipts import operations as receipts
from gongzhi.foundation.receipts import queries as kept
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.api import NO_TOKEN, needs, read_strictly
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, problem, refusal

ROOT = "/api/"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MOST_BODY = 30_000_000

api = Api(
    title="gongzhi 共治", version="1.0", urls_namespace="api",
    description="Everything that pages do, for programs. Errors are `application/problem+json`; POSTs that create take an `Idempotency-Key`.",
    openapi_extra={
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}, "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"}}},
        "security": [{"bearer": []}, {"session": []}, {}],
    },
)  # fmt: skip
for mounted in (
    "gongzhi.registers.residents.api.router", "gongzhi.registers.firms.api.router",
    "gongzhi.registers.benefits.api.router", "gongzhi.registers.book.api.router",
    "gongzhi.management_line.sources.api.router", "gongzhi.management_line.wastes.api.router", "gongzhi.management_line.emergencies.api.router",
    "gongzhi.cases.api.router", "gongzhi.management_line.reports.api.router", "gongzhi.management_line.sensing.api.router",
    "gongzhi.management_line.archive.api.router", "gongzhi.management_line.warnings.api.router", "gongzhi.management_line.feeds.api.router",
    "gongzhi.foundation.territory.api.router", "gongzhi.foundation.calendar.api.router", "gongzhi.foundation.people.api.router",
    "gongzhi.foundation.notices.api.router", "gongzhi.foundation.organs.api.router", "gongzhi.ledger.api.router",
    "gongzhi.foundation.criteria.api.router", "gongzhi.foundation.papers.api.router", "gongzhi.foundation.search.api.router",
    "gongzhi.management_line.ecology.api.router", "gongzhi.management_line.exchange.api.router",
    "gongzhi.autonomy_line.voice.api.router",
    "gongzhi.service_line.policies.api.router", "gongzhi.service_line.applications.api.router",
    "gongzhi.service_line.openness.api.router", "gongzhi.evaluation.api.router",
):  # fmt: skip
    api.add_router("", mounted)
read_strictly(api)
typed_as_told(api)


# What a token needs for a route that names no scope itself, by the route's tag. Without this a route that forgot it would be open to
# every token of an officer, whatever it was issued for. What concerns one's own log-in is for no token ("session").
SCOPE_OF: dict[str, tuple[str, str]] = {
    "cases": ("cases:read", "cases:write"), "notices": ("cases:read", "cases:write"), "reports": ("reports:write", "reports:write"),
    "sensing": ("sensing:read", "sensing:write"), "environment": ("sensing:read", "sensing:write"), "archive": ("sensing:read", "sensing:write"),
    "warnings": ("sensing:read", "sensing:write"), "feeds": ("sensing:read", "sensing:write"), "registers": ("registers:read", "registers:write"),
    "ledger": ("ledger:read", "ledger:read"), "evaluation": ("cases:read", "cases:write"), "town": ("town:read", "town:write"),
    "policies": ("town:read", "town:write"), "voice": ("town:read", "town:write"), "matters": ("cases:read", "cases:write"),
    "openness": ("cases:read", "cases:write"),
    "criteria": ("town:read", "town:write"), "papers": ("cases:read", "cases:write"), "search": ("cases:read", "cases:read"), "people": (NO_TOKEN, NO_TOKEN),
    "book": ("town:read", "town:write"), "benefits": ("town:read", "town:write"),
    "emergencies": ("emergencies:read", "emergencies:write"),
}  # fmt: skip


def _narrow() -> None:
    """Put a scope before every route that has none."""
    for _prefix, mounted_router in api._routers:
        for view in mounted_router.path_operations.values():
            for route in view.operations:
                if not hasattr(route.view_func, "needs_scope"):
                    tag = next(tag for tag in [*(route.tags or []), *(mounted_router.tags or [])] if tag in SCOPE_OF)
                    reads, writes = SCOPE_OF[tag]
                    scope = writes if UNSAFE & set(route.methods) else reads
                    route.view_func = needs(scope)(route.view_func)
                    if scope != NO_TOKEN:
                        route.description = f"{(route.description or '').rstrip()}\n\nScope of tokens: `{scope}`.".strip()


_narrow()


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return refusal(request, error)


@api.exception_handler(ObjectDoesNotExist)
@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(404, _("Not found."), code="NotFound")


def _field(place: "tuple[str | int, ...]") -> str:
    """Return the field's own name: without body or query, and without the name that the route gives the whole."""
    return ".".join(str(part) for part in (place[2:] if len(place) > 2 else place[1:]))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [{"field": _field(fault["loc"]), "detail": fault["msg"]} for fault in error.errors]
    return problem(422, _("Some of what was sent cannot be used."), code="Invalid", field=faults[0]["field"] if faults else None, errors=faults)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error), code="Request")


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, _("What was sent is too large."), code="TooLarge")


@api.exception_handler(DataError)
def _unstorable(request: HttpRequest, error: DataError) -> HttpResponse:
    """Answer what the database cannot hold: a NUL in a text, a number beyond its range."""
    return problem(422, _("Some of what was sent cannot be used."), code="Unstorable", detail=str(error).splitlines()[0])


@api.exception_handler(IntegrityError)
def _twin(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    if "one_receipt_per_key" not in str(error):
        raise error
    answer = problem(409, _("The same call is being done already."), code="Twin")
    answer.headers["X-Twin"] = "1"
    return answer


def document() -> str:
    """Return the OpenAPI document as it is kept in docs/."""
    return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"


class ApiMiddleware:
    """Settles who calls and whether the call was made before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(ROOT):
            return self.get_response(request)
        answer = self._answer(request)
        if answer.status_code in (404, 405) and answer.headers.get("Content-Type", "").startswith("text/html"):
            # an address that not even the catch-all route takes (a line break in it), or a method that a route does not have
            told = _("There is no such address in the API.") if answer.status_code == 404 else _("This address does not have this method.")
            plain = problem(answer.status_code, told, code="NoSuchRoute" if answer.status_code == 404 else "NoSuchMethod")
            if "Allow" in answer.headers:
                plain.headers["Allow"] = answer.headers["Allow"]
            return plain
        return answer

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        length = request.headers.get("Content-Length") or "0"  # a server that was told none may leave it empty
        if (numbers.key(length) is None and length != "0") or int(length) > MOST_BODY:
            return problem(413, _("What was sent is too large."), code="TooLarge")
        refused = _settle_caller(request)
        if refused is not None:
            return refused
        key = request.headers.get("Idempotency-Key", "").strip()
        if request.method != "POST" or not key:
            return self.get_response(request)
        if len(key) > 100:
            return problem(400, _("An idempotency key has at most 100 characters."), field="Idempotency-Key", code="BadKey")
        return self._once(request, key)

    def _once(self, request: HttpRequest, key: str) -> HttpResponseBase:
        try:
            asked = b"\0".join((request.get_full_path().encode(), request.body))
        except RequestDataTooBig:
            asked = request.get_full_path().encode() + str(request.headers.get("Content-Length")).encode()
        work = keeping.Key(scope=actor_of(request).ref, key=key, fingerprint=hashlib.sha256(asked).hexdigest())
        known = _known(work, patience=2.0)  # its twin may have done it and not yet kept its answer
        if known is not None:
            return known
        with keeping.under(work):
            answer = self.get_response(request)
        if "X-Twin" in answer.headers:
            return _known(work, patience=5.0) or answer
        if getattr(request, "keeps_no_answer", False):
            return answer
        if work.is_kept and not answer.streaming and answer.headers.get("Cache-Control") != "no-store":  # which holds a secret
            told = answer.content.decode()  # type: ignore[attr-defined]
            if not actor_of(request).is_signed_in:
                told = _without_secrets(told)  # whoever is nobody shares this scope with every stranger
            receipts.keep_answer(by=CLOCK, at=timezone.now(), scope=work.scope, key=work.key, status=answer.status_code, answer=told)
        return answer


SECRETS = frozenset({"follow_code", "code", "password", "phone", "email", "shown"})


def _without_secrets(told: str) -> str:
    """Return an answer without what only its first reader may have."""
    try:
        answer = json.loads(told)
    except ValueError:
        return told
    if not isinstance(answer, dict):
        return told
    return json.dumps({name: None if name in SECRETS else value for name, value in answer.items()}, ensure_ascii=False)


def _known(work: keeping.Key, *, patience: float = 0.0) -> HttpResponse | None:
    """Return what was answered under the key before; a twin that is still being answered is waited for."""
    deadline = time.monotonic() + patience
    while True:
        found = kept.receipt(seen_by=CLOCK, scope=work.scope, key=work.key)
        if found is None or found.status is not None or time.monotonic() >= deadline:
            break
        time.sleep(0.05)
    if found is None:
        return None
    if found.fingerprint != work.fingerprint:
        return problem(422, _("This idempotency key was used for another call."), field="Idempotency-Key", code="KeyReused")
    told = kept.answer_of(seen_by=CLOCK, receipt=found)
    if told is None or found.status is None:
        answer = problem(409, _("This was done already; its answer was not kept."), code="DoneAlready", subject=found.subject)
    else:
        answer = HttpResponse(told, status=found.status, content_type="application/json; charset=utf-8")
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _settle_caller(request: HttpRequest) -> HttpResponse | None:
    """Set `request.actor`; return the refusal of a token that is none, or of a session call without its CSRF token."""
    scheme, _space, presented = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        at = timezone.now()
        token = people.token_for(seen_by=ANYONE, presented=presented.strip(), at=at) if scheme.lower() == "bearer" and "\0" not in presented else None
        if token is None:
            answer = problem(401, _("The token is not valid, or no longer."), code="BadToken")
            answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return answer
        actor = organs.actor_for_user(seen_by=ANYONE, user=token.user, at=at)
        request.actor = replace(actor, scopes=frozenset(token.scopes))  # type: ignore[attr-defined]
        return None
    # a session has power without a log-in too: the cases that follow codes opened
    if request.method in UNSAFE and settings.SESSION_COOKIE_NAME in request.COOKIES and check_csrf(request):
        return problem(403, _("Send the CSRF token with it, or use a bearer token."), code="Csrf")
    return None


@csrf_exempt  # what is not there needs no token
def no_such_route(request: HttpRequest, path: str = "") -> Any:
    """Answer what lies under /api/ and is no route."""
    return problem(404, _("There is no such address in the API."), code="NoSuchRoute")
