"""What grants leave in the ledger: ids, fields, days and units, never a value."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class FieldCatalogued(Fact):
    """The town said which organ answers for a field, and how it is shared."""

    register: str
    field: str
    organ_id: int
    share: int


@dataclass(frozen=True, kw_only=True)
class DataSetDefined(Fact):
    organ_id: int
    share: int
    is_ended: bool = False


@dataclass(frozen=True, kw_only=True)
class DataRowsTaken(Fact):
    """Rows of a data set were told from outside; `digest` is the SHA-256 of what was sent."""

    added: int
    changed: int
    known: int
    refused: int
    digest: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class GrantGiven(Fact):
    register: str
    fields: tuple[str, ...]
    organ_id: int
    authority_id: int
    starts_on: date
    ends_on: date
    case_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class GrantEnded(Fact):
    organ_id: int
    authority_id: int


@dataclass(frozen=True, kw_only=True)
class DoubtRaised(Fact):
    register: str
    field: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DoubtSettled(Fact):
    """A doubt about a value ended; `told`: the units that had been shown the wrong value."""

    register: str
    field: str
    is_corrected: bool
    told: tuple[int, ...] = ()
    public: bool = False
