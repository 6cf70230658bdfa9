"""Early warning for programs: what was found, the rules, the forecasts."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.responses import Status

from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, problem
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.warnings import operations, queries
from gongzhi.management_line.warnings.models import WarningRule

router = Router(tags=["warnings"])
Cause = Literal["rate", "silence", "frozen", "neighbours", "forecast"]


class FiredOut(Schema):
    """What a rule found: an episode as those of limits are."""

    id: int
    cause: str
    station: str
    factor: str | None
    state: str
    began_at: datetime
    opened_at: datetime
    clean_at: datetime | None
    peak: float
    peak_at: datetime
    unit: str
    limit: float | None
    rule_id: int
    why: str = Field(description="in the caller's language")
    case: str | None


class Which(Schema):
    """Which of what was found."""

    cause: Cause | None = None
    open_only: bool = False
    most: int = Field(50, ge=1, le=200)


@router.get("/warnings", response=list[FiredOut], summary="What rules of early warning found")
def fired(request: HttpRequest, which: Query[Which]) -> Any:
    """List what was found at stations that the caller may see, newest first."""
    found = queries.fired(seen_by=actor_of(request), open_only=which.open_only, causes=(which.cause,) if which.cause else queries.CAUSES)
    return [
        {
            "id": episode.pk, "cause": episode.cause, "station": episode.station.code, "factor": episode.series.factor if episode.series else None,
            "state": episode.state, "began_at": episode.began_at, "opened_at": episode.opened_at, "clean_at": episode.clean_at, "peak": episode.peak,
            "peak_at": episode.peak_at, "unit": episode.unit, "limit": episode.said.get("limit"), "rule_id": episode.warning_id, "why": episode.why,
            "case": episode.case.number if episode.case else None,
        }
        for episode in found[: which.most]
    ]  # fmt: skip


class RuleIn(Schema):
    """A rule of early warning. Which numbers count depends on the cause."""

    cause: Cause
    title: str = Field("", max_length=60)
    clause: str = Field(max_length=200, description="clause or reason")
    factor: str = Field("", max_length=40, description="none for silence")
    aggregate: str = Field("rtd", max_length=24)
    station: str | None = Field(None, max_length=40, description="code; left out with station_kind: the whole town")
    station_kind: str = Field("", max_length=16)
    threshold: float | None = Field(
        None, description="rate: change an hour; silence, frozen: minutes; neighbours: usual scatters; forecast: a limit of its own, or null"
    )
    window_minutes: int = 60
    direction: Literal["up", "down", "either"] = "either"
    repeats: int = 12
    tolerance: float = 0
    radius_km: float = 5
    horizon_hours: int = 12
    count: int = 1
    clean_count: int = 3
    severity: int = 2
    category: Annotated[int, Field(ge=1, le=2**62)] | None = None
    valid_from: date
    valid_to: date | None = None


class RuleOut(Schema):
    """A rule as it stands."""

    id: int
    cause: str
    title: str
    clause: str
    factor: str
    aggregate: str
    station: str | None
    station_kind: str
    threshold: float | None
    window_minutes: int
    direction: str
    repeats: int
    tolerance: float
    radius_km: float
    horizon_hours: int
    count: int
    clean_count: int
    severity: int
    valid_from: date
    valid_to: date | None


def _rule(rule: WarningRule) -> dict[str, Any]:
    own = {name: getattr(rule, name) for name in RuleOut.model_fields if name not in ("id", "station")}
    return {"id": rule.pk, "station": rule.station.code if rule.station else None, **own}


@router.get("/warnings/rules", response=list[RuleOut], summary="Rules of early warning")
def rules(request: HttpRequest) -> Any:
    """List every rule, those that hold no more too."""
    return [_rule(rule) for rule in queries.warning_rules(seen_by=actor_of(request))]


@router.post("/warnings/rules", response={201: RuleOut, 403: Problem, 404: Problem, 409: Problem}, summary="Set a rule of early warning")
@needs("sensing:write")
def set_rule(request: HttpRequest, rule: RuleIn) -> Any:
    """Set a rule; for administrators and the committee."""
    actor = actor_of(request)
    given = rule.dict()
    code = given.pop("station")
    station = sensing.station_for(seen_by=actor, code=code) if code else None
    made = operations.set_rule(by=actor, at=timezone.now(), station_id=station.pk if station else None, category_id=given.pop("category"), **given)
    return Status(201, _rule(made))


class WarningEndIn(Schema):
    """The day on which the rule no longer holds."""

    valid_to: date


@router.post("/warnings/rules/{rule_id}/end", response={200: RuleOut, 403: Problem, 404: Problem, 409: Problem}, summary="End a rule of early warning")
@needs("sensing:write")
def end_rule(request: HttpRequest, rule_id: Annotated[int, Field(ge=1, le=2**62)], end: WarningEndIn) -> Any:
    """Let a rule hold until a day."""
    return _rule(operations.end_rule(by=actor_of(request), at=timezone.now(), rule_id=rule_id, valid_to=end.valid_to))


class ComingOut(Schema):
    """An hour to come."""

    at: datetime
    middle: float
    low: float
    high: float


class ForecastOut(Schema):
    """A forecast with what its backtest measured (`score` as ./gongzhi forecast backtest prints it)."""

    series_id: int
    factor: str
    unit: str
    trained_at: datetime
    warns: bool = Field(description="it beat both baselines in its own backtest; only then it warns")
    limit: float | None
    score: dict[str, Any] | None
    coming: list[ComingOut]


@router.get("/stations/{code}/forecast", response={200: ForecastOut, 404: Problem}, summary="The forecast of a series")
def forecast(request: HttpRequest, code: str, series_id: Annotated[int, Field(ge=1, le=2**62)]) -> Any:
    """Give the next 24 hours of a series, as they are foreseen now."""
    actor, at = actor_of(request), timezone.now()
    series = sensing.series_of(seen_by=actor, station_id=sensing.station_for(seen_by=actor, code=code).pk).get(pk=series_id)
    model = queries.models_of(seen_by=actor, series_ids=[series.pk]).get(series.pk)
    if model is None:
        return problem(404, "no forecast is made of this series", field="series_id")
    found = queries.foreseen(seen_by=actor, model=model, at=at)
    coming = found.coming if found else ()
    return {
        "series_id": series.pk, "factor": series.factor, "unit": series.unit, "trained_at": model.trained_at, "warns": model.is_better, "limit": model.limit,
        "score": model.score, "coming": [{"at": moment, "middle": middle, "low": low, "high": high} for moment, middle, low, high in coming],
    }  # fmt: skip
