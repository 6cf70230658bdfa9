"""What the town holds of who applies: taken from the registers under the applicant's own right, each with where it comes from.

A form names a value as `person.name` or `firm.code`. What comes back is what the register would show to that very reader on their own
page: nobody reads more of a register by applying. What is not held, or not for this reader, is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.registers.firms import queries as firms
from gongzhi.registers.residents import queries as residents

PERSON = {"name": "name", "number": "number", "birth": "birth", "phone": "phone", "address": "address", "sex": "sex", "standing": "standing"}
FIRM = {"name": "name", "code": "code", "address": "address", "legal_representative": "legal_representative", "industry": "industry"}
REGISTERS: dict[str, Any] = {
    "person": _("the residents' register"), "firm": _("the firms' register"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A value that the town holds: its text, in which register, and since when (None: not kept)."""

    text: str
    register: str
    at: datetime | None

    @property
    def register_word(self) -> Any:
        return REGISTERS.get(self.register, self.register)


def held(*, seen_by: Actor, organ_id: int | None, wanted: Iterable[str]) -> dict[str, Held]:
    """Return what the town holds of the values that a form names, for a reader who applies for themselves or (`organ_id`) for a firm."""
    names = set(wanted)
    found: dict[str, Held] = {}
    if any(name.startswith("person.") for name in names):
        found |= _person(seen_by)
    if organ_id is not None and seen_by.serves_in(organ_id) and any(name.startswith("firm.") for name in names):
        found |= _firm(seen_by, organ_id)
    return {name: found[name] for name in names if name in found}


def _person(seen_by: Actor) -> dict[str, Held]:
    resident = residents.resident_of_account(seen_by=seen_by, person_id=seen_by.person_id)
    if resident is None:
        return {}
    found = {}
    for value in residents.record_of(seen_by=seen_by, resident=resident):
        if value.code in PERSON and value.text:
            found[f"person.{value.code}"] = Held(value.text, "person", value.origin.at if value.origin else None)
    return found


def _firm(seen_by: Actor, organ_id: int) -> dict[str, Held]:
    firm = firms.firm_of_organ(seen_by=seen_by, organ_id=organ_id)
    if firm is None:
        return {}
    return {
        f"firm.{code}": Held(text, "firm", origin.at if origin else None)
        for code, _title, text, origin in firms.record_of(seen_by=seen_by, firm=firm)
        if code in FIRM
    }
