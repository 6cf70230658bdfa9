"""What the evaluation leaves in the ledger."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class IndicatorAdopted(Fact):
    """A version of an indicator holds from now on."""

    code: str
    version: int
    formula: str
    target: float | None


@dataclass(frozen=True, kw_only=True)
class IndicatorEnded(Fact):
    code: str
    version: int


@dataclass(frozen=True, kw_only=True)
class ScorecardChanged(Fact):
    """An indicator was put into the scorecard of organs, or taken out of it."""

    code: str
    is_in: bool


@dataclass(frozen=True, kw_only=True)
class FindingsMade(Fact):
    """The record of a week was looked through."""

    week: str
    count: int
