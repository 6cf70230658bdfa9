"""Pages of early warning: what was found, the rules, the forecasts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.cases import queries as cases
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.warnings import forms, operations, queries, rules
from gongzhi.management_line.warnings.models import ForecastModel, WarningRule

MOST = 200
LEADS = ("1", "6", "12", "24")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List what the rules found, newest first; all of it, what stands, or one cause."""
    actor, at = actor_of(request), timezone.now()
    cause = request.GET.get("cause", "")
    is_open = request.GET.get("open") == "1"
    causes = (cause,) if cause in queries.CAUSES else queries.CAUSES
    found = queries.fired(seen_by=actor, open_only=is_open, causes=causes)
    views = [("", "?", _("All")), ("open", "?open=1", _("Standing")), *((code, f"?cause={code}", words[0]) for code, words in WarningRule.CAUSE_WORDS.items())]
    here = "open" if is_open else cause if cause in queries.CAUSES else ""
    return page(
        request, "warnings/index.html",
        {"now": at, "episodes": list(found[:MOST]), "total": found.count(), "most": MOST, "views": views, "here": here, "may_set": rules.may_set(actor)},
    )  # fmt: skip


@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """List the rules by their cause, with those that hold no more at the end of each."""
    actor, at = actor_of(request), timezone.now()
    today = sensing.day_of(seen_by=actor, at=at)
    groups: dict[str, list[Any]] = {code: [] for code in queries.CAUSES}
    for rule in queries.warning_rules(seen_by=actor):
        groups[rule.cause].append((rule, rule.is_valid_on(today), _where(rule)))
    for found in groups.values():
        found.sort(key=lambda each: not each[1])
    parts = [(code, *WarningRule.CAUSE_WORDS[code], found) for code, found in groups.items()]
    return page(request, "warnings/rules.html", {"now": at, "parts": parts, "may_set": rules.may_set(actor), "end": forms.EndForm(initial={"valid_to": today})})


def _where(rule: WarningRule) -> str:
    """Return in words for which stations a rule is."""
    if rule.station is not None:
        return rule.station.label
    kinds = dict(sensing.kinds_of_station(seen_by=ANYONE))
    return str(kinds.get(rule.station_kind, rule.station_kind)) if rule.station_kind else _("the whole town")


@never_cache
@require_http_methods(["GET", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    """Set a rule; which cause it is of stands in the address."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_set, actor)
    cause = request.GET.get("cause", "")
    if cause not in queries.CAUSES:
        return HttpResponseRedirect("/environment/warnings/rules/")
    stations = {station.code: station for station in sensing.stations(seen_by=actor)}
    where = [(f"kind:{kind}", _("every station: %(kind)s") % {"kind": words}) for kind, words in sensing.kinds_of_station(seen_by=actor)]
    where += [(f"station:{code}", station.label) for code, station in stations.items()]
    measured = [
        (f"{code} {aggregate}", " · ".join(part for part in (factors.label(code), sensing.aggregate_words(seen_by=actor, aggregate=aggregate), unit) if part))
        for code, aggregate, unit in sensing.names_measured(seen_by=actor)
    ]
    categories = [(each.pk, f"{each.code} {each.label}") for each in cases.categories(seen_by=actor, on=sensing.day_of(seen_by=actor, at=at)) if each.parent_id]
    form = forms.RuleForm(
        cause, where, measured, categories, request.POST if request.method == "POST" else None, initial={"valid_from": timezone.localtime(at).date()}
    )
    if form.is_valid():
        given = dict(form.cleaned_data)
        sort, _colon, name = given.pop("where").partition(":")
        if "factor" in given:
            given["factor"], given["aggregate"] = given["factor"].split(" ", 1)
        try:
            operations.set_rule(
                by=actor, at=at, cause=cause, station_id=stations[name].pk if sort == "station" else None, station_kind=name if sort == "kind" else "",
                category_id=given.pop("category"), **given,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The rule is set. It is judged from now on."))
            return HttpResponseRedirect("/environment/warnings/rules/")
    words = WarningRule.CAUSE_WORDS[cause]
    return page(request, "warnings/form.html", {"form": form, "title": words[0], "icon": words[1], "text": words[2]}, status=422 if form.errors else 200)


@require_POST
def end_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Let a rule hold until a day."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_set, actor)
    form = forms.EndForm(request.POST)
    if form.is_valid():
        operations.end_rule(by=actor, at=at, rule_id=rule_id, valid_to=form.cleaned_data["valid_to"])
        messages.success(request, _("The rule ends on that day. What it found goes on to its end."))
    else:
        messages.error(request, _("Give the day on which the rule ends."))
    return HttpResponseRedirect("/environment/warnings/rules/")


@require_GET
def forecasts(request: HttpRequest) -> HttpResponse:
    """List every forecast with what its backtest measured."""
    actor, at = actor_of(request), timezone.now()
    return page(request, "warnings/forecasts.html", {"now": at, "rows": [(model, _figures(model)) for model in queries.forecasts(seen_by=actor)]})


@require_GET
def forecast(request: HttpRequest, code: str) -> HttpResponse:
    """Show the forecast of a station's factor: the chart with its band and limit, and how good it has been."""
    actor, at = actor_of(request), timezone.now()
    station = sensing.station_for(seen_by=actor, code=code)
    series = {one.pk: one for one in sensing.series_of(seen_by=actor, station_id=station.pk)}
    models = queries.models_of(seen_by=actor, series_ids=series)
    wanted = request.GET.get("series", "")
    chosen = next((model for pk, model in models.items() if str(pk) == wanted), None) or next(
        iter(sorted(models.values(), key=lambda model: (not model.is_better, model.series_id))), None
    )
    context: dict[str, Any] = {"now": at, "station": station, "choices": [(pk, series[pk].label) for pk in models], "chosen": None}
    if chosen is not None:
        one = series[chosen.series_id]
        limit = queries.limit_for(seen_by=actor, series_id=one.pk, at=at)
        context |= {
            "chosen": one, "model": chosen, "limit": limit[0] if limit else chosen.limit, "figures": _figures(chosen), "leads": _leads(chosen),
            **_drawn(queries.foreseen(seen_by=actor, model=chosen, at=at), factors.decimals(one.factor)),
        }  # fmt: skip
    return page(request, "warnings/forecast.html", context)


def _drawn(found: queries.Foreseen | None, places: int) -> dict[str, Any]:
    """Return the chart: what was measured, what is foreseen, and the edges of the band, side by side."""
    if found is None:
        return {"labels": [], "lines": [], "is_blind": True}

    def shown(value: float | None) -> float | None:
        return None if value is None else round(value, places)

    past, coming = list(found.past), list(found.coming)
    gap: list[float | None] = [None] * len(past)
    joint = past[-1][1] if past and coming else None  # the lines meet at the last hour that was measured
    start: list[float | None] = [*gap[:-1], shown(joint)] if gap else []
    return {
        "labels": [_label(moment) for moment in (*(hour[0] for hour in past), *(hour[0] for hour in coming))], "is_blind": not coming,
        "lines": [
            (_("measured"), [*(shown(value) for _at, value in past), *([None] * len(coming))]),
            (_("foreseen"), [*start, *(shown(middle) for _at, middle, _low, _high in coming)]),
            (_("band, from"), [*gap, *(shown(low) for _at, _mid, low, _high in coming)]),
            (_("band, to"), [*gap, *(shown(high) for _at, _mid, _low, high in coming)]),
        ] if coming else [(_("measured"), [shown(value) for _at, value in past])],
    }  # fmt: skip


def _label(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%m-%d %H:%M")


def _names() -> list[tuple[str, str]]:
    return [("model", _("This forecast")), ("last_value", _("Baseline: last value")), ("week_before", _("Baseline: same hour last week"))]


def _figures(model: ForecastModel) -> list[dict[str, Any]]:
    """Return by forecast and baseline what the backtest measured, for the table of honesty; empty where nothing was tested."""
    score = model.score or {}
    return [
        {"name": name, "is_model": code == "model", "mae": score["mae"].get(code), "is_best": code == _best(score["mae"]), **(score["warned"].get(code) or {})}
        for code, name in _names()
    ] if score else []  # fmt: skip


def _best(mae: dict[str, float | None]) -> str:
    known = {code: value for code, value in mae.items() if value is not None}
    return min(known, key=lambda code: known[code]) if known else ""


def _leads(model: ForecastModel) -> Sequence[tuple[str, list[float | None]]]:
    """Return (hours ahead, mean absolute errors of forecast and baselines)."""
    by_lead = (model.score or {}).get("mae_by_lead") or {}
    return [(lead, [by_lead[lead].get(code) for code, _name in _names()]) for lead in LEADS if lead in by_lead]
