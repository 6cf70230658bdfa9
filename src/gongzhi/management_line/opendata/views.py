"""Open data: a page for people, a catalogue for machines, CSV for both. Everybody sees the same, whoever is signed in."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from gongzhi.kernel import moments, numbers
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.web import csv_answer, page
from gongzhi.management_line.ecology import queries as ecology
from gongzhi.management_line.opendata import dcat, queries
from gongzhi.management_line.sensing import queries as sensing

AGE = 300  # seconds for which what is open may be kept by those who fetch it


def _open(answer: HttpResponse | StreamingHttpResponse) -> HttpResponse | StreamingHttpResponse:
    """Let pages of other sites fetch it, and everybody keep it for some minutes: it is the same for all."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = f"public, max-age={AGE}"
    return answer


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the catalogue to people: what there is, where from, how often new, under which licence, and the files."""
    found = queries.catalogue(seen_by=ANYONE, at=timezone.now())
    return page(request, "opendata/index.html", {"catalogue": found, "language": "en" if request.LANGUAGE_CODE.startswith("en") else "zh",  # type: ignore[attr-defined]
                                                 "is_cc_by": found.licence == dcat.CC_BY})  # fmt: skip


@require_GET
def catalog(request: HttpRequest, form: str = "") -> HttpResponse | StreamingHttpResponse:
    """Give the catalogue as DCAT-AP, in the form of the address's ending or of the Accept header; people are led to their page."""
    chosen = form or _accepted(request.headers.get("Accept", ""))
    if chosen == "html":
        return HttpResponseRedirect("/opendata/")
    if not chosen:
        return HttpResponse("text/turtle, application/ld+json, application/rdf+xml, text/html\n", status=406, content_type="text/plain; charset=utf-8")
    text = dcat.written(queries.catalogue(seen_by=ANYONE, at=timezone.now()), root=request.build_absolute_uri("/"), form=chosen)
    answer = HttpResponse(text, content_type=f"{dcat.FORMS[chosen][1]}; charset=utf-8")
    answer.headers["Vary"] = "Accept"
    return _open(answer)


def _accepted(header: str) -> str:
    """Return the form that an Accept header likes best: an ending of dcat.FORMS, "html", or "" where none is liked.

    Turtle where all are liked alike; a kind that is named goes before a wildcard of the same weight.
    """
    offers = [("ttl", "text/turtle"), ("jsonld", "application/ld+json"), ("rdf", "application/rdf+xml"), ("html", "text/html"), ("jsonld", "application/json")]
    if not header.strip():
        return "ttl"
    best: tuple[float, int, int] = (0.0, 0, 0)
    found = ""
    for part in header.split(","):
        kind, *given = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in given if piece.startswith("q=")), "1")
        try:
            likes = numbers.real(weight, least=0, most=1)
        except numbers.BadNumber:
            continue
        for place, (form, media) in enumerate(offers):
            exact = 2 if kind == media else 1 if kind == media.split("/")[0] + "/*" else 0
            if (exact or kind == "*/*") and (likes, exact, -place) > best and likes > 0:
                best, found = (likes, exact, -place), form
    return found


@require_GET
def hours_csv(request: HttpRequest, code: str, year: str, month: str = "") -> HttpResponse | StreamingHttpResponse:
    """Give the hours of a station in a year or a month as CSV, streamed; its head is the same in every language."""
    at = timezone.now()
    station = sensing.station_for(seen_by=ANYONE, code=code)
    try:
        first = moments.month(f"{year}-{month or '01'}")
    except moments.BadMonth as error:
        raise Http404 from error
    end = date(first.year + 1, 1, 1) if not month else date(first.year + first.month // 12, first.month % 12 + 1, 1)

    def rows():  # type: ignore[no-untyped-def]
        yield queries.HEAD
        yield from queries.hours(seen_by=ANYONE, station=station, first=first, end=end, at=at)

    return _open(csv_answer(f"{station.code}-{year}{'-' if month else ''}{month}.csv", rows()))


@require_GET
def air_csv(request: HttpRequest, code: str, year: str) -> HttpResponse | StreamingHttpResponse:
    """Give the daily index of an air station in a year as CSV; its head is the same in every language."""
    at = timezone.now()
    station = sensing.station_for(seen_by=ANYONE, code=code)
    if station.kind != "air":
        raise Http404
    try:
        first = moments.month(f"{year}-01")
        found = ecology.air_days(seen_by=ANYONE, station=station, since=first, until=date(first.year + 1, 1, 1), at=at)
    except ValueError as error:
        raise Http404 from error

    def rows():  # type: ignore[no-untyped-def]
        yield ("station", "day", "aqi", "level", "primary", *(f"{name}_8h" if name == "O3" else name for name in ecology.POLLUTANTS), "valid_hours", "is_final")
        for on, one in sorted(found.items()):
            means = [one.means[name].value if name in one.means else None for name in ecology.POLLUTANTS]
            yield (
                station.code, on.isoformat(), "" if one.value is None else one.value, one.level.number if one.level else "",
                "+".join(one.index.primary) if one.index else "", *("" if mean is None else round(mean, 3) for mean in means), one.hours,
                "no" if one.is_running else "yes",
            )  # fmt: skip

    return _open(csv_answer(f"{station.code}-air-{year}.csv", rows()))
