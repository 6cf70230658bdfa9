"""Sources, outlets and permits: lists, details and forms."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors
from gongzhi.kernel.filling import answer_form
from gongzhi.kernel.lists import Column, Filter, Register, Way, register_file, register_page
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sources import forms, operations, queries, rules
from gongzhi.management_line.sources.models import Permit, Source


def _held(request: HttpRequest) -> dict[int, Permit]:
    """Return by source the permit that holds, else its newest one: one statement."""
    today = territory.day_of(seen_by=actor_of(request), at=timezone.now())
    found: dict[int, Permit] = {}
    for permit in queries.permits(seen_by=actor_of(request)).order_by("valid_to", "pk"):
        before = found.get(permit.source_id)
        if before is None or before.state_on(today) not in ("valid", "soon"):
            found[permit.source_id] = permit
    return found


def _sources(request: HttpRequest) -> Register:
    actor, today, held = actor_of(request), territory.day_of(seen_by=actor_of(request), at=timezone.now()), _held(request)

    def state(source: Source) -> str:
        return held[source.pk].state_on(today) if source.pk in held else ""

    def state_word(source: Source) -> Any:
        return Permit.STATE_WORDS[state(source)][0] if state(source) else _("no permit entered")

    found = queries.sources(seen_by=actor)
    by_state = [(code, words[0]) for code, words in Permit.STATE_WORDS.items() if code != "ended"]
    return Register(
        name="sources",
        title=_("Pollution sources"),
        rows=found,
        order="name",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("Who gives off what by which outlet, under which permit. Permits are public by law."),
        columns=[
            Column(name="name", title=_("Source"), value=lambda one: one.label, url=lambda one: f"/sources/{one.code}/", order="name"),
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.organ), order="organ__name"),
            Column(name="industry", title=_("Industry"), value=lambda one: one.industry, note=lambda one: one.industry_code, order="industry_code"),
            Column(name="level", title=_("Management"), value=lambda one: str(one.level_word), order="level"),
            Column(
                name="permit",
                title=_("Permit"),
                value=lambda one: held[one.pk].number if one.pk in held else None,
                url=lambda one: f"/permits/{held[one.pk].number}/" if one.pk in held else "",
            ),
            Column(
                name="state",
                title=_("State of the permit"),
                value=lambda one: str(state_word(one)),
                chip=lambda one: Permit.STATE_WORDS[state(one)][1:] if state(one) else ("stop", "circle-help"),
            ),
            Column(name="until", title=_("Valid to"), value=lambda one: held[one.pk].valid_to if one.pk in held else None),
        ],
        filters=[
            Filter(name="level", title=_("Management"), choices=list(Source.LEVEL_WORDS.items()), narrow=lambda rows, code: rows.filter(level=code)),
            Filter(
                name="state",
                title=_("Permit"),
                choices=by_state,
                narrow=lambda rows, code: rows.filter(pk__in=[pk for pk, permit in held.items() if permit.state_on(today) == code]),
            ),
            *(
                [
                    Filter(
                        name="mine",
                        title=_("Whose"),
                        choices=[("yes", _("our firm's"))],
                        narrow=lambda rows, _c: rows.filter(organ_id__in=sorted(actor.organ_ids)),
                    )
                ]
                if actor.can("may_speak_for_firm")
                else []
            ),
        ],
        search=lambda rows, words: rows.filter(
            Q(name__icontains=words) | Q(name_en__icontains=words) | Q(organ__name__icontains=words) | Q(industry__icontains=words)
        ),
        search_words=_("Name, firm or industry"),
        ways=[Way(url="/sources/new/", title=_("A new source"), is_primary=True)] if rules.may_keep(actor) else [],
        nothing=_("No source is registered"),
        nothing_more=_("Departments enter them with their outlets and permits."),
        map_points="/sources.geojson",
        map_words=_("Map of the pollution sources and their outlets"),
    )


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the sources with a map."""
    return register_page(request, _sources(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/sources/"))


@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of sources as a file."""
    return register_file(request, _sources(request), form)


@require_GET
def geojson(request: HttpRequest) -> HttpResponse:
    """Give sources and outlets as GeoJSON points."""
    actor, today, held = actor_of(request), territory.day_of(seen_by=actor_of(request), at=timezone.now()), _held(request)
    features = []
    for source, outlets in queries.points(seen_by=actor):
        state = held[source.pk].state_on(today) if source.pk in held else ""
        chip = {"valid": "ok", "soon": "warn", "expired": "late"}.get(state, "stop")
        word = str(Permit.STATE_WORDS[state][0]) if state else _("no permit entered")
        spots: list[tuple[Any, str]] = [(source, source.label), *((one, f"{source.label} {one}") for one in outlets)]
        for place, title in spots:
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
                    "properties": {
                        "title": title,
                        "url": f"/sources/{source.code}/",
                        "chip": chip if place is source else "open",
                        "state": word,
                        "number": str(source.organ),
                    },
                }
            )
    return JsonResponse({"type": "FeatureCollection", "features": features}, json_dumps_params={"ensure_ascii": False})


@require_GET
def source(request: HttpRequest, code: str) -> HttpResponse:
    """Show a source: its outlets, its permit with how far each limit is used, its risk sources for those who may see them."""
    actor, at = actor_of(request), timezone.now()
    today = territory.day_of(seen_by=actor, at=at)
    found = queries.source_for(seen_by=actor, code=code)
    permits = list(queries.permits(seen_by=actor, source_id=found.pk))
    held = next((one for one in permits if one.state_on(today) in ("valid", "soon")), permits[0] if permits else None)
    uses = queries.usage(seen_by=actor, permit=queries.permit_for(seen_by=actor, number=held.number), at=at) if held is not None else []
    return page(
        request,
        "sources/source.html",
        {
            "now": at,
            "source": found,
            "outlets": list(found.outlets.all()),
            "held": held,
            "uses": uses,
            "permits": [(one, Permit.STATE_WORDS[one.state_on(today)]) for one in permits],
            "may_keep": rules.may_keep(actor),
            "may_see_returns": rules.sees_registers(actor) and queries.returns(seen_by=actor, organ_id=found.organ_id).exists(),
        },
    )


def _initial(found: Source) -> dict[str, Any]:
    names = ("name", "name_en", "industry_code", "industry", "level", "address", "longitude", "latitude")
    return {name: getattr(found, name) for name in names} | {"organ": found.organ_id}


@never_cache
@require_http_methods(["GET", "POST"])
def new_source(request: HttpRequest) -> HttpResponse:
    """Register a source."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep, actor)
    form = forms.SourceForm(organs.firms(seen_by=actor), request.POST if request.method == "POST" else None)
    if form.is_valid() and queries.sources(seen_by=actor).filter(code=form.cleaned_data["code"]).exists():
        form.add_error("code", _("A source with this short name is registered already."))

    def act(given: dict[str, Any]) -> str:
        made = operations.register_source(by=actor, at=at, organ_id=given.pop("organ"), **given)
        return f"/sources/{made.code}/"

    return answer_form(
        request,
        form,
        act,
        done=_("The source is registered. Now its outlets."),
        title=_("A new source"),
        button=_("Register the source"),
        back="/sources/",
        back_words=_("Pollution sources"),
        pick=True,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def edit_source(request: HttpRequest, code: str) -> HttpResponse:
    """Correct what is registered of a source."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep, actor)
    found = queries.source_for(seen_by=actor, code=code)
    form = forms.SourceForm(organs.firms(seen_by=actor), request.POST if request.method == "POST" else None, fixed=True, initial=_initial(found))

    def act(given: dict[str, Any]) -> str:
        operations.register_source(by=actor, at=at, code=code, organ_id=given.pop("organ"), **given)
        return f"/sources/{code}/"

    return answer_form(
        request,
        form,
        act,
        done=_("The source is corrected."),
        title=_("Correct the source"),
        button=_("Save"),
        back=f"/sources/{code}/",
        back_words=found.label,
        pick=True,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def close_source(request: HttpRequest, code: str) -> HttpResponse:
    """Note that a source no longer works."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep, actor)
    found = queries.source_for(seen_by=actor, code=code)
    on = territory.day_of(seen_by=actor, at=at)
    form = forms.CloseForm(request.POST if request.method == "POST" else None, initial={"closed_on": on})

    def act(given: dict[str, Any]) -> str:
        operations.close_source(by=actor, at=at, source_id=found.pk, **given)
        return "/sources/"

    return answer_form(
        request,
        form,
        act,
        done=_("The source stands as closed."),
        title=_("Close the source"),
        button=_("Close the source"),
        back=f"/sources/{code}/",
        back_words=found.label,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def outlet(request: HttpRequest, code: str, outlet_code: str = "") -> HttpResponse:
    """Register an outlet of a source, or correct one."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep, actor)
    found = queries.source_for(seen_by=actor, code=code)
    known = {one.code: one for one in found.outlets.all()}
    if outlet_code and outlet_code not in known:
        raise Source.DoesNotExist
    stations = list(sensing.stations(seen_by=actor))
    form = forms.OutletForm(
        [(one.pk, one.label) for one in stations if one.kind in ("waste_water", "flue_gas")],
        [(one.pk, one.label) for one in stations if one.kind == "surface_water"],
        request.POST if request.method == "POST" else None,
        fixed=bool(outlet_code),
        initial=forms.initial_of(known[outlet_code]) if outlet_code else {"longitude": found.longitude, "latitude": found.latitude},
    )
    if form.is_valid() and not outlet_code and form.cleaned_data["code"] in known:
        form.add_error("code", _("The source has an outlet with this code already."))

    def act(given: dict[str, Any]) -> str:
        given["station_id"], given["downstream_id"] = given.pop("station"), given.pop("downstream")
        operations.register_outlet(by=actor, at=at, source_id=found.pk, **given | ({"code": outlet_code} if outlet_code else {}))
        return f"/sources/{code}/"

    title = _("Correct the outlet") if outlet_code else _("A new outlet")
    return answer_form(
        request, form, act, done=_("The outlet is registered."), title=title, button=_("Save"), back=f"/sources/{code}/", back_words=found.label, pick=True
    )


@never_cache
@require_http_methods(["GET", "POST"])
def new_permit(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a permit of a source."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep, actor)
    found = queries.source_for(seen_by=actor, code=code)
    form = forms.PermitForm(request.POST if request.method == "POST" else None)

    def act(given: dict[str, Any]) -> str:
        made = operations.enter_permit(by=actor, at=at, source_id=found.pk, **given)
        return f"/permits/{made.number}/"

    return answer_form(
        request,
        form,
        act,
        done=_("The permit is entered."),
        title=_("Enter a permit"),
        button=_("Enter the permit"),
        back=f"/sources/{code}/",
        back_words=found.label,
    )


# ---- permits --------------------------------------------------------------------------------------------------------
def _permits(request: HttpRequest) -> Register:
    actor = actor_of(request)
    today = territory.day_of(seen_by=actor, at=timezone.now())

    def narrow(rows: Any, code: str) -> Any:
        return rows.filter(pk__in=[one.pk for one in rows if one.state_on(today) == code])

    return Register(
        name="permits",
        title=_("Permits"),
        rows=queries.permits(seen_by=actor),
        order="until",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("Those that end within sixty days and those that have ended are marked."),
        columns=[
            Column(name="number", title=_("Number"), value=lambda one: one.number, url=lambda one: f"/permits/{one.number}/", order="number"),
            Column(name="source", title=_("Source"), value=lambda one: one.source.label, url=lambda one: f"/sources/{one.source.code}/", order="source__name"),
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.source.organ), order="source__organ__name"),
            Column(name="from", title=_("Valid from"), value=lambda one: one.valid_from, order="valid_from"),
            Column(name="until", title=_("Valid to"), value=lambda one: one.valid_to, order="valid_to"),
            Column(
                name="state",
                title=_("State of the permit"),
                value=lambda one: str(Permit.STATE_WORDS[one.state_on(today)][0]),
                chip=lambda one: Permit.STATE_WORDS[one.state_on(today)][1:],
            ),
        ],
        filters=[Filter(name="state", title=_("Permit"), choices=[(code, words[0]) for code, words in Permit.STATE_WORDS.items()], narrow=narrow)],
        search=lambda rows, words: rows.filter(Q(number__icontains=words) | Q(source__name__icontains=words) | Q(source__organ__name__icontains=words)),
        search_words=_("Number, source or firm"),
        nothing=_("No permit is entered"),
        nothing_more=_("Permits are entered at their source."),
    )


@require_GET
def permit_index(request: HttpRequest) -> HttpResponse:
    """List the permits, those that end first at the top."""
    return register_page(request, _permits(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/permits/"))


@require_GET
def permit_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of permits as a file."""
    return register_file(request, _permits(request), form)


@require_http_methods(["GET", "POST"])
def permit(request: HttpRequest, number: str) -> HttpResponse:
    """Show a permit with how each of its limits is kept and used; those who keep the register may end it."""
    actor, at = actor_of(request), timezone.now()
    today = territory.day_of(seen_by=actor, at=at)
    found = queries.permit_for(seen_by=actor, number=number)
    form = forms.EndPermitForm(request.POST if request.method == "POST" else None, initial={"ended_on": today})
    if request.method == "POST":
        admit(rules.may_keep, actor)

    def act(given: dict[str, Any]) -> str:
        operations.end_permit(by=actor, at=at, permit_id=found.pk, **given)
        return request.path

    return answer_form(
        request,
        form,
        act,
        done=_("The permit is ended."),
        template="sources/permit.html",
        now=at,
        permit=found,
        state=Permit.STATE_WORDS[found.state_on(today)],
        uses=queries.usage(seen_by=actor, permit=found, at=at),
        may_end=rules.may_keep(actor) and found.state_on(today) in ("valid", "soon"),
    )
