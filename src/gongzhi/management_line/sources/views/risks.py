"""Risk sources with substances, plans and drills; the places to be protected; who lies near whom."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors
from gongzhi.kernel.filling import answer_form, refuse
from gongzhi.kernel.lists import Column, Filter, Register, Way, register_file, register_page
from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.sources import forms, operations, queries, rules
from gongzhi.management_line.sources.models import Plan, SensitivePlace

RADII = (500, 1000, 2000, 5000)


def _risks(request: HttpRequest) -> Register:
    actor = actor_of(request)
    on = territory.day_of(seen_by=actor, at=timezone.now())
    admit(rules.sees_registers, actor)

    def search(rows: Any, words: str) -> Any:
        wanted = words.lower()
        return [one for one in rows if wanted in f"{one.risk.name} {one.risk.organ} {' '.join(str(each) for each in one.substances)}".lower()]

    return Register(
        name="risks",
        title=_("Risk sources"),
        rows=queries.risks(seen_by=actor),
        order="-ratio",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("Where so much of something is kept that its escape would harm: quantities, plans, drills, and who lives near."),
        columns=[
            Column(name="name", title=_("Risk source"), value=lambda one: one.risk.name, url=lambda one: f"/risks/{one.risk.code}/", order="name"),
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.risk.organ), order="firm"),
            Column(
                name="substances", title=_("Substances"), value=lambda one: "、".join(f"{each.name} {each.quantity.normalize():f} t" for each in one.substances)
            ),
            Column(name="ratio", title=_("Q"), value=lambda one: float(one.ratio), decimals=2, order="ratio", end=True),
            Column(
                name="plan",
                title=_("Emergency plan"),
                value=lambda one: str(Plan.STATE_WORDS[one.plan_state(on)][0]),
                chip=lambda one: Plan.STATE_WORDS[one.plan_state(on)][1:],
                order="plan",
            ),
            Column(name="due", title=_("To be revised by"), value=lambda one: one.plan.revision_due_on if one.plan else None, order="due"),
            Column(name="drill", title=_("Last drill"), value=lambda one: one.drill.held_on if one.drill else None, order="drill"),
        ],
        filters=[
            Filter(
                name="plan",
                title=_("Emergency plan"),
                choices=[(code, words[0]) for code, words in Plan.STATE_WORDS.items()],
                narrow=lambda rows, code: [one for one in rows if one.plan_state(on) == code],
            )
        ],
        search=search,
        search_words=_("Name, firm or substance"),
        ways=[Way(url="/risks/new/", title=_("A new risk source"), is_primary=True)] if rules.may_keep(actor) else [],
        nothing=_("No risk source is registered"),
        map_points="/risks.geojson",
        map_words=_("Map of risk sources and sensitive places"),
    )


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the risk sources with a map."""
    return register_page(request, _risks(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/risks/"))


@never_cache
@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of risk sources as a file."""
    return register_file(request, _risks(request), form)


@never_cache
@require_GET
def geojson(request: HttpRequest) -> HttpResponse:
    """Give risk sources (by the state of their plan) and sensitive places as GeoJSON points."""
    actor = actor_of(request)
    on = territory.day_of(seen_by=actor, at=timezone.now())
    admit(rules.sees_registers, actor)
    features = []
    for one in queries.risks(seen_by=actor):
        words = Plan.STATE_WORDS[one.plan_state(on)]
        features.append(
            _feature(one.risk, one.risk.name, f"/risks/{one.risk.code}/", words[1] if words[1] != "ok" else "warn", f"Q {float(one.ratio):.2f} · {words[0]}")
        )
    for place in queries.sensitive_places(seen_by=actor):
        features.append(_feature(place, str(place), "", "open", str(place.kind_word)))
    return JsonResponse({"type": "FeatureCollection", "features": features}, json_dumps_params={"ensure_ascii": False})


def _feature(place: Any, title: str, url: str, chip: str, state: str) -> dict[str, Any]:
    properties = {"title": title, "chip": chip, "state": state} | ({"url": url} if url else {})
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]}, "properties": properties}


@never_cache
@require_http_methods(["GET", "POST"])
def risk(request: HttpRequest, code: str) -> HttpResponse:
    """Show a risk source with all that belongs to it, and take what its keepers enter: a substance, a plan, a drill."""
    actor, at = actor_of(request), timezone.now()
    on = territory.day_of(seen_by=actor, at=at)
    found = queries.risk_for(seen_by=actor, code=code)
    radius = int(request.GET.get("radius", "1000")) if request.GET.get("radius", "1000") in {str(each) for each in RADII} else 1000
    act = request.POST.get("act", "") if request.method == "POST" else ""
    sent = {name: request.POST if act == name else None for name in ("substance", "plan", "drill")}
    all_forms: dict[str, Form] = {
        "substance": forms.SubstanceForm(sent["substance"]),
        "plan": forms.PlanForm(sent["plan"], request.FILES if act == "plan" else None),
        "drill": forms.DrillForm(sent["drill"], initial={"held_on": on}),
    }
    form = all_forms.get(act)
    if form is not None:
        admit(rules.may_keep_risk, actor, found.organ_id)
    if form is not None and form.is_valid():
        try:
            messages.success(request, _do(act, dict(form.cleaned_data), {"by": actor, "at": at, "risk_id": found.pk}))
        except NotAllowed:
            raise
        except Refused as refused:
            if refused.field == "photos":
                refused.field = "paper"
            refuse(form, refused)
        else:
            return HttpResponseRedirect(request.path)
    substances = sorted((one for one in found.substances.all() if one.is_current), key=lambda one: -one.ratio)
    near = queries.near(seen_by=actor, longitude=found.longitude, latitude=found.latitude, radius=radius)
    return page(
        request,
        "sources/risk.html",
        {
            "now": at,
            "risk": found,
            "substances": substances,
            "ratio": float(sum(one.ratio for one in substances)),
            "plans": [(one, Plan.STATE_WORDS[one.state_on(on)]) for one in sorted(found.plans.all(), key=lambda one: (one.filed_on, one.pk), reverse=True)],
            "drills": sorted(found.drills.all(), key=lambda one: (one.held_on, one.pk), reverse=True)[:12],
            "near": near,
            "radius": radius,
            "radii": RADII,
            "people": sum(one.place.population or 0 for one in near),
            "may_keep": rules.may_keep_risk(actor, found.organ_id),
            "may_correct": rules.may_keep(actor),
            "forms": all_forms,
        },
        status=422 if any(each.errors for each in all_forms.values()) else 200,
    )


def _do(act: str, given: dict[str, Any], on: dict[str, Any]) -> str:
    """Do what a form of the risk page asks; return what to say."""
    if act == "substance":
        operations.list_substance(**on, **given)
        return _("The substance is listed.")
    if act == "drill":
        operations.record_drill(**on, **given)
        return _("The drill is recorded.")
    paper = given.pop("paper")
    kept = attachments.add_attachment(by=on["by"], at=on["at"], content=paper.read(), name=paper.name) if paper else None
    operations.file_plan(**on, **given, paper_id=kept.pk if kept else None)
    return _("The plan is on file.")


@never_cache
@require_http_methods(["GET", "POST"])
def edit_risk(request: HttpRequest, code: str = "") -> HttpResponse:
    """Register a risk source, or correct one."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep, actor)
    found = queries.risk_for(seen_by=actor, code=code) if code else None
    names = ("name", "contact_post", "note", "longitude", "latitude")
    initial = {name: getattr(found, name) for name in names} | {"organ": found.organ_id, "code": code} if found is not None else {}
    form = forms.RiskForm(organs.firms(seen_by=actor), request.POST if request.method == "POST" else None, initial=initial)
    if found is not None:
        del form.fields["code"]
    elif form.is_valid() and any(one.risk.code == form.cleaned_data["code"] for one in queries.risks(seen_by=actor)):
        form.add_error("code", _("A risk source with this short name is registered already."))

    def act(given: dict[str, Any]) -> str:
        made = operations.register_risk_source(by=actor, at=at, code=given.pop("code", code), organ_id=given.pop("organ"), **given)
        return f"/risks/{made.code}/"

    return answer_form(
        request,
        form,
        act,
        done=_("The risk source is registered."),
        title=_("Correct the risk source") if found else _("A new risk source"),
        button=_("Save"),
        back=f"/risks/{code}/" if code else "/risks/",
        back_words=found.name if found else _("Risk sources"),
        pick=True,
    )


# ---- sensitive places -----------------------------------------------------------------------------------------------
def _places(request: HttpRequest) -> Register:
    actor = actor_of(request)
    admit(rules.sees_registers, actor)
    return Register(
        name="sensitive-places",
        title=_("Sensitive places"),
        rows=queries.sensitive_places(seen_by=actor),
        order="kind",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("Schools, hospitals, water intakes and homes that plans must know."),
        columns=[
            Column(
                name="name", title=pgettext("of a thing", "Name"), value=str, order="name",
                url=(lambda one: f"/sensitive-places/{one.pk}/edit/") if rules.may_keep(actor) else None,
            ),
            Column(name="kind", title=_("What it is"), value=lambda one: str(one.kind_word), order="kind"),
            Column(name="population", title=_("People"), value=lambda one: one.population, order="population", end=True),
            Column(name="longitude", title=_("Longitude"), value=lambda one: one.longitude, decimals=5, end=True),
            Column(name="latitude", title=_("Latitude"), value=lambda one: one.latitude, decimals=5, end=True),
        ],
        filters=[
            Filter(
                name="kind",
                title=_("What it is"),
                choices=[(code, words[0]) for code, words in SensitivePlace.WORDS.items()],
                narrow=lambda rows, code: rows.filter(kind=code),
            )
        ],
        search=lambda rows, words: rows.filter(name__icontains=words),
        search_words=pgettext("of a thing", "Name"),
        ways=[Way(url="/sensitive-places/new/", title=_("A new sensitive place"), is_primary=True)] if rules.may_keep(actor) else [],
        nothing=_("No sensitive place is registered"),
        map_points="/risks.geojson",
        map_words=_("Map of risk sources and sensitive places"),
    )


@never_cache
@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """List the places to be protected with a map."""
    return register_page(request, _places(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/sensitive-places/"))


@never_cache
@require_GET
def places_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of places to be protected as a file."""
    return register_file(request, _places(request), form)


@never_cache
@require_http_methods(["GET", "POST"])
def edit_place(request: HttpRequest, place_id: int | None = None) -> HttpResponse:
    """Register a place to be protected, or correct one; its name stays, for by it the place is known."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep, actor)
    found = queries.sensitive_places(seen_by=actor).get(pk=place_id) if place_id is not None else None
    initial = {name: getattr(found, name) for name in forms.SensitivePlaceForm.base_fields} if found is not None else {}
    form = forms.SensitivePlaceForm(request.POST if request.method == "POST" else None, initial=initial)
    if found is not None:
        form.fields["name"].disabled = True
    else:
        del form.fields["closed_on"]
        if form.is_valid() and queries.sensitive_places(seen_by=actor).filter(name=form.cleaned_data["name"]).exists():
            form.add_error("name", _("A place of this name is registered already."))

    def act(given: dict[str, Any]) -> str:
        operations.register_sensitive_place(by=actor, at=at, **given)
        return "/sensitive-places/"

    return answer_form(
        request,
        form,
        act,
        done=_("The place is registered."),
        title=_("Correct the sensitive place") if found else _("A new sensitive place"),
        button=_("Save"),
        back="/sensitive-places/",
        back_words=_("Sensitive places"),
        pick=True,
    )
