"""What the firms' register leaves in the ledger: ids and days."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class FirmRegistered(Fact):
    organ_id: int


@dataclass(frozen=True, kw_only=True)
class FirmChanged(Fact):
    fields: tuple[str, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class FirmContactSet(Fact):
    role: str
    is_ended: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class FirmFigureTold(Fact):
    measure: str
    period: str
    starts_on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class FirmsTaken(Fact):
    """A batch of a file's rows, or organs that are firms, went into the register."""

    added: int
    changed: int
    public: bool = False
