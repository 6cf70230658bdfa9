"""What criteria leave in the ledger."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CriterionDefined(Fact):
    code: str
    of: str


@dataclass(frozen=True, kw_only=True)
class CriterionDrafted(Fact):
    code: str
    number: int


@dataclass(frozen=True, kw_only=True)
class CriterionTried(Fact):
    """Of how many it was yes, no and unknown; numbers only."""

    code: str
    number: int
    yes: int
    no: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class CriterionAdopted(Fact):
    code: str
    number: int
    valid_from: date
    digest: str


@dataclass(frozen=True, kw_only=True)
class ParameterSet(Fact):
    code: str
    value: str
    valid_from: date
