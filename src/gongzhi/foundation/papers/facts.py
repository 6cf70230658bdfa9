"""What papers leave in the ledger: numbers, days and digests, never a name or what a paper says. Private: whose papers there are is nobody's to read."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PaperIssued(Fact):
    """A paper was given out; `sha256` is the digest of the signed file."""

    paper_id: int
    sort: str
    number: str
    case_id: int | None
    sha256: str
    valid_from: date
    valid_until: date | None
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PaperSuspended(Fact):
    number: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PaperResumed(Fact):
    number: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PaperRevoked(Fact):
    number: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PaperReplaced(Fact):
    """A paper holds no more because another one took its place."""

    number: str
    by_number: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PaperKeysMade(Fact):
    """A certificate was made by which the town signs; its digest."""

    role: str
    certificate: str
    public: bool = True
