"""What firms report: filed by the firm in its own log-in, checked by an officer; and which firms count as high."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.filling import answer_form
from gongzhi.kernel.lists import Column, Filter, Register, Way, register_file, register_page
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.sources import forms, operations, queries, rules
from gongzhi.management_line.sources.models import Return
from gongzhi.management_line.sources.models.returns import measure_label, measure_unit


def _files(actor: Actor) -> bool:
    return bool(organs.firms(seen_by=actor, own=True)) and actor.can("may_speak_for_firm")


def _returns(request: HttpRequest) -> Register:
    actor = actor_of(request)
    admit(rules.sees_registers, actor)
    years = sorted({one.year for one in queries.returns(seen_by=actor).order_by().dates("starts_on", "year")}, reverse=True)
    firm_choices = organs.firms(seen_by=actor) if rules.may_trace(actor) else organs.firms(seen_by=actor, own=True)
    return Register(
        name="returns",
        title=_("Returns of firms"),
        rows=queries.returns(seen_by=actor),
        order="-period",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("Output, energy, water and emissions, filed by each firm in its own log-in and checked by an officer."),
        columns=[
            Column(name="period", title=_("Period"), value=lambda one: one.title, url=lambda one: f"/returns/{one.pk}/", order="starts_on"),
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.organ), order="organ__name"),
            Column(name="state", title=_("State"), value=lambda one: str(one.state_word), chip=lambda one: (one.chip, one.icon), order="state"),
            Column(name="output", title=_("Output, 10,000 yuan"), value=lambda one: float(one.output_value), decimals=1, order="output_value", end=True),
            Column(name="energy", title=_("Energy, tce"), value=lambda one: float(one.energy), decimals=1, order="energy", end=True),
            Column(name="water", title=_("Water, m³"), value=lambda one: float(one.water), decimals=0, order="water", end=True),
            Column(name="filed", title=_("Filed at"), value=lambda one: one.filed_at, order="filed_at"),
        ],
        filters=[
            Filter(
                name="state",
                title=_("State"),
                choices=[(code, words[0]) for code, words in Return.STATE_WORDS.items()],
                narrow=lambda rows, code: rows.filter(state=code),
            ),
            Filter(
                name="year", title=_("Year"), choices=[(str(year), year) for year in years], narrow=lambda rows, code: rows.filter(starts_on__year=int(code))
            ),
            *(
                [
                    Filter(
                        name="firm",
                        title=_("Firm"),
                        choices=[(str(pk), word) for pk, word in firm_choices],
                        narrow=lambda rows, code: rows.filter(organ_id=int(code)),
                    )
                ]
                if len(firm_choices) > 1
                else []
            ),
        ],
        ways=[Way(url="/returns/new/", title=_("File a return"), is_primary=True)] if _files(actor) else [],
        nothing=_("No return is filed"),
        nothing_more=_("A firm's contact files them by month or quarter."),
    )


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the returns."""
    return register_page(request, _returns(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/returns/"))


@never_cache
@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of returns as a file."""
    return register_file(request, _returns(request), form)


@never_cache
@require_http_methods(["GET", "POST"])
def new_return(request: HttpRequest) -> HttpResponse:
    """File a firm's return."""
    actor, at = actor_of(request), timezone.now()
    on = territory.day_of(seen_by=actor, at=at)
    own = organs.firms(seen_by=actor, own=True)
    admit(rules.may_file, actor, own[0][0] if own else 0)
    outlets = [outlet for organ_id, _name in own for outlet in queries.outlets_of_firm(seen_by=actor, organ_id=organ_id)]
    limits = queries.limits_of_outlets(seen_by=actor, outlet_ids=[outlet.pk for outlet in outlets], on=on)
    amounts = [
        (outlet.pk, limit.factor, _("%(outlet)s: %(factor)s in kg") % {"outlet": outlet, "factor": limit.label})
        for outlet in outlets
        for limit in limits.get(outlet.pk, ())
        if limit.year_amount is not None
    ]
    form = forms.ReturnForm(own, amounts, request.POST if request.method == "POST" else None, initial={"starts_on": forms.month_before(on)})

    def act(given: dict[str, Any]) -> str:
        made = operations.file_return(
            by=actor,
            at=at,
            organ_id=given.get("organ") or own[0][0],
            amounts=form.amounts,
            **{name: given[name] for name in ("period", "starts_on", "output_value", "energy", "water", "note")},
        )
        return f"/returns/{made.pk}/"

    return answer_form(
        request,
        form,
        act,
        done=_("The return is filed; an officer checks it now."),
        title=_("File a return"),
        button=_("File the return"),
        back="/returns/",
        back_words=_("Returns of firms"),
        lead=_("What is not known is left empty; nought is written as 0."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def one_return(request: HttpRequest, return_id: int) -> HttpResponse:
    """Show a return with its intensities; an officer accepts it or sends it back."""
    actor, at = actor_of(request), timezone.now()
    on = territory.day_of(seen_by=actor, at=at)
    admit(rules.sees_registers, actor)
    found = queries.return_for(seen_by=actor, return_id=return_id)
    form = forms.CheckForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        admit(rules.may_check, actor, found)

    def act(given: dict[str, Any]) -> str:
        operations.check_return(by=actor, at=at, return_id=found.pk, accepted=request.POST.get("accepted") == "yes", **given)
        return request.path

    before = queries.returns(seen_by=actor, organ_id=found.organ_id).filter(period=found.period, state="accepted", starts_on__lt=found.starts_on).first()
    return answer_form(
        request,
        form,
        act,
        done=_("The check is recorded; the firm sees it."),
        template="sources/return.html",
        now=at,
        filed=found,
        amounts=list(found.amounts.all()),
        may_check=found.is_filed and found.is_current and rules.may_check(actor, found),
        may_file_anew=found.is_returned and found.is_current and rules.may_file(actor, found.organ_id),
        measures=queries.intensities_of(seen_by=actor, filed=found),
        before=before,
        on=on,
        changes=_changes(found, before) if before is not None else [],
    )


def _changes(found: Return, before: Return) -> list[tuple[Any, float, float, float | None]]:
    """Return what the period before said beside this one, with the change in per cent: what a check looks at first."""
    rows = ((_("Output, 10,000 yuan"), "output_value"), (_("Energy, tce"), "energy"), (_("Water, m³"), "water"))
    result = []
    for word, name in rows:
        then, now = float(getattr(before, name)), float(getattr(found, name))
        result.append((word, then, now, (now - then) / then * 100 if then else None))
    return result


# ---- the three highs ------------------------------------------------------------------------------------------------
def _highs(request: HttpRequest) -> Register:
    actor = actor_of(request)
    on = territory.day_of(seen_by=actor, at=timezone.now())
    admit(rules.may_trace, actor)
    found = queries.highs(seen_by=actor, on=on)
    measures = sorted(
        {one.measure for firm in found for one in firm.measures if one.limit is not None}, key=lambda name: (name not in ("energy", "water"), name)
    )

    def column(measure: str) -> Column:
        unit = measure_unit(measure)

        def note(firm: queries.FirmIntensity) -> str:
            one = firm.value(measure)
            if one is None or one.times is None:
                return ""
            return _("%(times)s × the threshold") % {"times": f"{one.times:.2f}"}

        return Column(
            name=measure,
            title=f"{measure_label(measure)} {unit}",
            value=lambda firm: float(one.value) if (one := firm.value(measure)) and one.value is not None else None,
            decimals=4 if measure == "energy" else 3,
            note=note,
            order=measure,
            end=True,
        )

    return Register(
        name="three-highs",
        title=_("Three highs"),
        rows=found,
        order="-worst",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("Firms that use much energy or water, or give off much, for each 10,000 yuan of output: from their accepted returns of the last twelve months."),
        columns=[
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.organ), url=lambda one: f"/three-highs/{one.organ.code}/", order="firm"),
            Column(
                name="high",
                title=_("High in"),
                value=lambda one: "、".join(map(str, one.high_words)) or _("nothing"),
                chip=lambda one: ("late", "triangle-alert") if one.is_high else ("ok", "circle-check"),
                order="high",
            ),
            *(column(measure) for measure in measures),
            Column(name="worst", title=_("Highest multiple"), value=lambda one: one.worst, decimals=2, order="worst", end=True),
            Column(
                name="returns", title=_("Accepted returns"), value=lambda one: one.returns, note=lambda one: f"{one.since:%Y-%m} – {one.until:%Y-%m}", end=True
            ),
        ],
        filters=[Filter(name="high", title=_("Show"), choices=[("yes", _("high ones only"))], narrow=lambda rows, _code: [one for one in rows if one.is_high])],
        ways=[Way(url="/three-highs/thresholds/", title=_("Thresholds"), icon="scale")],
        nothing=_("No accepted returns yet"),
        nothing_more=_("Intensities are worked out from returns that an officer has accepted."),
    )


@never_cache
@require_GET
def highs(request: HttpRequest) -> HttpResponse:
    """List the firms with their intensities, those highest above a threshold first."""
    return register_page(request, _highs(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/three-highs/"))


@never_cache
@require_GET
def highs_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of intensities as a file."""
    return register_file(request, _highs(request), form)


@never_cache
@require_GET
def firm(request: HttpRequest, code: str) -> HttpResponse:
    """Show one firm's intensities over its year and period by period."""
    actor = actor_of(request)
    on = territory.day_of(seen_by=actor, at=timezone.now())
    admit(rules.sees_registers, actor)
    organ = organs.organ_by_code(seen_by=actor, code=code)
    if organ is None or not (rules.may_trace(actor) or organ.pk in actor.organ_ids):
        raise Return.DoesNotExist
    year, periods = queries.firm_trend(seen_by=actor, organ_id=organ.pk, on=on)
    charts = []
    for measure in [one.measure for one in year.measures] if year else []:
        points = [next((float(each.value) for each in measures if each.measure == measure and each.value is not None), None) for _filed, measures in periods]
        own = year.value(measure) if year else None
        charts.append(
            (
                measure_label(measure),
                str(measure_unit(measure)),
                [(str(measure_label(measure)), [round(p, 5) if p is not None else None for p in points])],
                float(own.limit) if own and own.limit is not None else None,
            )
        )
    return page(
        request,
        "sources/firm.html",
        {
            "now": timezone.now(),
            "organ": organ,
            "year": year,
            "labels": [filed.title for filed, _m in periods],
            "charts": charts,
            "periods": periods,
            "measures": [(measure_label(one.measure), measure_unit(one.measure), one) for one in year.measures] if year else [],
            "sees_all": rules.may_trace(actor),
        },
    )


@never_cache
@require_http_methods(["GET", "POST"])
def thresholds(request: HttpRequest) -> HttpResponse:
    """Show the thresholds with their days and basis; the committee sets the next one."""
    actor, at = actor_of(request), timezone.now()
    on = territory.day_of(seen_by=actor, at=at)
    admit(rules.may_trace, actor)
    form = forms.ThresholdForm(queries.measures_of(seen_by=actor), request.POST if request.method == "POST" else None, initial={"valid_from": on})
    if request.method == "POST":
        admit(rules.may_set_threshold, actor)

    def act(given: dict[str, Any]) -> str:
        operations.set_threshold(by=actor, at=at, **given)
        return request.path

    return answer_form(
        request,
        form,
        act,
        done=_("The threshold is set."),
        template="sources/thresholds.html",
        now=at,
        on=on,
        thresholds=[(one, one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)) for one in queries.thresholds(seen_by=actor)],
        may_set=rules.may_set_threshold(actor),
    )
