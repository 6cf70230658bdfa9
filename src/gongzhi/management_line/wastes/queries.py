"""Questions about the ledgers of waste, what lies in store too long, and what soil samples mean."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.standards import soil
from gongzhi.management_line.standards import waste as norms
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.wastes.models import Booking, Count, Plot, Sample, Waste
from gongzhi.management_line.wastes.stock import ZERO, Lot, Move, level, lots

SOON = 30  # days before the storage term ends


def moves_of(*, seen_by: Actor, waste: Waste) -> list[Move]:
    """Return everything that moved a waste's stock: the opening, bookings that stand, and what counts set right, in order of days.

    Whoever asks: the waste given is one that they may see.
    """
    moves = [Move(waste.opened_on, waste.opening)] if waste.opening else []
    moves += [Move(one.on, one.signed) for one in waste.bookings.all() if not one.is_struck]
    moves += [Move(one.on, -one.difference) for one in waste.counts.all() if one.difference]
    return sorted(moves, key=lambda one: one.on)


@dataclass(slots=True)
class WasteNow:
    """A ledger as it stands on a day: stock, the oldest that lies there and until when it may, the last count, sums of the year."""

    waste: Waste
    on: date
    stock: Decimal
    lots: list[Lot]
    last_count: Count | None
    year: dict[str, Decimal] = field(default_factory=dict)

    @property
    def oldest(self) -> Lot | None:
        return self.lots[0] if self.lots else None

    @property
    def due_on(self) -> date | None:
        """Return the last day on which the oldest may lie there; None for general waste and for an empty store."""
        if not self.waste.is_hazardous or self.oldest is None:
            return None
        term = norms.store_until(self.oldest.since)
        return max(term, self.waste.approved_until) if self.waste.approved_until else term

    @property
    def overdue(self) -> Decimal:
        """Return the tonnes that lie there too long."""
        if not self.waste.is_hazardous or (self.waste.approved_until is not None and self.on <= self.waste.approved_until):
            return ZERO
        return sum((lot.amount for lot in self.lots if self.on > norms.store_until(lot.since)), ZERO)

    @property
    def state(self) -> str:
        """Return late, flagged, soon or well."""
        if self.overdue:
            return "late"
        if self.last_count is not None and self.last_count.is_flagged:
            return "flagged"
        return "soon" if self.due_on is not None and (self.due_on - self.on).days <= SOON else "well"

    STATE_WORDS = {
        "late": (_("stored too long"), "late", "triangle-alert"),
        "flagged": (_("the count did not balance"), "late", "scale"),
        "soon": (_("storage term ends soon"), "warn", "clock"),
        "well": (_("in order"), "ok", "circle-check"),
    }


def wastes(*, seen_by: Actor, on: date, organ_id: int | None = None) -> list[WasteNow]:
    """Return the ledgers in use that this actor may see as they stand on a day, by firm and code: three statements."""
    found = Waste.objects.visible_to(seen_by).filter(closed_on__isnull=True).select_related("organ").prefetch_related("bookings", "counts")
    if organ_id is not None:
        found = found.filter(organ_id=organ_id)
    return [now(seen_by=seen_by, waste=waste, on=on) for waste in found.order_by("organ_id", "code", "pk")]


def now(*, seen_by: Actor, waste: Waste, on: date) -> WasteNow:
    """Return a ledger as it stands on a day."""
    moves = [move for move in moves_of(seen_by=seen_by, waste=waste) if move.on <= on]
    year: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in waste.bookings.all():
        if not one.is_struck and one.on.year == on.year and one.on <= on:
            year[one.kind] += one.amount
    counts = sorted((one for one in waste.counts.all() if one.on <= on), key=lambda one: one.on)
    return WasteNow(waste, on, level(moves), lots(moves), counts[-1] if counts else None, dict(year))


def waste_for(*, seen_by: Actor, waste_id: int) -> Waste:
    """Return a ledger with all its lines; what one may not see is not found."""
    return Waste.objects.visible_to(seen_by).select_related("organ").prefetch_related("bookings", "counts").get(pk=waste_id)


def bookings(*, seen_by: Actor, waste_id: int | None = None) -> QuerySet[Booking]:
    """Return ledger lines, the newest first, struck ones too."""
    found = Booking.objects.filter(waste__in=Waste.objects.visible_to(seen_by)).select_related("waste", "waste__organ")
    return (found.filter(waste_id=waste_id) if waste_id is not None else found).order_by("-on", "-pk")


def balances(*, seen_by: Actor, waste: Waste, on: date) -> list[tuple[date, date, norms.Balance, Count | None]]:
    """Return the ledger by the stretches between counts, the newest first: first and last day, the balance, and the count that closed it.

    The stretch that runs has no count: its closing stock is the book's, so it balances by its making; it is there for its figures.

    Whoever asks: the waste given is one that they may see.
    """
    counts = sorted(waste.counts.all(), key=lambda one: one.on)
    lines = [one for one in waste.bookings.all() if not one.is_struck]
    result = []
    begin, opening = waste.opened_on, waste.opening
    for count in [*counts, None]:
        end = count.on if count is not None else on
        inside = [one for one in lines if begin <= one.on <= end] if begin == waste.opened_on else [one for one in lines if begin < one.on <= end]
        sums = {kind: sum((one.amount for one in inside if one.kind == kind), ZERO) for kind in Booking.Kind.values}
        book = opening + sums["produced"] + sums["received"] - sums["moved"] - sums["used"] - sums["disposed"]
        closing = count.weighed if count is not None else max(ZERO, book)
        balance = norms.balance(
            opening=opening,
            produced=sums["produced"],
            received=sums["received"],
            moved_out=sums["moved"],
            used=sums["used"],
            disposed=sums["disposed"],
            closing=closing,
            tolerance=waste.tolerance,
        )
        result.append((begin, end, balance, count))
        begin, opening = end, closing
    return result[::-1]


# ---- soil -----------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Judged:
    """A sample with what the norm says of each value; `faults` are items that it says nothing of."""

    sample: Sample
    findings: list[soil.SoilFinding] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def worst(self) -> str:
        """Return the gravest finding: measures, watch, negligible, or "" where nothing could be judged."""
        found = {one.finding for one in self.findings}
        return next((one for one in (soil.MEASURES, soil.WATCH, soil.NEGLIGIBLE) if one in found), "")


FINDING_WORDS: dict[str, tuple[Any, str, str]] = {
    "measures": (_("above the control value"), "late", "triangle-alert"),
    "watch": (_("to be watched"), "warn", "eye"),
    "negligible": (_("risk negligible"), "ok", "circle-check"),
    "": (_("not judged"), "stop", "circle-help"),
}


def judged(*, seen_by: Actor, sample: Sample) -> Judged:
    """Judge a sample by the edition in force on the day it was taken, for the use of its plot."""
    found = Judged(sample)
    plot = sample.plot
    for value in sorted(sample.values.all(), key=lambda one: one.item):
        try:
            found.findings.append(judge_value(seen_by=seen_by, use=plot.use, item=value.item, value=value.value, ph=sample.ph, on=sample.taken_on))
        except CannotAssess as fault:
            found.faults.append(str(fault))
    return found


def judge_value(*, seen_by: Actor, use: str, item: str, value: float, ph: float | None, on: date) -> soil.SoilFinding:
    """Judge one value, mg/kg; raises CannotAssess. Whoever asks: it reads nothing of anybody."""
    if use in ("paddy", "farm"):
        return soil.farm(item, value, ph=ph if ph is not None else float("nan"), on=on, use="paddy" if use == "paddy" else "other")
    return soil.building(item, value, land=1 if use == "homes" else 2, on=on)


@dataclass(slots=True)
class PlotNow:
    """A plot with its newest sample as it is judged."""

    plot: Plot
    newest: Judged | None
    samples: int

    @property
    def worst(self) -> str:
        return self.newest.worst if self.newest is not None else ""


def plots(*, seen_by: Actor) -> list[PlotNow]:
    """Return the plots that this actor may see with their newest sample, by code: three statements."""
    result = []
    for plot in Plot.objects.visible_to(seen_by).select_related("organ", "area").prefetch_related("samples__values").order_by("code", "pk"):
        samples = sorted(plot.samples.all(), key=lambda one: (one.taken_on, one.pk))
        newest = judged(seen_by=seen_by, sample=samples[-1]) if samples else None
        result.append(PlotNow(plot, newest, len(samples)))
    return result


def plot_for(*, seen_by: Actor, code: str) -> tuple[Plot, list[Judged]]:
    """Return a plot and its samples, the newest first; what one may not see is not found."""
    plot = Plot.objects.visible_to(seen_by).select_related("organ", "area").prefetch_related("samples__values").get(code=code)
    samples = sorted(plot.samples.all(), key=lambda one: (one.taken_on, one.pk), reverse=True)
    return plot, [judged(seen_by=seen_by, sample=sample) for sample in samples]
