"""The dispatcher's board: what waits for a unit or lies in no grid, with the unit that the list names; and taking calls."""

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.cases import acts, forms, operations, queries, rules
from gongzhi.cases.views._reader import reader, whole
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people import queries as people_queries
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import live, numbers
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import admit, page

if TYPE_CHECKING:
    from gongzhi.cases.models import Case, Responsibility, Step


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case on the board: its clock, the line of the list that fits it, and the step by which a unit has returned it."""

    case: "Case"
    clock: Any
    line: "Responsibility | None"
    acts: list[acts.CaseAct]
    back: "Step | None" = None

    @property
    def names(self) -> "Responsibility | None":
        """Return the line whose unit one click assigns to: never the one that has just returned the case."""
        return None if self.line is not None and self.back is not None and self.back.organ_id == self.line.lead_id else self.line

    @property
    def may_assign(self) -> bool:
        return any(face.code == "assign" for face in self.acts)

    @property
    def may_settle(self) -> bool:
        return any(face.code == "settle" for face in self.acts)


def _board(actor: Actor, at: datetime) -> list[Waiting]:
    found = queries.to_place(seen_by=actor, at=at)
    clocks = queries.clocks_of_list(seen_by=actor, cases=found, at=at)
    lines = queries.suggestions(seen_by=actor, cases=found, on=territory.day_of(seen_by=ANYONE, at=at))
    backs = queries.last_returns(seen_by=actor, cases=found)
    return [Waiting(case, clocks.get(case.pk), lines.get(case.pk), _board_acts(actor, case), backs.get(case.pk)) for case in found]


def _board_acts(actor: Actor, case: "Case") -> list[acts.CaseAct]:
    """Return the acts that the board offers, without asking the database for each row."""
    wanted = [code for code in queries.may_now(seen_by=actor, case=case) if code in ("assign", "settle", "reclassify", "merge", "reject")]
    if case.unlocated and rules.may_place(actor, case):
        wanted.insert(0, "place")
    return [acts.BY_CODE[code] for code in wanted]


@require_safe
@never_cache
def dispatch(request: HttpRequest) -> HttpResponse:
    """Show the board: list and map of what waits for a unit, and of what lies in no grid."""
    actor, at = reader(request)
    admit(rules.may_dispatch, actor)
    board = _board(actor, at)
    context = {
        "now": at, "board": [one for one in board if not one.case.unlocated], "unlocated": [one for one in board if one.case.unlocated],
        "organs": forms.organ_choices(actor, territory.day_of(seen_by=ANYONE, at=at), kinds_of_organ=forms.WORKING_KINDS)[1:],
        "grids": forms.area_choices(actor, level="grid")[1:], "undo": queries.just_assigned(seen_by=actor, at=at),
        "stream": live.stream_url(request, *(f"desk:{organ_id}" for organ_id in sorted(actor.organ_ids))),
    }  # fmt: skip
    return page(request, "cases/dispatch.html", context, fragment="cases/_dispatch.html")


@require_safe
@never_cache
def dispatch_points(request: HttpRequest) -> HttpResponse:
    """Give the cases of the board as GeoJSON points."""
    actor, at = reader(request)
    admit(rules.may_dispatch, actor)
    return JsonResponse(_points(queries.to_place(seen_by=actor, at=at)), content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})


def _points(cases: Sequence["Case"]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature", "id": case.pk, "geometry": {"type": "Point", "coordinates": list(case.point)},
                "properties": {"title": case.title, "number": case.number, "state": str(case.state_word), "chip": "late" if case.overdue_at else case.chip,
                               "url": f"/cases/{case.slug}/"},
            }
            for case in cases if case.point
        ],
    }  # fmt: skip


@require_POST
@never_cache
def dispatch_one(request: HttpRequest, slug: str) -> HttpResponse:
    """Assign in one click, or put into a grid; a refusal is said on the board."""
    actor, at = reader(request)
    case = queries.case_for(seen_by=actor, slug=slug)
    organ_id, area_id = whole(request.POST.get("organ")), whole(request.POST.get("area"))
    try:
        with operations.decided_on(case.pk, whole(request.POST.get("version"))):
            if area_id is not None:
                operations.place_case(by=actor, at=at, case_id=case.pk, area_id=area_id)
                messages.success(request, _("%(number)s: placed.") % {"number": case.number})
            elif organ_id is not None:
                operations.assign_case(by=actor, at=at, case_id=case.pk, organ_id=organ_id, clause=request.POST.get("clause", "")[:200])
                messages.success(request, _("%(number)s: assigned.") % {"number": case.number})
            else:
                messages.error(request, _("Choose a unit or a grid."))
    except NotAllowed:
        raise
    except Refused as refused:
        messages.error(request, f"{case.number}{_(': ')}{refused}")
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = "/desk/dispatch/"
        return response
    return HttpResponseRedirect("/desk/dispatch/")


# ---- taking down what a caller needs ----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Take down the need of somebody who calls or stands at the counter; likely repeats are shown first."""
    actor, at = reader(request)
    admit(rules.may_take_calls, actor)
    form = forms.IntakeForm(request.POST or None, request.FILES or None, actor=actor, at=at, initial={"key": secrets.token_urlsafe(16)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                case = _take_down(actor, at, form.cleaned_data)
            except NotAllowed:
                raise
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
                status = 409
            else:
                messages.success(request, _("Taken down as %(number)s.") % {"number": case.number})
                return HttpResponseRedirect(f"/cases/{case.slug}/")
    return page(request, "cases/new.html", {"form": form, "now": at}, status=status)


def _take_down(actor: Actor, at: datetime, data: dict[str, Any]) -> "Case":
    raised_by_id = _caller(actor, at, data)
    papers = [attachments.add_attachment(by=actor, at=at, content=photo.read(), name=photo.name).pk for photo in data["photos"]]
    placed = data["longitude"] is not None and data["latitude"] is not None
    need = operations.Need(
        kind=data["kind"], title=data["title"], text=data["text"], category_id=data["category"], address=data["address"],
        longitude=data["longitude"] if placed else None, latitude=data["latitude"] if placed else None, origin=data["origin"], raised_by_id=raised_by_id,
        submission_key=f"desk:{data['key']}" if data["key"] else None, severity=data["severity"], attachment_ids=tuple(papers),
    )  # fmt: skip
    return operations.open_case(by=actor, at=at, need=need)


def _caller(actor: Actor, at: datetime, data: dict[str, Any]) -> int | None:
    """Return the caller as a person of the town: known by telephone, else registered; None for who stays anonymous."""
    if not data["phone"]:
        return None
    with contextlib.suppress(ObjectDoesNotExist):
        known = people_queries.person_by_phone(seen_by=actor, phone=data["phone"])
        if known is not None:
            return int(known.pk)
    name = data["name"].strip()
    masked = f"{name[0]}{'*' * max(1, len(name) - 1)}" if name else _("a caller")
    return int(people.register_person(by=actor, at=at, kind="resident", public_name=masked, name=name, phone=data["phone"]).pk)


@require_safe
@never_cache
def new_similar(request: HttpRequest) -> HttpResponse:
    """Show what the need that is being typed may repeat, and places that fit its address."""
    actor, at = reader(request)
    admit(rules.may_take_calls, actor)
    longitude, latitude = _degrees(request.GET.get("longitude")), _degrees(request.GET.get("latitude"))
    address = request.GET.get("address", "")[:200]
    places = territory.places_like(seen_by=actor, text=address, most=6) if len(address) > 1 and longitude is None else []
    if longitude is None and places:
        longitude, latitude = places[0].longitude, places[0].latitude
    found = queries.similar(
        seen_by=actor, text=f"{request.GET.get('title', '')}{request.GET.get('text', '')}"[:2000], at=at, category_id=whole(request.GET.get("category")),
        longitude=longitude, latitude=latitude, threshold=0.3,
    )  # fmt: skip
    return page(request, "cases/_new_similar.html", {"found": found, "places": places, "now": at})


def _degrees(text: str | None) -> float | None:
    try:
        return numbers.real(text or "", least=-180, most=180)
    except numbers.BadNumber:
        return None
