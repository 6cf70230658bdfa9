"""What policies and consultations leave in the ledger: codes and days, never what people wrote."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PolicyPrepared(Fact):
    code: str


@dataclass(frozen=True, kw_only=True)
class PolicyLinked(Fact):
    """`what` is `kind:code`."""

    code: str
    what: str


@dataclass(frozen=True, kw_only=True)
class PolicyReleased(Fact):
    """`digest`: SHA-256 of the letter, clause by clause, so that anybody can tell a changed text."""

    code: str
    number: str
    valid_from: date
    digest: str
    links: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PolicyEnded(Fact):
    """From `since` on it holds no more. `how`: repealed, replaced or expired; `links`: `kind:code` of all that rests on it."""

    code: str
    how: str
    since: date
    by_code: str
    links: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReadingPublished(Fact):
    code: str
    clauses: int
    questions: int


@dataclass(frozen=True, kw_only=True)
class SubscriptionChanged(Fact):
    topic: str
    on: bool


@dataclass(frozen=True, kw_only=True)
class PassageKept(Fact):
    about: str


@dataclass(frozen=True, kw_only=True)
class ConsultationOpened(Fact):
    code: str
    closes_on: date
    sections: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class OpinionGiven(Fact):
    code: str
    opinion_id: int


@dataclass(frozen=True, kw_only=True)
class OpinionsAnswered(Fact):
    code: str
    opinion_ids: tuple[int, ...]
    taken: str


@dataclass(frozen=True, kw_only=True)
class ConsultationResultPublished(Fact):
    """How many opinions were taken, partly taken and not taken."""

    code: str
    taken: int
    partly: int
    not_taken: int
