"""What benefits leave in the ledger: codes, counts and sums; who gets what only as numbers of private entries."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class BenefitDrafted(Fact):
    code: str
    number: int


@dataclass(frozen=True, kw_only=True)
class BenefitTried(Fact):
    """Whom a draft meets: counts, and cents for a period."""

    code: str
    number: int
    entitled: int
    nearly: int
    cents: int


@dataclass(frozen=True, kw_only=True)
class BenefitAdopted(Fact):
    code: str
    number: int
    starts_on: date
    digest: str


@dataclass(frozen=True, kw_only=True)
class BenefitsMatched(Fact):
    """Everybody of a subject was matched with every benefit that holds."""

    of: str
    on: date
    benefits: int
    judged: int
    entitled: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class BenefitsFound(Fact):
    """One firm or resident was matched anew."""

    of: str
    entitled: tuple[str, ...]
    nearly: tuple[str, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class BenefitsTold(Fact):
    code: str
    of: str
    subject_ids: tuple[int, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class BenefitAsked(Fact):
    code: str
    of: str
    subject_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class BenefitsPaid(Fact):
    code: str
    period: str
    count: int
    cents: int
    posting: int


@dataclass(frozen=True, kw_only=True)
class BenefitTakenBack(Fact):
    code: str
    period: str
    cents: int
    posting: int
    public: bool = False
