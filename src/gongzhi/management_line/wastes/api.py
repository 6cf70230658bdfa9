"""The ledgers of waste and soil for programs."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.management_line.wastes import operations, queries, rules

router = Router(tags=["registers"])
MOST_ID = 2**62


def _today(request: HttpRequest) -> date:
    return territory.day_of(seen_by=actor_of(request), at=timezone.now())


class WasteOut(Schema):
    """A waste's ledger as it stands: tonnes, sums of the year so far."""

    id: int
    firm: str
    code: str
    name: str
    hazardous: bool
    stock: float
    produced: float
    received: float
    moved: float
    used: float
    disposed: float
    oldest_since: date | None
    due_on: date | None
    overdue: float
    state: str


class BookingOut(Schema):
    """A line of a ledger."""

    id: int
    kind: str
    on: date
    amount: float
    manifest: str
    carrier: str
    partner: str
    struck: bool


class BalanceOut(Schema):
    """A stretch of a ledger between counts; `difference` is missing if above nought."""

    since: date
    until: date
    opening: float
    closing: float
    difference: float
    balances: bool
    counted: bool
    why: str


class LedgerOut(WasteOut):
    """A ledger with its balance."""

    balance: list[BalanceOut]


def _waste(one: queries.WasteNow) -> dict[str, Any]:
    return {
        "id": one.waste.pk,
        "firm": one.waste.organ.code,
        "code": one.waste.code,
        "name": one.waste.name,
        "hazardous": one.waste.is_hazardous,
        "stock": float(one.stock),
        "oldest_since": one.oldest.since if one.oldest else None,
        "due_on": one.due_on,
        "overdue": float(one.overdue),
        "state": one.state,
        **{kind: float(one.year.get(kind, 0)) for kind in ("produced", "received", "moved", "used", "disposed")},
    }


def _booking(one: Any) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "on": one.on,
        "amount": float(one.amount),
        "manifest": one.manifest,
        "carrier": one.carrier,
        "partner": one.partner,
        "struck": one.is_struck,
    }


@router.get("/wastes", response=list[WasteOut], summary="Waste ledgers as they stand")
@needs("registers:read")
def wastes(request: HttpRequest) -> Any:
    """List the ledgers that the caller may see: staff all, a firm its own."""
    actor = actor_of(request)
    admit(rules.sees_ledgers, actor)
    return [_waste(one) for one in queries.wastes(seen_by=actor, on=_today(request))]


def _ledger(request: HttpRequest, waste_id: int) -> Any:
    if not 0 < waste_id < MOST_ID:
        return None
    return queries.waste_for(seen_by=actor_of(request), waste_id=waste_id)


@router.get("/wastes/{waste_id}", response=LedgerOut, summary="One waste ledger with its balance")
@needs("registers:read")
def waste(request: HttpRequest, waste_id: int) -> Any:
    """Give a ledger and whether it balances between its counts."""
    actor, on = actor_of(request), _today(request)
    found = _ledger(request, waste_id)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    balance = [
        {
            "since": begin,
            "until": end,
            "opening": float(one.opening),
            "closing": float(one.closing),
            "difference": float(one.difference),
            "balances": one.balances,
            "counted": count is not None,
            "why": str(one.why),
        }
        for begin, end, one, count in queries.balances(seen_by=actor, waste=found, on=on)
    ]
    return _waste(queries.now(seen_by=actor, waste=found, on=on)) | {"balance": balance}


class WasteIn(Schema):
    """A ledger to open; `firm` is the code of its organ, amounts are tonnes."""

    firm: str = Field(..., max_length=40)
    code: str = Field(..., min_length=1, max_length=20)
    name: str = Field(..., min_length=1, max_length=80)
    is_hazardous: bool
    opened_on: date
    opening: Decimal = Field(..., ge=0, max_digits=14, decimal_places=4)
    tolerance: Decimal = Field(Decimal("0.005"), ge=0, max_digits=8, decimal_places=4)
    store: str = Field("", max_length=120)
    approved_until: date | None = None


@router.post("/wastes", response={201: WasteOut}, summary="Open a waste ledger")
@needs("registers:write")
def open_ledger(request: HttpRequest, given: WasteIn) -> Any:
    """Open the ledger of one waste of a firm."""
    actor = actor_of(request)
    words = given.dict()
    firm = organs.organ_by_code(seen_by=actor, code=words.pop("firm"))
    made = operations.open_ledger(by=actor, at=timezone.now(), organ_id=firm.pk if firm else 0, **words)
    return 201, _waste(queries.now(seen_by=actor, waste=queries.waste_for(seen_by=actor, waste_id=made.pk), on=_today(request)))


@router.get("/wastes/{waste_id}/bookings", response=list[BookingOut], summary="Lines of a waste ledger")
@needs("registers:read")
def bookings(request: HttpRequest, waste_id: int, most: int = Query(500, ge=1, le=5000)) -> Any:
    """List the lines of a ledger, the newest first, struck ones too."""
    found = _ledger(request, waste_id)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    return [_booking(one) for one in queries.bookings(seen_by=actor_of(request), waste_id=found.pk)[:most]]


class BookingIn(Schema):
    """A line to write, tonnes; hazardous waste moves with manifest, carrier and partner (the receiver)."""

    kind: Literal["produced", "received", "moved", "used", "disposed"]
    on: date
    amount: Decimal = Field(..., gt=0, max_digits=14, decimal_places=4)
    manifest: str = Field("", max_length=40)
    carrier: str = Field("", max_length=80)
    partner: str = Field("", max_length=80)
    note: str = Field("", max_length=200)


@router.post("/wastes/{waste_id}/bookings", response={201: BookingOut}, summary="Write a line into a waste ledger")
@needs("registers:write")
def book_waste(request: HttpRequest, waste_id: int, given: BookingIn) -> Any:
    """Write a line; what is not in stock cannot leave."""
    found = _ledger(request, waste_id)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    return 201, _booking(operations.book_waste(by=actor_of(request), at=timezone.now(), waste_id=found.pk, **given.dict()))


class StrikeIn(Schema):
    """Why a line is struck."""

    reason: str = Field(..., min_length=1, max_length=200)


@router.post("/wastes/{waste_id}/bookings/{booking_id}/strike", response=BookingOut, summary="Strike a wrong line")
@needs("registers:write")
def strike_booking(request: HttpRequest, waste_id: int, booking_id: int, given: StrikeIn) -> Any:
    """Strike a line; it stays readable with the reason."""
    found = _ledger(request, waste_id)
    if found is None or not 0 < booking_id < MOST_ID:
        return problem(404, "Not found", code="NotFound")
    line = queries.bookings(seen_by=actor_of(request), waste_id=found.pk).get(pk=booking_id)
    return _booking(operations.strike_booking(by=actor_of(request), at=timezone.now(), booking_id=line.pk, reason=given.reason))


class CountIn(Schema):
    """A weighed stock, tonnes; a difference beyond the tolerance needs an explanation."""

    on: date
    weighed: Decimal = Field(..., ge=0, max_digits=14, decimal_places=4)
    explanation: str = Field("", max_length=400)


class CountOut(Schema):
    """A count: by how much the book differed, and whether that is flagged."""

    on: date
    weighed: float
    difference: float
    is_flagged: bool


@router.post("/wastes/{waste_id}/counts", response={201: CountOut}, summary="Record a counted stock")
@needs("registers:write")
def count_stock(request: HttpRequest, waste_id: int, given: CountIn) -> Any:
    """Record what was weighed; it closes the ledger up to that day."""
    found = _ledger(request, waste_id)
    if found is None:
        return problem(404, "Not found", code="NotFound")
    return 201, operations.count_stock(by=actor_of(request), at=timezone.now(), waste_id=found.pk, **given.dict())


# ---- soil -----------------------------------------------------------------------------------------------------------
class FindingOut(Schema):
    """What the norm says of a value, mg/kg."""

    item: str
    value: float
    screening: float
    control: float
    finding: str
    clause: str


class SampleOut(Schema):
    """A soil sample as it is judged."""

    number: str
    taken_on: date
    depth: str
    ph: float | None
    worst: str
    findings: list[FindingOut]


class PlotOut(Schema):
    """A soil plot with the finding of its newest sample."""

    code: str
    name: str
    use: str
    longitude: float
    latitude: float
    samples: int
    worst: str


class PlotDetail(PlotOut):
    """A plot with its samples."""

    judged: list[SampleOut]


def _sample(one: queries.Judged) -> dict[str, Any]:
    return {
        "number": one.sample.number,
        "taken_on": one.sample.taken_on,
        "depth": one.sample.depth,
        "ph": one.sample.ph,
        "worst": one.worst,
        "findings": [
            {
                "item": each.item,
                "value": each.value,
                "screening": each.screening,
                "control": each.control,
                "finding": each.finding,
                "clause": str(each.clause),
            }
            for each in one.findings
        ],
    }


def _plot(plot: Any, samples: int, worst: str) -> dict[str, Any]:
    return {name: getattr(plot, name) for name in ("code", "name", "use", "longitude", "latitude")} | {"samples": samples, "worst": worst}


@router.get("/soils", response=list[PlotOut], summary="Soil plots")
@needs("registers:read")
def plots(request: HttpRequest) -> Any:
    """List the plots that the caller may see, each with the finding of its newest sample."""
    actor = actor_of(request)
    admit(rules.sees_ledgers, actor)
    return [_plot(one.plot, one.samples, one.worst) for one in queries.plots(seen_by=actor)]


@router.get("/soils/{code}", response=PlotDetail, summary="One soil plot with its samples")
@needs("registers:read")
def plot(request: HttpRequest, code: str) -> Any:
    """Give a plot and its samples, each judged by the edition in force on its day."""
    found, samples = queries.plot_for(seen_by=actor_of(request), code=code)
    return _plot(found, len(samples), samples[0].worst if samples else "") | {"judged": [_sample(one) for one in samples]}


class PlotIn(Schema):
    """A plot to register; `firm` is the code of who uses it."""

    code: str = Field(..., max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")
    name: str = Field(..., min_length=1, max_length=80)
    use: Literal["paddy", "farm", "homes", "industry"]
    firm: str = Field("", max_length=40)
    hectares: Decimal | None = Field(None, ge=0, max_digits=10, decimal_places=3)
    longitude: float = Field(..., ge=-180, le=180)
    latitude: float = Field(..., ge=-90, le=90)


@router.post("/soils", response={201: PlotOut}, summary="Register a soil plot")
@needs("registers:write")
def register_plot(request: HttpRequest, given: PlotIn) -> Any:
    """Register a plot, or correct the one with this code."""
    actor = actor_of(request)
    words = given.dict()
    wanted = words.pop("firm")
    firm = organs.organ_by_code(seen_by=actor, code=wanted) if wanted else None
    if wanted and firm is None:
        return problem(422, "There is no firm with this code", field="firm", code="NoSuchFirm")
    made = operations.register_plot(by=actor, at=timezone.now(), organ_id=firm.pk if firm else None, **words)
    found, samples = queries.plot_for(seen_by=actor, code=made.code)
    return 201, _plot(found, len(samples), samples[0].worst if samples else "")


class SampleIn(Schema):
    """A sample to record: item → mg/kg."""

    number: str = Field(..., min_length=1, max_length=40)
    taken_on: date
    values: dict[str, float] = Field(..., max_length=50)
    ph: float | None = Field(None, ge=0, le=14)
    depth: str = Field("", max_length=20)
    laboratory: str = Field("", max_length=80)


@router.post("/soils/{code}/samples", response={201: SampleOut}, summary="Record a soil sample")
@needs("registers:write")
def take_sample(request: HttpRequest, code: str, given: SampleIn) -> Any:
    """Record a sample of a plot; what the norm cannot judge is refused."""
    actor = actor_of(request)
    found, _samples = queries.plot_for(seen_by=actor, code=code)
    made = operations.take_sample(by=actor, at=timezone.now(), plot_id=found.pk, **given.dict())
    _found, samples = queries.plot_for(seen_by=actor, code=code)
    return 201, _sample(next(one for one in samples if one.sample.pk == made.pk))
