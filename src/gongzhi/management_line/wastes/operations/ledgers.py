"""A waste's ledger: what is booked, struck and counted. The stock never falls below nought, and a count says whether the book is true."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.standards import waste as norms
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.wastes import queries, rules
from gongzhi.management_line.wastes.facts import BookingStruck, StockCounted, WasteBooked, WasteRegistered
from gongzhi.management_line.wastes.models import Booking, Count, Waste
from gongzhi.management_line.wastes.stock import Move, lowest

MOST = Decimal(10) ** 9  # tonnes


class BadWasteCode(Refused):
    sentence = _("The code of a hazardous waste is HW01 to HW50 with eight digits, such as HW49 900-041-49.")
    field = "code"


class NoSuchFirm(Refused):
    sentence = _("Choose a firm that stands in the town's list of organs.")
    field = "organ"


class LedgerExists(Refused):
    sentence = _("The firm keeps a ledger for this waste already.")
    field = "name"


class NotAnAmount(Refused):
    sentence = _("An amount is a number of tonnes above nought.")
    field = "amount"


class NoSuchBooking(Refused):
    sentence = _("Choose what happened to the waste.")
    field = "kind"


class NotYet(Refused):
    sentence = _("A day that has not come cannot be booked.")
    field = "on"


class OutOfTheLedger(Refused):
    sentence = _("The ledger began on %(day)s; nothing before is booked in it.")
    field = "on"


class BeforeTheCount(Refused):
    sentence = _("The stock was counted on %(day)s; the ledger is closed up to that day.")
    field = "on"


class ManifestMissing(Refused):
    sentence = _("Hazardous waste leaves with a transfer manifest: give its number, the carrier and the receiver.")
    field = "manifest"


class ManifestTaken(Refused):
    sentence = _("This manifest is booked already.")
    field = "manifest"


class NotInStock(Refused):
    sentence = _("By the ledger only %(stock)s t are in stock on that day; what is not there cannot leave.")
    field = "amount"


class StruckAlready(Refused):
    sentence = _("This line is struck already.")


class StrikesTooMuch(Refused):
    sentence = _("Without this line more would have left than was there; strike the line that took it out first.")


class SayWhy(Refused):
    sentence = _("Say why.")
    field = "reason"


class DoesNotBalance(Refused):
    sentence = _("%(why)s That is more than weighing explains. Find the line that is missing, or explain the difference; it is then shown to the inspectors.")
    field = "weighed"


def _today(by: Actor, at: datetime) -> date:
    return territory.day_of(seen_by=by, at=at)


def _checked_day(waste: Waste, on: date, by: Actor, at: datetime) -> None:
    """Refuse a day to come, before the ledger, or up to the last count."""
    if on > _today(by, at):
        raise NotYet
    if on < waste.opened_on:
        raise OutOfTheLedger(day=waste.opened_on.isoformat())
    last = waste.counts.order_by("-on").first()
    if last is not None and on <= last.on:
        raise BeforeTheCount(day=last.on.isoformat())


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


@operation
def open_ledger(
    *,
    by: Actor,
    at: datetime,
    organ_id: int,
    name: str,
    code: str,
    is_hazardous: bool,
    opened_on: date,
    opening: Decimal,
    tolerance: Decimal = Decimal("0.005"),
    store: str = "",
    approved_until: date | None = None,
) -> Waste:
    """Open the ledger of one waste of a firm with what is in stock, tonnes."""
    ensure(rules.may_open_ledger, organ_id)
    if not organs.organs(seen_by=ANYONE, kind="enterprise").filter(pk=organ_id).exists():
        raise NoSuchFirm
    if is_hazardous:
        try:
            code = str(norms.waste_code(code))
        except CannotAssess as fault:
            raise BadWasteCode from fault
    if opened_on > _today(by, at):
        raise NotYet(field="opened_on")
    for field, amount in (("opening", opening), ("tolerance", tolerance)):
        if not amount.is_finite() or not 0 <= amount < MOST:
            raise NotAnAmount(field=field)
    if Waste.objects.filter(organ_id=organ_id, code=code, name=name).exists():
        raise LedgerExists
    waste = Waste.objects.create(
        town_id=current_town(),
        organ_id=organ_id,
        name=name,
        code=code,
        is_hazardous=is_hazardous,
        opened_on=opened_on,
        opening=opening,
        tolerance=tolerance,
        store=store,
        approved_until=approved_until,
    )
    record(WasteRegistered(subject=ref(waste), organ_id=organ_id, code=code))
    return waste


@operation
def book_waste(
    *, by: Actor, at: datetime, waste_id: int, kind: str, on: date, amount: Decimal, manifest: str = "", carrier: str = "", partner: str = "", note: str = ""
) -> Booking:
    """Write a line into a waste's ledger, tonnes. Hazardous waste moves with a manifest; nothing leaves that is not there."""
    waste = Waste.objects.select_for_update().get(pk=waste_id)
    ensure(rules.may_book, waste.organ_id)
    if kind not in Booking.Kind.values:
        raise NoSuchBooking
    if not amount.is_finite() or not 0 < amount < MOST:
        raise NotAnAmount
    _checked_day(waste, on, by, at)
    if kind == Booking.Kind.MOVED and waste.is_hazardous and not (manifest.strip() and carrier.strip() and partner.strip()):
        raise ManifestMissing
    if kind == Booking.Kind.MOVED and manifest.strip() and Booking.objects.filter(kind=kind, manifest=manifest.strip(), struck_at__isnull=True).exists():
        raise ManifestTaken
    if kind not in Booking.INTO:
        moves = queries.moves_of(seen_by=by, waste=waste)
        if lowest([*moves, Move(on, -amount)]) < -waste.tolerance:
            stock = sum((move.amount for move in moves if move.on <= on), Decimal(0))
            raise NotInStock(stock=_plain(max(Decimal(0), stock)))
    booking = Booking.objects.create(
        town_id=current_town(),
        waste=waste,
        kind=kind,
        on=on,
        amount=amount,
        manifest=manifest.strip(),
        carrier=carrier.strip(),
        partner=partner.strip(),
        note=note,
        booked_at=at,
        booked_by=by.ref,
    )
    record(WasteBooked(subject=ref(booking), waste_id=waste.pk, kind_of_booking=kind, amount=_plain(amount)))
    return booking


@operation
def strike_booking(*, by: Actor, at: datetime, booking_id: int, reason: str) -> Booking:
    """Strike a line that is wrong; it stays readable, with the reason. What a count has closed cannot be struck."""
    waste_id = Booking.objects.values_list("waste_id", flat=True).get(pk=booking_id)
    waste = Waste.objects.select_for_update().get(pk=waste_id)
    ensure(rules.may_book, waste.organ_id)
    booking = Booking.objects.get(pk=booking_id)
    if booking.is_struck:
        raise StruckAlready
    if not reason.strip():
        raise SayWhy
    _checked_day(waste, booking.on, by, at)
    if lowest([*queries.moves_of(seen_by=by, waste=waste), Move(booking.on, -booking.signed)]) < -waste.tolerance:
        raise StrikesTooMuch
    booking.struck_at, booking.struck_by, booking.strike_reason = at, by.ref, reason.strip()
    booking.save(update_fields=["struck_at", "struck_by", "strike_reason"])
    record(BookingStruck(subject=ref(booking), waste_id=waste.pk))
    return booking


@operation
def count_stock(*, by: Actor, at: datetime, waste_id: int, on: date, weighed: Decimal, explanation: str = "") -> Count:
    """Record a weighed stock: opening + produced + received must be what moved out, was used, disposed of, and lies there.

    A difference beyond the weighing tolerance is refused until it is explained; it then stands flagged. The ledger is closed up to that day.
    """
    waste = Waste.objects.select_for_update().get(pk=waste_id)
    ensure(rules.may_count, waste.organ_id)
    if not weighed.is_finite() or not 0 <= weighed < MOST:
        raise NotAnAmount(field="weighed")
    _checked_day(waste, on, by, at)
    last = waste.counts.order_by("-on").first()
    opening = last.weighed if last is not None else waste.opening
    sums = dict.fromkeys(Booking.Kind.values, Decimal(0))
    for line in waste.bookings.filter(struck_at__isnull=True, on__lte=on):
        if last is None or line.on > last.on:
            sums[line.kind] += line.amount
    balance = norms.balance(
        opening=opening,
        produced=sums["produced"],
        received=sums["received"],
        moved_out=sums["moved"],
        used=sums["used"],
        disposed=sums["disposed"],
        closing=weighed,
        tolerance=waste.tolerance,
    )
    if not balance.balances and not explanation.strip():
        raise DoesNotBalance(why=str(balance.why))
    count = Count.objects.create(
        town_id=current_town(),
        waste=waste,
        on=on,
        weighed=weighed,
        difference=balance.difference,
        is_flagged=not balance.balances,
        explanation=explanation.strip(),
        counted_at=at,
        counted_by=by.ref,
    )
    record(StockCounted(subject=ref(count), waste_id=waste.pk, difference=str(balance.difference), flagged=count.is_flagged))
    return count
