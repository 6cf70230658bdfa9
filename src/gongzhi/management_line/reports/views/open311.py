"""Open311 GeoReport v2 under /open311/v2/: any client of it can list services, send requests and follow them."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from gongzhi.cases import nearness
from gongzhi.cases import queries as cases
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.operation import Refused
from gongzhi.management_line.reports import limits, open311, operations, queries
from gongzhi.management_line.reports.open311 import XML, BadParameter, Element

MOST = 1000  # of one answer, as the specification says
DAYS = 90
MOST_MEDIA = 12_000_000

View = Callable[..., HttpResponse]


def geo_report(*methods: str) -> Callable[[View], View]:
    """Make the function an endpoint: its methods, its errors in the format that was asked for, its language, open to browsers."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def endpoint(request: HttpRequest, **parts: Any) -> HttpResponse:
            written = parts.get("written") or "xml"
            wanted = request.GET.get("locale") or request.POST.get("locale") or "" if request.method in ("GET", "POST") else ""
            with translation.override("en" if wanted.lower().startswith("en") else translation.get_language() or "zh-hans"):
                response = _answer(view, request, written, methods, parts)
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response

        return endpoint

    return wrap


def _answer(view: View, request: HttpRequest, written: str, methods: tuple[str, ...], parts: dict[str, Any]) -> HttpResponse:
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response.headers["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key"
        return response
    if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
        response = _errors([(405, f"{request.method} is not served here; use {' or '.join(methods)}.")], written)
        response.headers["Allow"] = ", ".join(methods)
        return response
    try:
        _own_jurisdiction(request)
        return view(request, **parts)
    except BadParameter as bad:
        return _errors([(bad.code, bad.description)], written)
    except limits.TooManyReports as refused:
        return _errors([(refused.status, str(refused))], written)
    except Refused as refused:
        field = f" ({refused.field})" if refused.field else ""
        return _errors([(400, f"{refused}{field}")], written)
    except ObjectDoesNotExist:
        return _errors([(404, "service_request_id was not found.")], written)


def _own_jurisdiction(request: HttpRequest) -> None:
    """Refuse a jurisdiction that is another's; ours is this town by its host names, its code, or its division code."""
    given = (request.GET.get("jurisdiction_id") or (request.POST.get("jurisdiction_id") if request.method == "POST" else None) or "").strip().lower()
    if not given:
        return  # one address serves one town, so the specification lets it be left out
    town = territory.town(seen_by=ANYONE)
    host = request.get_host().lower()
    if given not in {town.code.lower(), town.division_code, host, host.partition(":")[0], *(name.lower() for name in town.hosts)} - {""}:
        raise BadParameter(404, "jurisdiction_id was not found.")


def _errors(errors: list[tuple[int, str]], written: str) -> HttpResponse:
    rows = [{"code": code, "description": description} for code, description in errors]
    return _write(Element("errors", "error", rows), written, status=errors[0][0])


def _write(element: Element, written: str, *, status: int = 200) -> HttpResponse:
    body: Any = open311.to_xml(element) if written == XML else json.dumps(element.rows, ensure_ascii=False)
    return HttpResponse(body, status=status, content_type=open311.CONTENT_TYPES[written])


# ---- services -------------------------------------------------------------------------------------------------------
@geo_report("GET")
def services(request: HttpRequest, written: str) -> HttpResponse:
    """List what may be reported: the town's public categories."""
    rows = [_service(category) for category in queries.leaves(seen_by=ANYONE, at=timezone.now())]
    return _write(Element("services", "service", rows), written)


def _service(category: Any) -> dict[str, Any]:
    english = (translation.get_language() or "").startswith("en")
    return {
        "service_code": category.code, "service_name": category.label,
        "description": (category.description_en if english else "") or category.description or category.label, "metadata": True, "type": "realtime",
        "keywords": ", ".join(category.keywords.split()), "group": category.parent.label if category.parent else "",
    }  # fmt: skip


def _attributes(category: Any) -> list[dict[str, Any]]:
    """Return what a service asks beside the words: a notice of its limit, the exact spot, and since when."""
    limit = _limit_words(category)
    return [
        {
            "variable": False, "code": "LIMIT", "datatype": "text", "required": False, "datatype_description": None, "order": 1,
            "description": f"{limit} {category.basis}".strip(), "values": [],
        },
        {
            "variable": True, "code": "SPOT", "datatype": "string", "required": False,
            "datatype_description": _("building, pole or shop, in words"), "order": 2, "description": _("Exactly where?"), "values": [],
        },
        {
            "variable": True, "code": "SINCE", "datatype": "singlevaluelist", "required": False, "datatype_description": None, "order": 3,
            "description": _("Since when?"),
            "values": [{"key": key, "name": str(name)} for key, name in _since().items()],
        },
    ]  # fmt: skip


def _limit_words(category: Any) -> str:
    words = {
        "working_days": _("To be handled within %(n)s working days."), "working_hours": _("To be handled within %(n)s working hours."),
        "hours": _("To be handled within %(n)s hours."), "calendar_days": _("To be handled within %(n)s days."),
    }  # fmt: skip
    return str(words[category.limit_unit]) % {"n": category.limit_amount}


def _since() -> dict[str, str]:
    return {"today": _("Since today"), "days": _("For some days"), "weeks": _("For weeks"), "again": _("It comes back again and again")}


@geo_report("GET")
def service(request: HttpRequest, code: str, written: str) -> HttpResponse:
    """Define a service: what it asks beside the words."""
    category = queries.category_by_code(seen_by=ANYONE, code=code, at=timezone.now())
    if category is None:
        raise BadParameter(404, "service_code was not found.")
    attributes = _attributes(category)
    if written == XML:
        return HttpResponse(open311.definition_xml(category.code, attributes), content_type=open311.CONTENT_TYPES[XML])
    return HttpResponse(
        json.dumps({"service_code": category.code, "attributes": attributes}, ensure_ascii=False), content_type=open311.CONTENT_TYPES["json"]
    )


# ---- requests -------------------------------------------------------------------------------------------------------
@geo_report("GET", "POST")
def requests(request: HttpRequest, written: str) -> HttpResponse:
    """List requests, or take a new one."""
    return _post(request, written) if request.method == "POST" else _list(request, written)


def _list(request: HttpRequest, written: str) -> HttpResponse:
    given, at = request.GET, timezone.now()
    found = cases.cases(seen_by=ANYONE, kind="report", order="newest").filter(visibility="public")
    ids = open311.listed(given.get("service_request_id", ""))
    if ids:  # "This overrides all other arguments": none of them narrows the answer, and none of them can spoil it
        found = found.filter(_any_of([_serial(one) for one in ids[:MOST]]))
    else:
        found = _narrowed(found, given, at)
    return _write(Element("service_requests", "request", _rows(request, found)), written)


def _narrowed(found: Any, given: Any, at: datetime) -> Any:
    """Return the page of requests that the arguments of a list ask for."""
    start = open311.moment(given.get("start_date", ""), "start_date")
    end = open311.moment(given.get("end_date", ""), "end_date", end=True)
    if start and end and end < start:
        raise BadParameter(400, "end_date lies before start_date.")
    if start is None:
        start = (end or at) - timedelta(days=DAYS)
    if end is None and given.get("start_date"):
        end = start + timedelta(days=DAYS)
    if end and end - start > timedelta(days=DAYS + 1):
        raise BadParameter(400, f"start_date and end_date may lie at most {DAYS} days apart.")
    found = found.filter(opened_at__gte=start)
    if end:
        found = found.filter(opened_at__lte=end)
    codes = open311.listed(given.get("service_code", ""))
    if codes:
        found = found.filter(category__code__in=codes)
    statuses = open311.statuses(given.get("status", ""))
    if statuses == {"open"}:
        found = found.filter(state__in=open311.OPEN_STATES)
    elif statuses == {"closed"}:
        found = found.exclude(state__in=open311.OPEN_STATES)
    size = open311.whole(given.get("page_size", ""), "page_size", least=1, most=MOST) or MOST
    page = open311.whole(given.get("page", ""), "page", least=1, most=100_000) or 1
    point, radius = _circle(given)
    if point is None:
        return found[(page - 1) * size : page * size]
    west, south, east, north = nearness.box(point, radius)
    near = found.filter(longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north)
    rows = [case for case in near if case.point and nearness.metres(point, case.point) <= radius][(page - 1) * size : page * size]
    return cases.cases(seen_by=ANYONE, kind="report", order="newest").filter(pk__in=[case.pk for case in rows])


def _circle(given: Any) -> tuple[tuple[float, float] | None, float]:
    latitude = open311.number(given.get("lat", ""), "lat", least=-90, most=90)
    longitude = open311.number(given.get("long", ""), "long", least=-180, most=180)
    if (latitude is None) != (longitude is None):
        raise BadParameter(400, "lat and long belong together.")
    radius = open311.number(given.get("radius", ""), "radius", least=1, most=100_000) or 500.0
    return (None if latitude is None or longitude is None else (longitude, latitude)), radius


def _serial(text: str) -> tuple[int, int]:
    year, _dash, serial = text.partition("-")
    if not (re.fullmatch("[0-9]{1,4}", year) and re.fullmatch("[0-9]{1,9}", serial)):
        return 0, 0
    return int(year), int(serial)


def _any_of(pairs: list[tuple[int, int]]) -> Any:
    wanted = Q(pk__in=[])
    for year, serial in pairs:
        wanted |= Q(year=year, serial=serial)
    return wanted


@geo_report("GET")
def one_request(request: HttpRequest, slug: str, written: str) -> HttpResponse:
    """Show one request."""
    year, serial = _serial(slug)
    found = cases.cases(seen_by=ANYONE, kind="report").filter(visibility="public", year=year, serial=serial)
    rows = _rows(request, found)
    if not rows:
        raise BadParameter(404, "service_request_id was not found.")
    return _write(Element("service_requests", "request", rows), written)


def _rows(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    listed = list(found.prefetch_related("steps__papers__attachment"))
    filings = queries.filings_of(seen_by=ANYONE, case_ids=[case.pk for case in listed])
    return [_row(request, case, filings.get(case.pk)) for case in listed]


def _row(request: HttpRequest, case: Any, filing: Any) -> dict[str, Any]:
    is_open = case.state in open311.OPEN_STATES
    told = [step.public_text for step in case.steps.all() if step.act in ("answer", "close", "close_unverified", "merge") and step.public_text]
    notes = [str(case.state_word), *([case.outcome] if case.outcome else []), *told[-1:]]
    return {
        "service_request_id": case.slug, "status": "open" if is_open else "closed", "status_notes": "; ".join(notes),
        "service_name": case.category.label if case.category else _("Not classified yet"), "service_code": case.category.code if case.category else "",
        "description": case.text or case.title, "agency_responsible": str(case.lead) if case.lead else "",
        "service_notice": _limit_words(case.category) if case.category and is_open else "", "requested_datetime": _moment(case.opened_at),
        "updated_datetime": _moment(case.touched_at), "expected_datetime": _moment(case.due_at) if is_open else None, "address": case.address,
        "address_id": None, "zipcode": None, "lat": case.latitude, "long": case.longitude, "media_url": _media(request, case, filing),
    }  # fmt: skip


def _media(request: HttpRequest, case: Any, filing: Any) -> str | None:
    for step in sorted(case.steps.all(), key=lambda step: step.pk):
        for paper in step.papers.all():
            if paper.is_public and paper.attachment.is_image:
                return request.build_absolute_uri(paper.attachment.url("large"))
    return filing.media_url or None if filing else None


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def _post(request: HttpRequest, written: str) -> HttpResponse:
    given, at = request.POST, timezone.now()
    key = given.get("api_key") or request.GET.get("api_key") or ""
    if not key:
        raise BadParameter(403, "api_key was not provided.")
    client = queries.open311_client(seen_by=ANYONE, key=key)
    limits.check_client(request, client or "", at)
    if client is None:
        raise BadParameter(403, "Invalid api_key received -- can't proceed with create_request.")
    code = given.get("service_code", "").strip()
    if not code:
        raise BadParameter(400, "service_code was not provided.")
    category = queries.category_by_code(seen_by=ANYONE, code=code, at=at)
    if category is None:
        raise BadParameter(404, "service_code was not found.")
    latitude = open311.number(given.get("lat", ""), "lat", least=-90, most=90)
    longitude = open311.number(given.get("long", ""), "long", least=-180, most=180)
    if (latitude is None) != (longitude is None):
        raise BadParameter(400, "lat and long belong together.")
    address = (given.get("address_string") or given.get("address_id") or "").strip()[:200]
    if latitude is None and not address:
        raise BadParameter(400, "A location is needed: lat and long, or address_string.")
    if latitude is None:
        named = territory.places_like(seen_by=ANYONE, text=address, most=1)
        if named and named[0].name in address:  # only a place that the address names; never a guess
            longitude, latitude = named[0].longitude, named[0].latitude
    answers = dict(open311.attribute_answers((name, value) for name, values in given.lists() for value in values))
    text = given.get("description", "").strip()
    known = _attributes(category)
    for attribute in known:
        answer = answers.pop(attribute["code"], "")
        if answer:
            names = {value["key"]: value["name"] for value in attribute["values"]}
            if names and answer not in names:
                raise BadParameter(400, f"attribute[{attribute['code']}] must be one of {', '.join(names)}.")
            text = f"{text}\n{attribute['description']} {names.get(answer, answer)}".strip()
    text = "\n".join([text, *(f"{name}: {value}" for name, value in answers.items())]).strip() or category.name
    media_url = given.get("media_url", "").strip()
    if media_url and not (media_url.startswith(("http://", "https://")) and len(media_url) <= 400):
        raise BadParameter(400, "media_url must be an address that begins with http:// or https://, at most 400 characters.")
    by: Actor = system("open311")
    photos = [_attach(by, at, file) for file in request.FILES.values()]
    case, _code = operations.file_report(
        by=by, at=at, text=text, category_code=category.code, longitude=longitude, latitude=latitude, address=address, photos=photos,
        phone=given.get("phone", ""), email=given.get("email", ""), name=f"{given.get('last_name', '')}{given.get('first_name', '')}",
        submission_key=request.headers.get("Idempotency-Key", "")[:40], origin="other_system", door="open311", client=client, media_url=media_url,
    )  # fmt: skip
    row = {
        "service_request_id": case.slug,
        "service_notice": _("Number %(number)s. %(limit)s") % {"number": case.number, "limit": _limit_words(category)} if not case.unlocated else
        _("Number %(number)s. The place lies in no grid of this town; a dispatcher looks at it first.") % {"number": case.number},
        "account_id": given.get("account_id") or None,
    }
    response = _write(Element("service_requests", "request", [row]), written, status=201)
    response.headers["Location"] = request.build_absolute_uri(f"/open311/v2/requests/{case.slug}.{written}")
    return response


def _attach(by: Actor, at: datetime, file: Any) -> int:
    if (file.size or 0) > MOST_MEDIA:
        raise BadParameter(400, f"media is larger than {MOST_MEDIA // 1_000_000} MB.")
    return int(attachments.add_attachment(by=by, at=at, content=file.read(), name=file.name or "media", is_public=True).pk)


@geo_report("GET")
def token(request: HttpRequest, token: str, written: str) -> HttpResponse:
    """Give the request of a token. Every request has its id at once here, so the id is its own token."""
    year, serial = _serial(token)
    case = cases.cases(seen_by=ANYONE, kind="report").filter(year=year, serial=serial).first()
    if case is None:
        raise BadParameter(404, "token was not found.")
    return _write(Element("service_requests", "request", [{"service_request_id": case.slug, "token": token}]), written)


@geo_report("GET")
def discovery(request: HttpRequest, written: str) -> HttpResponse:
    """Say where the endpoint is, for clients that look for it."""
    town = territory.town(seen_by=ANYONE)
    answer = {
        "changeset": "2026-11-24T00:00:00Z",
        "contact": _("%(town)s: reports by Open311. Ask the administrator for an api_key.") % {"town": town.name},
        "key_service": request.build_absolute_uri("/access/"),
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2", "url": request.build_absolute_uri("/open311/v2"),
                "changeset": "2026-11-24T00:00:00Z", "type": "test" if settings.DEBUG else "production",
                "formats": ["application/json", "text/xml"],
            }
        ],
    }  # fmt: skip
    if written == XML:
        return HttpResponse(open311.discovery_xml(answer), content_type=open311.CONTENT_TYPES[XML])
    return HttpResponse(json.dumps(answer, ensure_ascii=False), content_type=open311.CONTENT_TYPES["json"])
