"""What the residents' register leaves in the ledger: ids and days, never a name. All of it is private: who lives where is nobody's to read."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class DwellingDefined(Fact):
    area_id: int | None
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ResidentRegistered(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ResidentChanged(Fact):
    """Values were told anew; which fields."""

    fields: tuple[str, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ResidentMoved(Fact):
    household_id: int
    on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ResidentLeft(Fact):
    """They moved away from the town, or died (`why`: left, died)."""

    why: str
    on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class HouseholdHeaded(Fact):
    resident_id: int
    on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ResidentLinked(Fact):
    """A record and an account are of one person; `how`: counter, own, unlinked."""

    person_id: int
    how: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class LinkTried(Fact):
    """Somebody tried to prove that a record is their own: linked, wrong or wait."""

    outcome: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ResidentsMerged(Fact):
    """Two records were of one person; the other one's history stays under the one that is kept."""

    other_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DuplicateSettled(Fact):
    state: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class TagSet(Fact):
    """A tag of care or control was set, or looked at again; the room only, never which tag."""

    room: str
    review_on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class TagEnded(Fact):
    room: str
    on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class HomeVisited(Fact):
    dwelling_id: int
    outcome: str
    changes: int
    conflicts: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ResidentsTaken(Fact):
    """A batch of a file's rows went into the register; `digest` of the statements is in ValuesTold."""

    added: int
    changed: int
    moved: int
    public: bool = False
