"""Pages, fragments and refusals over HTTP."""

import csv
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.utils import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import NotAllowed, Refused

log = logging.getLogger(__name__)
T = TypeVar("T")


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, fragment: str = "", status: int = 200) -> HttpResponse:
    """Answer with the whole page, or with `fragment` when htmx asks for a part of it."""
    asked_for_part = bool(fragment) and request.headers.get("HX-Request") == "true" and "HX-Boosted" not in request.headers
    if asked_for_part and request.headers.get("HX-History-Restore-Request") != "true":
        response = render(request, fragment, context, status=status)
    else:
        response = render(request, template, context, status=status)
    if fragment:
        response.headers["Vary"] = "HX-Request, Cookie"
    return response


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks; middleware of the portal put them there."""
    return getattr(request, "actor", ANYONE)


def admit(rule: Callable[..., bool], actor: Actor, *about: Any) -> None:
    """Refuse with the rule's own words if it says no."""
    if not rule(actor, *about):
        raise NotAllowed(rule)


def attempt(form: Any, act: Callable[[], T]) -> T | None:
    """Do what a form asks for; a refusal lands beside the field it is about (or above the form), and None is returned."""
    try:
        return act()
    except NotAllowed:
        raise
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return None


class _Echo:
    """Gives back what the CSV writer writes."""

    def write(self, value: str) -> str:
        return value


def csv_answer(name: str, rows: Iterable[Sequence[Any]], *, marked: bool = False) -> StreamingHttpResponse:
    """Answer with rows as a CSV file, streamed. `marked`: with a byte-order mark, by which spreadsheets know UTF-8."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow(row) for row in rows)
    answer = StreamingHttpResponse(chain(["\ufeff"], lines) if marked else lines, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def problem(status: int, title: str, *, detail: str = "", field: str | None = None, code: str = "", **more: Any) -> HttpResponse:
    """Return an application/problem+json answer (RFC 9457)."""
    body: dict[str, Any] = {"type": f"about:blank#{code}" if code else "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if field:
        body["field"] = field
    body.update(more)
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json")


def wants_json(request: HttpRequest) -> bool:
    """Return whether the caller is a program."""
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "").split(",")[0]


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Turn a refusal into words: problem+json for programs, a message on the page people came from."""
    status = refused.status
    if wants_json(request):
        return problem(422 if status == 400 else status, str(refused), field=refused.field, code=type(refused).__name__)
    if request.headers.get("HX-Request") == "true":
        response = render(request, "_refused.html", {"sentence": str(refused)}, status=status)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    if request.method == "POST" and status == 409:
        messages.error(request, str(refused))
        origin = request.headers.get("Referer", "")
        same_site = origin.startswith(f"{request.scheme}://{request.get_host()}/")
        return HttpResponseRedirect(origin if same_site else request.path)
    if status == 403 and not actor_of(request).is_signed_in:
        return HttpResponseRedirect(f"/sign-in/?next={quote(request.get_full_path())}")
    return render(request, "refused.html", {"sentence": str(refused)}, status=status)


class RefusalMiddleware:
    """Refused becomes a message or 409, NotAllowed 403, DoesNotExist 404. Anything else is a bug and stays one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, Refused):
            return refusal(request, exception)
        if isinstance(exception, ObjectDoesNotExist):
            if wants_json(request):
                return problem(404, _("Not found."), code="NotFound")
            raise Http404 from exception
        if isinstance(exception, DataError):  # what the database cannot hold: a NUL in a text, a number beyond its range
            log.warning("unstorable input at %s: %s", request.path, str(exception).splitlines()[0])
            if wants_json(request):
                return problem(422, _("Some of what was sent cannot be used."), code="Unstorable")
            return render(request, "400.html", status=400)
        return None


def json_answer(body: Any, status: int = 200) -> JsonResponse:
    """Return plain JSON in UTF-8."""
    return JsonResponse(body, status=status, safe=False, json_dumps_params={"ensure_ascii": False})
