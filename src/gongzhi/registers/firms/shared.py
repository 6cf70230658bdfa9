"""How exchange reaches the firms of the register: found by their code, opened field by field, put right, counted. Who may was asked before."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.registers.firms import codes, operations, values
from gongzhi.registers.firms.models import Firm, FirmContact
from gongzhi.registers.record import queries as record
from gongzhi.registers.record.fields import Opened, Owner, Quality, Subjects

PERIOD_DAYS = {"day": 1, "month": 31, "quarter": 92, "year": 366}


def find(text: str) -> int | None:
    """Return which firm has a unified social credit code, or None."""
    try:
        return Firm.objects.filter(code=codes.read(text)).values_list("pk", flat=True).first()
    except codes.BadCode:
        return None


def open_values(subject_id: int, wanted: Sequence[str]) -> dict[str, Opened] | None:
    """Return fields of a firm in the open, each with the statement that told it, or None where there is none."""
    one = Firm.objects.select_related("park").filter(pk=subject_id).first()
    if one is None:
        return None
    origins = record.origins(seen_by=CLOCK, register="firms", subject_ids=[one.pk])
    contact = FirmContact.objects.filter(firm=one, role="liaison", ends_on__isnull=True).first()
    found = {}
    for code in wanted:
        if code in ("contact_name", "contact_phone"):
            part = code.removeprefix("contact_")
            raw = "" if contact is None else sealing.unseal(getattr(contact, f"{part}_sealed"), f"firm-contact-{part}")
        else:
            raw = getattr(one, code)
        kept = raw.isoformat() if isinstance(raw, date) else "" if raw is None else str(raw)
        text = one.industry_words or kept if code == "industry" else str(dict(values.BY_CODE[code].choices).get(kept, kept))
        told = origins.get(code)
        found[code] = Opened(kept, text, *((told.source, told.basis, told.at, told.statement_id) if told else ("", "", one.entered_at, None)))
    return found


def owner(subject_id: int) -> Owner | None:
    """Return whose a record is: the organ of the firm."""
    one = Firm.objects.filter(pk=subject_id).first()
    return None if one is None else Owner(None, one.organ_id, str(one), ref(one))


def correct(*, by: Actor, at: datetime, subject_id: int, field: str, value: str, source: str, basis: str) -> None:
    """Put one value of a firm right, as the organ that answers for it says. A contact keeps the part that nobody doubted."""
    given = {field: value}
    if field in ("contact_name", "contact_phone"):
        kept = open_values(subject_id, ("contact_name", "contact_phone")) or {}
        given = {code: told.value for code, told in kept.items() if told.value} | given
    operations.change_firm(by=by, at=at, firm_id=subject_id, given=given, source=source, basis=basis, word="paper", answering=field)


RARE = ("name_en", "left_on", "closed_on")


def quality(at: datetime) -> dict[str, Quality]:
    """Return how complete and fresh each field is, of the firms that are here."""
    here = Firm.objects.filter(left_on__isnull=True, closed_on__isnull=True)
    plain = ("code", "name", "name_en", "industry", "size", "address", "legal_representative")
    wanted = {code: ~Q(**{code: ""}) for code in plain} | {code: Q(**{f"{code}__isnull": False}) for code in ("park", "longitude", "latitude", *values.DAYS)}
    counted = here.aggregate(**{f"n_{code}": Count("pk", filter=condition) for code, condition in wanted.items()}, n_all=Count("pk"))
    spoken = FirmContact.objects.filter(firm__in=here, role="liaison", ends_on__isnull=True).aggregate(
        n=Count("pk"), called=Count("pk", filter=~Q(phone_sealed=b""))
    )
    held = {code: counted[f"n_{code}"] for code in wanted} | {"contact_name": spoken["n"], "contact_phone": spoken["called"]}
    ages = {one.code: timedelta(days=PERIOD_DAYS[one.renewed]) for one in values.FIELDS if one.renewed in PERIOD_DAYS}
    told = record.told_within(seen_by=CLOCK, register="firms", since={one.code: at - ages.get(one.code, timedelta(days=36_500)) for one in values.FIELDS})
    return {
        one.code: Quality(0 if one.code in RARE else counted["n_all"], held[one.code], told.get(one.code, (0, None))[0], told.get(one.code, (0, None))[1])
        for one in values.FIELDS
    }  # fmt: skip


SUBJECTS = Subjects(find, open_values, owner, correct, quality, values.BY_CODE["code"].title)
