"""Scorecards of organs on pages: a quarter of all, one organ's, and the cases behind a figure; the indicators themselves."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gongzhi.evaluation import operations, queries, rules, words
from gongzhi.evaluation.quarters import Quarter, quarter_of, read
from gongzhi.evaluation.statistics import Estimate
from gongzhi.evaluation.views._reader import reader
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import figures as registry
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import page

QUARTERS_BACK = 7
MOST_BEHIND = 200


def _quarter(request: HttpRequest, actor: Actor, at: datetime) -> tuple[Quarter, Quarter]:
    """Return the quarter that the address names, else the present one; and the present one. A quarter to come is not found."""
    present = quarter_of(territory.day_of(seen_by=actor, at=at))
    asked = request.GET.get("quarter", "")
    found = read(asked) if asked else present
    if found is None or found > present:
        raise Http404(asked)
    return found, present


def _quarter_words(quarter: Quarter) -> str:
    return _("Quarter %(n)s of %(year)s") % {"n": quarter.number, "year": quarter.year}


def _quarters(present: Quarter) -> list[tuple[str, str]]:
    found = [present]
    while len(found) <= QUARTERS_BACK:
        found.append(found[-1].before)
    return [(str(one), _quarter_words(one)) for one in found]


def _organ(actor: Actor, code: str) -> Any:
    organ = organs.organs(seen_by=actor).filter(code=code).first()
    if organ is None:
        raise Http404(code)
    return organ


def organ_word(organ: Any) -> str:
    """Return an organ's name in the reader's language."""
    return (organ.name_en if words.is_english() else "") or str(organ.name)


def _number(value: float, unit: str) -> str:
    return number_format(round(value), decimal_pos=0) if unit == "cases" else number_format(round(value, 1), decimal_pos=1)


VERDICTS = {"reached": ("ok", "check"), "missed": ("warn", "triangle-alert"), "unsure": ("open", "minus")}


def _verdict_word(verdict: str) -> str:
    return {"reached": _("reached"), "missed": _("missed"), "unsure": _("cannot be said")}.get(verdict, "")


def _drawn(measured: queries.Measured) -> dict[str, Any]:
    """Return a figure ready for the page: words, chip, and the interval on a scale from its least to its most possible or seen."""
    one, estimate = measured.indicator, measured.estimate
    told: dict[str, Any] = {"indicator": one, "measured": measured, "known": estimate is not None}
    if estimate is None:
        return told
    low = estimate.value if estimate.low is None else estimate.low
    high = estimate.value if estimate.high is None else estimate.high
    marks = [low, high, *([one.target] if one.target is not None else [])]
    floor, ceiling = (0.0, max(marks) * 1.25 or 1.0) if one.unit != "percent" else (max(0.0, min(marks) - 15), 100.0)
    place = lambda value: f"{(value - floor) / (ceiling - floor) * 100:.1f}%"  # noqa: E731 - a scale of three lines
    chip, icon = VERDICTS.get(measured.verdict, ("", ""))
    return told | {
        "value": _number(estimate.value, one.unit), "low": _number(low, one.unit), "high": _number(high, one.unit), "has_interval": estimate.low is not None,
        "x": place(low), "width": f"{max(0.6, (high - low) / (ceiling - floor) * 100):.1f}%", "centre": place(estimate.value),
        "target": None if one.target is None else _number(one.target, one.unit), "target_x": None if one.target is None else place(one.target),
        "chip": chip, "icon": icon, "word": _verdict_word(measured.verdict),
    }  # fmt: skip


@require_safe
def scorecards(request: HttpRequest) -> HttpResponse:
    """Show what all organs were measured by in a quarter, soft beside hard."""
    actor, at = reader(request)
    quarter, present = _quarter(request, actor, at)
    measured = queries.organs_measured(seen_by=actor, quarter=quarter, at=at)
    rows = [{"organ": organ, "name": organ_word(organ), "pairs": [(_drawn(hard), _drawn(soft)) for hard, soft in pairs]} for organ, pairs in measured]
    heads = [(pair[0]["indicator"], pair[1]["indicator"]) for pair in rows[0]["pairs"]] if rows else []
    return page(request, "evaluation/scorecards.html", {
        "now": at, "quarter": quarter, "quarter_words": _quarter_words(quarter), "quarters": _quarters(present), "is_running": quarter == present,
        "rows": rows, "heads": heads, "has_indicators": bool(queries.indicators(seen_by=actor)), "may_define": rules.may_define_indicators(actor),
    })  # fmt: skip


@require_safe
def scorecard(request: HttpRequest, organ: str) -> HttpResponse:
    """Show one organ's scorecard: hard and soft side by side with intervals and targets, and beside others where that is fair."""
    actor, at = reader(request)
    found = _organ(actor, organ)
    quarter, present = _quarter(request, actor, at)
    pairs = [(_drawn(hard), _drawn(soft)) for hard, soft in queries.scorecard(seen_by=actor, organ_id=found.pk, quarter=quarter, at=at)]
    chosen = _chosen(request, pairs)
    compared = queries.comparison(seen_by=actor, code=chosen.code, quarter=quarter, at=at) if chosen is not None else None
    handled = max((pair[index]["measured"].observed for pair in pairs for index in (0, 1)), default=0)
    return page(request, "evaluation/scorecard.html", {
        "now": at, "organ": found, "name": organ_word(found), "quarter": quarter, "quarter_words": _quarter_words(quarter), "quarters": _quarters(present),
        "is_running": quarter == present, "pairs": pairs,
        "hard": [pair[0] for pair in pairs], "soft": [pair[1] for pair in pairs], "handled": handled, "chosen": chosen,
        "choices": [one["indicator"] for pair in pairs for one in pair if one["indicator"].unit == "percent"],
        "comparison": _comparison(compared, found.pk) if compared else None,
    })  # fmt: skip


def _chosen(request: HttpRequest, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> Any:
    """Return the indicator that organs are compared on: the one asked for, else the first soft share."""
    every = [one["indicator"] for pair in pairs for one in (pair[1], pair[0]) if one["indicator"].unit == "percent"]
    return next((one for one in every if one.code == request.GET.get("by")), every[0] if every else None)


def _comparison(found: queries.Comparison, own: int) -> dict[str, Any]:
    def ends(estimate: Estimate) -> tuple[float, float]:
        return estimate.low or 0.0, 100.0 if estimate.high is None else estimate.high

    floor = max(0.0, 10 * (min([ends(row.estimate)[0] for row in found.rows] + [found.town]) // 10))
    place = lambda value: f"{(value - floor) / (100 - floor) * 100 if floor < 100 else 0:.1f}%"  # noqa: E731 - a scale of two lines
    rows = []
    for row in found.rows:
        low, high = ends(row.estimate)
        rows.append({
            "name": organ_word(row.organ), "code": row.organ.code, "is_own": row.organ.pk == own, "band": row.band, "x": place(low),
            "width": f"{max(0.6, (high - low) / (100 - floor) * 100 if floor < 100 else 0.6):.1f}%", "centre": place(row.estimate.value),
            "low": _number(low, "percent"), "high": _number(high, "percent"),
        })  # fmt: skip
    comma = _(", ")
    return {
        "indicator": found.indicator, "rows": rows, "town_x": place(found.town), "town": _number(found.town, "percent"), "floor": f"{floor:.0f}",
        "bands": [(band, title, comma.join(row["name"] for row in rows if row["band"] == band)) for band, title in (
            ("hi", _("Above the town")), ("mid", _("Cannot be told apart")), ("lo", _("Below the town")))],
    }  # fmt: skip


@require_safe
def figure(request: HttpRequest, organ: str, indicator: str) -> HttpResponse:
    """Show the cases from which an organ's figure was counted, those that pulled it down first."""
    actor, at = reader(request)
    found = _organ(actor, organ)
    quarter, _present = _quarter(request, actor, at)
    one = queries.indicator(seen_by=actor, code=indicator)
    seen = queries.behind(seen_by=actor, code=indicator, organ_id=found.pk, quarter=quarter, at=at)
    measured = next((each for pair in queries.scorecard(seen_by=actor, organ_id=found.pk, quarter=quarter, at=at) for each in pair
                     if each.indicator.code == indicator), None)  # fmt: skip
    is_flag = registry.known()[one.formula.split("(")[1].split(")")[0].strip()].sort == "flag"
    return page(request, "evaluation/figure.html", {
        "now": at, "organ": found, "name": organ_word(found), "quarter": quarter, "quarter_words": _quarter_words(quarter), "indicator": one,
        "drawn": _drawn(measured) if measured else None, "is_flag": is_flag, "total": len(seen), "more": max(0, len(seen) - MOST_BEHIND),
        "rows": [{"number": each.number, "slug": each.slug, "yes": each.value > 0, "value": _number(each.value, one.unit)} for each in seen[:MOST_BEHIND]],
    })  # fmt: skip


# ---- indicators -----------------------------------------------------------------------------------------------------
@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Show by what the town measures itself: meaning, formula, target, who answers for it, where it comes from."""
    actor, at = reader(request)
    found = queries.indicators(seen_by=actor)
    return page(request, "evaluation/indicators.html", {
        "now": at, "hard": [one for one in found if one.is_hard], "soft": [one for one in found if not one.is_hard],
        "figures": [(code, figure) for code, figure in registry.known().items()], "may_define": rules.may_define_indicators(actor),
    })  # fmt: skip


@require_POST
@never_cache
def adopt_shipped(request: HttpRequest) -> HttpResponse:
    """Adopt the indicators that the product proposes and the town does not have yet."""
    actor, at = reader(request)
    made = operations.adopt_shipped_indicators(by=actor, at=at)
    messages.success(request, ngettext("%(n)s indicator is adopted.", "%(n)s indicators are adopted.", len(made)) % {"n": len(made)})
    return HttpResponseRedirect("/evaluation/indicators/")
