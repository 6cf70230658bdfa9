"""The evaluation for programs."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from gongzhi.cases import kind as kinds
from gongzhi.evaluation import queries, telling
from gongzhi.evaluation.forms import ProcessForm
from gongzhi.evaluation.quarters import quarter_of, read
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem
from gongzhi.kernel.web import actor_of, problem

router = Router(tags=["evaluation"])


class ArcOut(Schema):
    """A way from one act to the next."""

    source: str
    target: str
    count: int
    cases: int
    median_hours: float
    mean_hours: float
    p90_hours: float


class VariantOut(Schema):
    """A way that cases took from first to last."""

    acts: list[str]
    cases: int


class ReworkOut(Schema):
    """What was done again in the same case."""

    activity: str
    cases: int
    repeats: int
    of_cases: int


class HandoffOut(Schema):
    """How often cases went from one organ to another."""

    source: str
    target: str
    count: int


class DeviationOut(Schema):
    """An act that the adopted procedure does not name in the stage in which it was done."""

    stage: str
    act: str
    cases: int


class ProcessOut(Schema):
    """How the cases of a kind really went. What fewer than three cases did is told only to those with a view of the whole town."""

    kind: str
    since: date
    until: date = Field(description="included")
    cases: int
    ended: int
    events: int
    withheld: int = Field(description="cases whose way is not told, as too few took it")
    through_median_hours: float | None
    through_p90_hours: float | None
    as_adopted_share: float | None = Field(description="of the cases held against their procedure, 0 to 1")
    activities: dict[str, int]
    arcs: list[ArcOut]
    bottlenecks: list[ArcOut]
    variants: list[VariantOut]
    rework: list[ReworkOut]
    handoffs: list[HandoffOut]
    deviations: list[DeviationOut]


class ProcessIn(Schema):
    """Which cases: those that came in on these days, in a community, led by a unit."""

    since: date | None = None
    until: date | None = Field(None, description="included; today where nothing is said")
    area: str = Field("", max_length=20, description="code of a community")
    organ: str = Field("", max_length=40, description="code of a unit")


@router.get("/evaluation/processes/{kind}", response={200: ProcessOut, 404: Problem, 422: Problem}, summary="How the cases of a kind really went")
def process(request: HttpRequest, kind: str, wanted: Query[ProcessIn]) -> Any:
    """Return the process that the record of a kind shows: at most five years, for everybody a week or more; 90 days where nothing is said."""
    actor = actor_of(request)
    if kind not in {known.code for known in kinds.kinds()}:
        return problem(404, _("There is no such kind of case."), field="kind", code="UnknownKind")
    given = {name: value.isoformat() if isinstance(value, date) else value for name, value in wanted.dict().items() if value}
    form = ProcessForm(given, actor=actor, at=timezone.now())
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        return problem(422, str(faults[0]), field=field, code="BadProcess")
    found = queries.process(seen_by=actor, kind=kind, **form.asked)
    names = queries.organ_names(seen_by=actor, found=found)
    mined = found.mined
    return {
        "kind": kind, "since": form.cleaned_data["since"], "until": form.cleaned_data["until"], "cases": mined.cases, "ended": found.over,
        "events": mined.events, "withheld": found.withheld, "through_median_hours": mined.through_median, "through_p90_hours": mined.through_p90,
        "as_adopted_share": found.share_as_adopted, "activities": dict(mined.activities), "arcs": list(mined.arcs), "bottlenecks": mined.bottlenecks,
        "variants": [{"acts": list(way), "cases": n} for way, n in mined.variants], "rework": list(mined.rework),
        "handoffs": [{"source": names.get(one.source, ""), "target": names.get(one.target, ""), "count": one.count} for one in mined.handoffs],
        "deviations": [{"stage": stage, "act": act, "cases": n} for (stage, act), n in found.deviations],
    }  # fmt: skip


class IndicatorOut(Schema):
    """An indicator that holds."""

    code: str
    version: int
    title: str
    title_en: str
    definition: str
    definition_en: str
    formula: str
    unit: str
    side: str = Field(description="hard or soft")
    counterpart: str = Field(description="of a hard one: the soft indicator beside it")
    direction: str
    target: float | None
    source: str
    least: int = Field(description="of fewer observations nothing is said")
    in_scorecard: bool


class MeasuredOut(Schema):
    """A figure of an organ with the interval in which it lies with 95 %; no value where too little was observed."""

    code: str
    value: float | None
    low: float | None
    high: float | None
    observed: int
    target: float | None
    verdict: str = Field(description="reached, missed, unsure, or empty")


class PairOut(Schema):
    """A hard indicator with the soft one beside it."""

    hard: MeasuredOut
    soft: MeasuredOut


class ScorecardOut(Schema):
    """What an organ was measured by in a quarter."""

    organ: str
    quarter: str
    pairs: list[PairOut]


@router.get("/evaluation/indicators", response=list[IndicatorOut], summary="By what the town measures itself")
def indicators(request: HttpRequest) -> Any:
    """Return the indicators that hold, hard before soft."""
    return queries.indicators(seen_by=actor_of(request))


def _told(measured: queries.Measured) -> dict[str, Any]:
    found = measured.estimate
    return {
        "code": measured.indicator.code,
        "value": found.value if found else None,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "observed": measured.observed,
        "target": measured.indicator.target,
        "verdict": measured.verdict,
    }


@router.get("/evaluation/scorecards/{organ}", response={200: ScorecardOut, 404: Problem, 422: Problem}, summary="The scorecard of an organ")
def scorecard(request: HttpRequest, organ: str, quarter: str = "") -> Any:
    """Return what an organ was measured by in a quarter (2026q3), the present one where nothing is said."""
    actor, at = actor_of(request), timezone.now()
    found = organs.organs(seen_by=actor).filter(code=organ).first()
    if found is None:
        return problem(404, _("There is no unit with this code."), field="organ", code="UnknownOrgan")
    present = quarter_of(territory.day_of(seen_by=actor, at=at))
    asked = read(quarter) if quarter else present
    if asked is None or asked > present:
        return problem(422, _("A quarter is written as 2026q3 and has begun."), field="quarter", code="BadQuarter")
    pairs = queries.scorecard(seen_by=actor, organ_id=found.pk, quarter=asked, at=at)
    return {"organ": organ, "quarter": str(asked), "pairs": [{"hard": _told(hard), "soft": _told(soft)} for hard, soft in pairs]}


class RecordFindingOut(Schema):
    """A finding of the last week: figures by name, the cases it rests on by their part of the address."""

    id: int
    week: date
    sort: str = Field(description="closed_early, repeat_place, bouncing, unequal_service or bottleneck")
    title: str
    text: str
    sureness: float
    figures: dict[str, Any]
    slugs: list[str]
    owner: str


@router.get("/evaluation/findings", response=list[RecordFindingOut], summary="What goes wrong by the record")
def findings(request: HttpRequest) -> Any:
    """Return the findings of the last week, surest first."""
    actor = actor_of(request)
    return [
        {
            "id": told.finding.pk, "week": told.finding.week, "sort": told.finding.sort, "title": told.title, "text": told.text,
            "sureness": told.finding.sureness, "figures": told.finding.figures, "slugs": told.finding.slugs, "owner": told.owner,
        }
        for told in telling.tell(seen_by=actor, found=queries.findings(seen_by=actor))
    ]  # fmt: skip
