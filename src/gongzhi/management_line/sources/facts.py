"""What the registers leave in the ledger: numbers and codes, never a person."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SourceRegistered(Fact):
    code: str
    level: str


@dataclass(frozen=True, kw_only=True)
class SourceClosed(Fact):
    closed_on: date


@dataclass(frozen=True, kw_only=True)
class OutletRegistered(Fact):
    source_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class PermitEntered(Fact):
    source_id: int
    number: str
    valid_to: date
    limits: int


@dataclass(frozen=True, kw_only=True)
class PermitEnded(Fact):
    number: str
    ended_on: date


@dataclass(frozen=True, kw_only=True)
class ReturnFiled(Fact):
    organ_id: int
    period: str
    starts_on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnChecked(Fact):
    organ_id: int
    accepted: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ThresholdSet(Fact):
    measure: str
    limit: str
    valid_from: date


@dataclass(frozen=True, kw_only=True)
class RiskSourceRegistered(Fact):
    code: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class SubstanceListed(Fact):
    risk_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PlanFiled(Fact):
    risk_id: int
    filed_on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DrillRecorded(Fact):
    risk_id: int
    held_on: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class SensitivePlaceRegistered(Fact):
    kind_of_place: str
