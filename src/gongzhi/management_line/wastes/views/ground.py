"""Soil: plots with their samples as the norm judges them."""

from typing import Any

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
from gongzhi.kernel.web import actor_of, admit
from gongzhi.management_line.standards import soil
from gongzhi.management_line.wastes import forms, operations, queries, rules
from gongzhi.management_line.wastes.models import Plot
from gongzhi.management_line.wastes.queries import FINDING_WORDS


def _plots(request: HttpRequest) -> Register:
    actor = actor_of(request)
    admit(rules.sees_ledgers, actor)
    return Register(
        name="soils",
        title=_("Soil"),
        rows=queries.plots(seen_by=actor),
        order="name",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("Plots with their newest sample, judged by the edition in force on the day it was taken, for what the ground is used for."),
        columns=[
            Column(name="name", title=_("Plot"), value=lambda one: one.plot.name, url=lambda one: f"/soils/{one.plot.code}/", order="name"),
            Column(name="use", title=_("Use"), value=lambda one: str(one.plot.use_word), order="use"),
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.plot.organ or ""), order="firm"),
            Column(name="taken", title=_("Newest sample"), value=lambda one: one.newest.sample.taken_on if one.newest else None, order="taken"),
            Column(
                name="worst",
                title=_("Finding"),
                value=lambda one: str(FINDING_WORDS[one.worst][0]),
                chip=lambda one: FINDING_WORDS[one.worst][1:],
                order="worst",
            ),
            Column(
                name="items",
                title=_("Decided by"),
                value=lambda one: (
                    "、".join(each.item for each in one.newest.findings if each.finding == one.worst) if one.newest and one.worst != "negligible" else None
                ),
            ),
            Column(name="samples", title=_("Samples"), value=lambda one: one.samples, order="samples", end=True),
        ],
        filters=[
            Filter(name="use", title=_("Use"), choices=list(Plot.USE_WORDS.items()), narrow=lambda rows, code: [one for one in rows if one.plot.use == code]),
            Filter(
                name="worst",
                title=_("Finding"),
                choices=[(code or "none", words[0]) for code, words in FINDING_WORDS.items()],
                narrow=lambda rows, code: [one for one in rows if (one.worst or "none") == code],
            ),
        ],
        ways=[Way(url="/soils/new/", title=_("A new plot"), is_primary=True)] if rules.may_sample(actor) else [],
        nothing=_("No plot is registered"),
        map_points="/soils.geojson",
        map_words=_("Map of the soil plots"),
    )


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the plots with a map."""
    return register_page(request, _plots(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/soils/"))


@never_cache
@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of plots as a file."""
    return register_file(request, _plots(request), form)


@never_cache
@require_GET
def geojson(request: HttpRequest) -> HttpResponse:
    """Give the plots as GeoJSON points, each with its finding."""
    actor = actor_of(request)
    admit(rules.sees_ledgers, actor)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [one.plot.longitude, one.plot.latitude]},
            "properties": {
                "title": one.plot.name,
                "url": f"/soils/{one.plot.code}/",
                "chip": FINDING_WORDS[one.worst][1],
                "state": str(FINDING_WORDS[one.worst][0]),
            },
        }
        for one in queries.plots(seen_by=actor)
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features}, json_dumps_params={"ensure_ascii": False})


@never_cache
@require_http_methods(["GET", "POST"])
def edit_plot(request: HttpRequest, code: str = "") -> HttpResponse:
    """Register a plot, or correct one."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_sample, actor)
    found = queries.plot_for(seen_by=actor, code=code)[0] if code else None
    names = ("name", "use", "hectares", "longitude", "latitude")
    initial = {name: getattr(found, name) for name in names} | {"organ": found.organ_id} if found is not None else {}
    form = forms.PlotForm(organs.firms(seen_by=actor), request.POST if request.method == "POST" else None, initial=initial)
    if found is not None:
        del form.fields["code"]
    elif form.is_valid() and any(one.plot.code == form.cleaned_data["code"] for one in queries.plots(seen_by=actor)):
        form.add_error("code", _("A plot with this short name is registered already."))

    def act(given: dict[str, Any]) -> str:
        made = operations.register_plot(by=actor, at=at, code=given.pop("code", code), organ_id=given.pop("organ"), **given)
        return f"/soils/{made.code}/"

    return answer_form(
        request,
        form,
        act,
        done=_("The plot is registered."),
        title=_("Correct the plot") if found else _("A new plot"),
        button=_("Save"),
        back=f"/soils/{code}/" if code else "/soils/",
        back_words=found.name if found else _("Soil"),
        pick=True,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def plot(request: HttpRequest, code: str) -> HttpResponse:
    """Show a plot with its samples; departments record a sample."""
    actor, at = actor_of(request), timezone.now()
    found, samples = queries.plot_for(seen_by=actor, code=code)
    on = territory.day_of(seen_by=actor, at=at)
    form = forms.SampleForm(request.POST if request.method == "POST" else None, initial={"taken_on": on})
    if request.method == "POST":
        admit(rules.may_sample, actor)

    def act(given: dict[str, Any]) -> str:
        operations.take_sample(by=actor, at=at, plot_id=found.pk, **given)
        return request.path

    return answer_form(
        request,
        form,
        act,
        done=_("The sample is recorded and judged."),
        template="wastes/plot.html",
        now=at,
        plot=found,
        samples=[(one, FINDING_WORDS[one.worst], [(each, FINDING_WORDS[each.finding], soil.LABELS[each.item]) for each in one.findings]) for one in samples],
        may_sample=rules.may_sample(actor),
    )
