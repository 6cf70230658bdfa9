"""What can be asked for: the registers as their modules declare them, and data sets, which the town defines. One shape for both."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from gongzhi.foundation.people import hashing, sealing
from gongzhi.registers.grants.models import SET, DataRow, DataSet
from gongzhi.registers.record import fields
from gongzhi.registers.record.fields import Field, Opened, Owner, Quality, Register, Subjects

DAYS = {"once": 0, "day": 1, "month": 31, "quarter": 92, "year": 366}


class UnknownSource(LookupError):
    """There is no register and no data set of this code."""


def source(code: str) -> Register:
    """Return the register or data set of a code, with its fields; raise UnknownSource."""
    if not code.startswith(SET):
        found = fields.registers().get(code) or fields.closed().get(code)
        if found is None:
            raise UnknownSource(code)
        return found
    number = code.removeprefix(SET)
    one = DataSet.objects.filter(pk=int(number)).first() if number.isascii() and number.isdigit() and len(number) < 10 else None
    if one is None:
        raise UnknownSource(code)
    return as_register(one)


def as_register(one: DataSet) -> Register:
    """Return a data set in the shape of a register."""
    known = tuple(
        Field(told["code"], told["title"], told.get("sort", "text"), sealed=True, meaning=told.get("meaning", ""), share=one.share, closed_by=one.basis,
              renewed=one.period)
        for told in one.fields
    )  # fmt: skip

    def find(text: str) -> int | None:
        return DataRow.objects.filter(data_set=one, key_hash__in=key_hashes(one, text)).values_list("pk", flat=True).first()

    def open_row(subject_id: int, wanted: Sequence[str]) -> dict[str, Opened] | None:
        row = DataRow.objects.filter(data_set=one, pk=subject_id).first()
        if row is None:
            return None
        told: Mapping[str, str] = json.loads(sealing.unseal(row.values_sealed, "data-row"))
        return {name: Opened(told.get(name, ""), told.get(name, ""), row.source, one.basis, row.told_at) for name in wanted}

    def owner(subject_id: int) -> Owner | None:
        row = DataRow.objects.filter(data_set=one, pk=subject_id).first()
        return None if row is None else Owner(None, None, str(one), f"grants.datarow:{row.pk}")

    def quality(at: datetime) -> dict[str, Quality]:
        within = Q(told_at__gte=at - timedelta(days=DAYS[one.period])) if DAYS[one.period] else Q()
        counts = DataRow.objects.filter(data_set=one).aggregate(n=Count("pk"), fresh=Count("pk", filter=within) if within else Count("pk"), last=Max("told_at"))
        return {each.code: Quality(counts["n"], counts["n"], counts["fresh"], counts["last"]) for each in known} if counts["n"] else {}

    return Register(one.register, str(one), known, subjects=Subjects(find, open_row, owner, _no, quality, known[0].title if known else ""))


def _no(**_arguments: Any) -> Any:
    raise NotImplementedError("rows of data sets are told by their organ, over its own way")


def key_text(text: str) -> str:
    """Return what a row is found by, in one width and case, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()[:200]


def key_hash(one: DataSet, text: str) -> bytes:
    """Return the keyed hash to keep of what a row of a data set is found by."""
    return hashing.keyed_hash(f"{one.pk}:{key_text(text)}", "data-row")


def key_hashes(one: DataSet, text: str) -> list[bytes]:
    """Return the hashes to look for."""
    return hashing.keyed_hashes(f"{one.pk}:{key_text(text)}", "data-row")
