"""What firms report, and its check."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sources import rules
from gongzhi.management_line.sources.facts import ReturnChecked, ReturnFiled, ThresholdSet
from gongzhi.management_line.sources.models import Outlet, Return, ReturnedAmount, Threshold
from gongzhi.management_line.sources.operations.outlets import _checked_firm
from gongzhi.registers.firms import queries as firms


class NotAPeriod(Refused):
    sentence = _("A monthly return begins on the first of a month, a quarterly one on the first of January, April, July or October.")
    field = "starts_on"


class FirmHasLeft(Refused):
    sentence = _("The firm had left the town or closed before this period began; there is nothing to report.")
    field = "starts_on"


class NotOver(Refused):
    sentence = _("This period is not over yet; file the return after its last day.")
    field = "starts_on"


class FiledAlready(Refused):
    sentence = _("The return for this period is filed; it can be filed anew only after it was sent back.")
    field = "starts_on"


class OverlapsAnother(Refused):
    sentence = _("Another return of the firm covers part of this period; a month is reported once, by month or by quarter.")
    field = "starts_on"


class BadAmount(Refused):
    sentence = _("Line %(line)s: name an outlet of the firm, a factor, and kilograms of nought or more, each once.")
    field = "amounts"


class BelowNought(Refused):
    sentence = _("An amount is nought or more.")


class NotWaiting(Refused):
    sentence = _("This return has been checked already.")


class SayWhy(Refused):
    sentence = _("Say what the firm should put right.")
    field = "remark"


class NotAThreshold(Refused):
    sentence = _("A threshold is above nought, with its basis, and begins after the one before it.")
    field = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountLine:
    """What one outlet gave off of one factor: the outlet's id, kilograms."""

    outlet_id: int
    factor: str
    kilograms: Decimal


def _last_day(period: str, starts_on: date) -> date:
    """Return the last day of a month or quarter that begins on a day; raises NotAPeriod."""
    months = {"month": 1, "quarter": 3}.get(period)
    if months is None or starts_on.day != 1 or (starts_on.month - 1) % months:
        raise NotAPeriod
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    return date(year, month + 1, 1) - timedelta(days=1)


@operation
def file_return(
    *,
    by: Actor,
    at: datetime,
    organ_id: int,
    period: str,
    starts_on: date,
    output_value: Decimal,
    energy: Decimal,
    water: Decimal,
    amounts: Sequence[AmountLine] = (),
    note: str = "",
) -> Return:
    """File a firm's return for a month or quarter that is over: output in 10,000 yuan, energy in tce, water in m³, emissions in kg."""
    ensure(rules.may_file, organ_id)
    _checked_firm(organ_id)
    ends_on = _last_day(period, starts_on)
    if firms.gone_before(seen_by=by, organ_id=organ_id, day=starts_on) is not None:
        raise FirmHasLeft
    if territory.day_of(seen_by=by, at=at) <= ends_on:
        raise NotOver
    for name, figure in (("output_value", output_value), ("energy", energy), ("water", water)):
        if not figure.is_finite() or figure < 0:
            raise BelowNought(field=name)
    outlets = set(Outlet.objects.filter(source__organ_id=organ_id).values_list("pk", flat=True))
    seen: set[tuple[int, str]] = set()
    for place, line in enumerate(amounts, 1):
        is_good = line.outlet_id in outlets and line.factor.strip() and line.kilograms.is_finite() and line.kilograms >= 0
        if not is_good or (line.outlet_id, line.factor) in seen:
            raise BadAmount(line=place)
        seen.add((line.outlet_id, line.factor))
    before = None
    for other in Return.objects.select_for_update().filter(organ_id=organ_id, starts_on__lte=ends_on, ends_on__gte=starts_on, is_current=True):
        if (other.period, other.starts_on) != (period, starts_on):
            raise OverlapsAnother
        if not other.is_returned:
            raise FiledAlready
        before = other
    if before is not None:
        before.is_current = False
        before.save(update_fields=["is_current"])
    filed = Return.objects.create(
        town_id=current_town(),
        organ_id=organ_id,
        period=period,
        starts_on=starts_on,
        ends_on=ends_on,
        output_value=output_value,
        energy=energy,
        water=water,
        note=note,
        filed_at=at,
        filed_by=by.ref,
        replaces=before,
    )
    ReturnedAmount.objects.bulk_create(
        ReturnedAmount(town_id=current_town(), filed=filed, outlet_id=line.outlet_id, factor=line.factor, kilograms=line.kilograms) for line in amounts
    )
    record(ReturnFiled(subject=ref(filed), organ_id=organ_id, period=period, starts_on=starts_on))
    return filed


@operation
def check_return(*, by: Actor, at: datetime, return_id: int, accepted: bool, remark: str = "") -> Return:
    """Accept a return, or send it back to the firm with what to put right."""
    filed = Return.objects.select_for_update().get(pk=return_id)
    ensure(rules.may_check, filed)
    if not filed.is_filed or not filed.is_current:
        raise NotWaiting
    if not accepted and not remark.strip():
        raise SayWhy
    filed.state = Return.State.ACCEPTED if accepted else Return.State.RETURNED
    filed.checked_at, filed.checked_by, filed.remark = at, by.ref, remark.strip()
    filed.save(update_fields=["state", "checked_at", "checked_by", "remark"])
    record(ReturnChecked(subject=ref(filed), organ_id=filed.organ_id, accepted=accepted))
    return filed


@operation
def set_threshold(*, by: Actor, at: datetime, measure: str, limit: Decimal, basis: str, valid_from: date) -> Threshold:
    """Set from where on a firm counts as high in a measure, from a day on; the one before it ends the day before."""
    ensure(rules.may_set_threshold)
    if not limit.is_finite() or limit <= 0 or not basis.strip() or not measure.strip():
        raise NotAThreshold
    before = Threshold.objects.select_for_update().filter(measure=measure).order_by("-valid_from").first()
    if before is not None:
        if valid_from <= before.valid_from:
            raise NotAThreshold(field="valid_from")
        before.valid_to = valid_from - timedelta(days=1)
        before.save(update_fields=["valid_to"])
    threshold = Threshold.objects.create(town_id=current_town(), measure=measure, limit=limit, basis=basis, valid_from=valid_from)
    record(ThresholdSet(subject=ref(threshold), measure=measure, limit=str(limit), valid_from=valid_from))
    return threshold
