"""What warnings leave in the ledger: their rules and forecasts; what they find is said by sensing."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class WarningRuleSet(Fact):
    cause: str
    factor: str
    threshold: float | None
    clause: str


@dataclass(frozen=True, kw_only=True)
class WarningRuleEnded(Fact):
    valid_to: date


@dataclass(frozen=True, kw_only=True)
class WarningRuleFaulted(Fact):
    """Judging a rule met a fault, or meets none any more."""

    faulty: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ForecastTrained(Fact):
    series_id: int
    is_better: bool | None
    public: bool = False
