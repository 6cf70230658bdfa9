"""What is told when a case is opened: one value, whatever door it came through."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyNeed:
    """Somebody who has a part in a new case: a person, an organ (a firm), or both."""

    role: str
    person_id: int | None = None
    organ_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A need that becomes a case.

    `longitude`, `latitude`: degrees in `datum` (wgs84, gcj02, bd09). The same `submission_key` gives the same case.
    `lead_id`: the unit that leads, where the kind's dossier says so (an item's department); else the list names it.
    `procedure_id`: the adopted procedure that it runs on, where cases of a kind go different ways; else the kind's.
    `parties`: others than whoever raises it. `part_of_id`: the case that this one is a part of.
    """

    kind: str
    title: str
    text: str = ""
    category_id: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    datum: str = "wgs84"
    address: str = ""
    area_id: int | None = None
    origin: str = "resident"
    origin_ref: str = ""
    raised_by_id: int | None = None
    raised_for_id: int | None = None
    device_id: int | None = None
    submission_key: str | None = None
    severity: int | None = None
    visibility: str | None = None
    attachment_ids: tuple[int, ...] = ()
    follow_code_hash: bytes | None = None
    referred_from_id: int | None = None
    part_of_id: int | None = None
    lead_id: int | None = None
    parties: tuple[PartyNeed, ...] = ()
    procedure_id: int | None = None
