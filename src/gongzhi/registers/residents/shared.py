"""How exchange reaches the people of the register: found by a number, opened field by field, put right, counted. Who may was asked before."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.registers.record import queries as record
from gongzhi.registers.record.fields import Opened, Owner, Quality, Subjects
from gongzhi.registers.residents import finding, numbers, operations, queries, values
from gongzhi.registers.residents.models import Membership, Resident

PERIOD_DAYS = {"day": 1, "month": 31, "quarter": 92, "year": 366}


def _standing(subject_id: int) -> Resident | None:
    """Return a person's record, or the one into which it was merged."""
    found = Resident.objects.select_related("dwelling__area").filter(pk=subject_id).first()
    while found is not None and found.merged_into_id is not None:
        found = Resident.objects.select_related("dwelling__area").filter(pk=found.merged_into_id).first()
    return found


def find(text: str) -> int | None:
    """Return whom a whole number belongs to, whatever document it may be of; None for nobody, and where it may be more than one."""
    try:
        hashes = queries.number_hashes(seen_by=CLOCK, number=text)
    except numbers.BadNumber:
        return None
    found = list(Resident.objects.standing().filter(number_hash__in=hashes).values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def _value(code: str, one: Resident, home: Membership | None) -> Any:
    if code in values.SEALED:
        return sealing.unseal(getattr(one, f"{code}_sealed"), finding.SEALED_AS[code])
    if code in ("address", "tenure", "longitude", "latitude", "grid"):
        if one.dwelling is None:
            return ""
        return str(one.dwelling.area or "") if code == "grid" else getattr(one.dwelling, code)
    if code in ("household", "relation", "since"):
        return "" if home is None else home.household.number if code == "household" else home.relation if code == "relation" else home.starts_on
    return getattr(one, code)


def open_values(subject_id: int, wanted: Sequence[str]) -> dict[str, Opened] | None:
    """Return fields of a person in the open, each with the statement that told it, or None where there is nobody."""
    one = _standing(subject_id)
    if one is None:
        return None
    home = Membership.objects.present().filter(resident=one).select_related("household").first()
    ids = [one.pk, *Resident.objects.filter(merged_into=one).values_list("pk", flat=True)]
    origins = record.origins(seen_by=CLOCK, register="residents", subject_ids=ids)
    found = {}
    for code in wanted:
        raw = _value(code, one, home)
        kept = raw.isoformat() if isinstance(raw, date) else "" if raw is None else str(raw)
        told = origins.get(code)
        text = str(dict(values.BY_CODE[code].choices).get(kept, kept))
        found[code] = Opened(kept, text, *((told.source, told.basis, told.at, told.statement_id) if told else ("", "", one.registered_at, None)))
    return found


def owner(subject_id: int) -> Owner | None:
    """Return whose a record is, the name masked."""
    one = _standing(subject_id)
    return None if one is None else Owner(one.person_id, None, queries.masked(seen_by=CLOCK, resident=one)["name"], ref(one))


def correct(*, by: Actor, at: datetime, subject_id: int, field: str, value: str, source: str, basis: str) -> None:
    """Put one value of a person right, as the organ that answers for it says."""
    one = _standing(subject_id)
    assert one is not None
    operations.change_resident(by=by, at=at, resident_id=one.pk, given={field: value}, source=source, basis=basis, word="paper", answering=True)


HELD: dict[str, Q] = {
    **{code: ~Q(**{f"{code}_sealed": b""}) for code in ("name", "number", "phone", "origin")},
    **{code: ~Q(**{code: ""}) for code in ("document", "sex", "nationality", "ethnicity", "standing")},
    "birth": Q(birth__isnull=False), "left_on": Q(left_on__isnull=False), "died_on": Q(died_on__isnull=False),
    **{code: Q(dwelling__isnull=False) for code in ("address", "tenure")}, "grid": Q(dwelling__area__isnull=False),
    **{code: Q(**{f"dwelling__{code}__isnull": False}) for code in ("longitude", "latitude")},
}  # fmt: skip
TOLD_WITH = {"grid": "address", "longitude": "address", "latitude": "address", "standing": "name"}  # which no statement names where they follow from another
RARE = ("nationality", "origin", "left_on", "died_on", "household")  # which most people rightly do not have: counted, and no share of a hundred


def quality(at: datetime) -> dict[str, Quality]:
    """Return how complete and fresh each field is, of the people who live here."""
    here = Resident.objects.standing().filter(left_on__isnull=True, died_on__isnull=True)
    counted = here.aggregate(**{f"n_{code}": Count("pk", filter=condition) for code, condition in HELD.items()}, n_all=Count("pk"))
    homes = Membership.objects.present().filter(resident__in=here).aggregate(n=Count("pk"), numbered=Count("pk", filter=~Q(household__number="")))
    held = {code: counted[f"n_{code}"] for code in HELD} | {"relation": homes["n"], "since": homes["n"], "household": homes["numbered"]}
    ages = {one.code: timedelta(days=PERIOD_DAYS[one.renewed]) for one in values.FIELDS if one.renewed in PERIOD_DAYS}
    told = record.told_within(seen_by=CLOCK, register="residents", since={one.code: at - ages.get(one.code, timedelta(days=36_500)) for one in values.FIELDS})
    found = {}
    for one in values.FIELDS:
        fresh, newest = told.get(TOLD_WITH.get(one.code, one.code), (0, None))
        found[one.code] = Quality(0 if one.code in RARE else counted["n_all"], held[one.code], fresh, newest)
    return found


SUBJECTS = Subjects(find, open_values, owner, correct, quality, values.BY_CODE["number"].title)
