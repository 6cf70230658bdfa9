"""Returns of firms, and the three highs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Schema

from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.management_line.sources import operations, queries, rules
from gongzhi.management_line.sources.api.sharing import _firm, _today, router
from gongzhi.management_line.sources.models import Return


class ReturnOut(Schema):
    """A firm's return."""

    id: int
    firm: str
    period: str
    starts_on: date
    ends_on: date
    output_value: float
    energy: float
    water: float
    state: str
    remark: str
    filed_at: datetime


def _return(one: Return) -> dict[str, Any]:
    return {
        "id": one.pk,
        "firm": one.organ.code,
        "period": one.period,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "output_value": float(one.output_value),
        "energy": float(one.energy),
        "water": float(one.water),
        "state": one.state,
        "remark": one.remark,
        "filed_at": one.filed_at,
    }


@router.get("/returns", response=list[ReturnOut], summary="Returns of firms")
@needs("registers:read")
def returns(request: HttpRequest, state: Literal["", "filed", "accepted", "returned"] = "", most: int = Query(200, ge=1, le=1000)) -> Any:
    """List the returns that the caller may see, the newest period first: staff all, a firm its own."""
    return [_return(one) for one in queries.returns(seen_by=actor_of(request), state=state)[:most]]


class AmountIn(Schema):
    """What an outlet gave off of a factor, in kilograms."""

    source: str = Field(..., max_length=40)
    outlet: str = Field(..., pattern=r"^D[AW][0-9]{3}$")
    factor: str = Field(..., min_length=1, max_length=40)
    kilograms: Decimal = Field(..., ge=0, max_digits=16, decimal_places=3)


class ReturnIn(Schema):
    """A return to file: output in 10,000 yuan, energy in tonnes of standard coal, water in m³."""

    firm: str = Field(..., max_length=40)
    period: Literal["month", "quarter"]
    starts_on: date
    output_value: Decimal = Field(..., ge=0, max_digits=14, decimal_places=2)
    energy: Decimal = Field(..., ge=0, max_digits=14, decimal_places=3)
    water: Decimal = Field(..., ge=0, max_digits=14, decimal_places=2)
    amounts: list[AmountIn] = Field([], max_length=500)
    note: str = Field("", max_length=400)


@router.post("/returns", response={201: ReturnOut}, summary="File a firm's return")
@needs("registers:write")
def file_return(request: HttpRequest, given: ReturnIn) -> Any:
    """File a return for the caller's firm, for a month or quarter that is over."""
    actor = actor_of(request)
    words = given.dict()
    firm = _firm(actor, words.pop("firm"))
    known = {(one.source.code, one.code): one.pk for one in queries.outlets_of_firm(seen_by=actor, organ_id=firm)}
    amounts = [
        operations.AmountLine(outlet_id=known.get((line["source"], line["outlet"]), 0), factor=line["factor"], kilograms=line["kilograms"])
        for line in words.pop("amounts")
    ]
    made = operations.file_return(by=actor, at=timezone.now(), organ_id=firm, amounts=amounts, **words)
    return 201, _return(queries.return_for(seen_by=actor, return_id=made.pk))


class CheckIn(Schema):
    """The check of a return."""

    accepted: bool
    remark: str = Field("", max_length=400)


@router.post("/returns/{return_id}/check", response=ReturnOut, summary="Accept a return or send it back")
@needs("registers:write")
def check_return(request: HttpRequest, return_id: int, given: CheckIn) -> Any:
    """Accept a return, or send it back with what is to be put right."""
    actor = actor_of(request)
    if not 0 < return_id < 2**62:
        return problem(404, "Not found", code="NotFound")
    found = queries.return_for(seen_by=actor, return_id=return_id)
    operations.check_return(by=actor, at=timezone.now(), return_id=found.pk, **given.dict())
    return _return(queries.return_for(seen_by=actor, return_id=found.pk))


class MeasureOut(Schema):
    """A firm's intensity in one measure, per 10,000 yuan of output, beside the town's threshold."""

    measure: str
    amount: float
    value: float | None
    threshold: float | None
    basis: str
    high: bool


class HighOut(Schema):
    """A firm over its last year of accepted returns."""

    firm: str
    since: date
    until: date
    returns: int
    output: float
    high: bool
    measures: list[MeasureOut]


@router.get("/three-highs", response=list[HighOut], summary="Firms by energy, water and emissions per output")
@needs("registers:read")
def highs(request: HttpRequest) -> Any:
    """List the firms with their intensities, those highest above a threshold first; for the town's staff."""
    actor = actor_of(request)
    admit(rules.may_trace, actor)
    return [
        {
            "firm": one.organ.code,
            "since": one.since,
            "until": one.until,
            "returns": one.returns,
            "output": float(one.measures[0].output),
            "high": one.is_high,
            "measures": [
                {
                    "measure": each.measure,
                    "amount": float(each.amount),
                    "value": float(each.value) if each.value is not None else None,
                    "threshold": float(each.limit) if each.limit is not None else None,
                    "basis": each.basis,
                    "high": each.is_high,
                }
                for each in one.measures
            ],
        }
        for one in queries.highs(seen_by=actor, on=_today(request))
    ]


class ThresholdIn(Schema):
    """A threshold of the three highs: energy, water, or a factor's code."""

    measure: str = Field(..., min_length=1, max_length=40)
    limit: Decimal = Field(..., gt=0, max_digits=14, decimal_places=5)
    basis: str = Field(..., min_length=1, max_length=200)
    valid_from: date


class ThresholdOut(Schema):
    """A threshold with its days."""

    measure: str
    limit: float
    unit: str
    basis: str
    valid_from: date
    valid_to: date | None


@router.get("/three-highs/thresholds", response=list[ThresholdOut], summary="Thresholds of the three highs")
@needs("registers:read")
def thresholds(request: HttpRequest) -> Any:
    """List the thresholds with their days and basis."""
    admit(rules.may_trace, actor_of(request))
    return list(queries.thresholds(seen_by=actor_of(request)))


@router.post("/three-highs/thresholds", response={201: ThresholdOut}, summary="Set a threshold")
@needs("registers:write")
def set_threshold(request: HttpRequest, given: ThresholdIn) -> Any:
    """Set a threshold from a day on; the one before it ends the day before."""
    return 201, operations.set_threshold(by=actor_of(request), at=timezone.now(), **given.dict())
