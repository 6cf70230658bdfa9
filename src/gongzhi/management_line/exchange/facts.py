"""What exchange leaves in the ledger: ids, fields, units and counts, never a value."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class DataRequested(Fact):
    """A unit asks another for fields; the purpose's words lie in the request."""

    register: str
    fields: tuple[str, ...]
    organ_id: int
    authority_id: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class DataRequestAnswered(Fact):
    granted: tuple[str, ...]
    refused: tuple[str, ...]
    grant_id: int | None


@dataclass(frozen=True, kw_only=True)
class CorrectionAsked(Fact):
    register: str
    field: str
    authority_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class CorrectionAnswered(Fact):
    """A doubt is settled; `told`: the units that had been shown the wrong value and were told."""

    is_corrected: bool
    told: tuple[int, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class SenderSet(Fact):
    """A system outside may send rows, signed with a key, or may no longer."""

    data_set_id: int
    key_id: str
    key_hash: str
    is_ended: bool


@dataclass(frozen=True, kw_only=True)
class RowsSent(Fact):
    key_id: str
    taken: int
    refused: int
    digest: str
    public: bool = False
