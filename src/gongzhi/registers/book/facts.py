"""What the book leaves in the ledger: accounts, days and cents, never who was paid."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Fact):
    code: str
    sort: str


@dataclass(frozen=True, kw_only=True)
class AccountClosed(Fact):
    code: str
    closed_on: date


@dataclass(frozen=True, kw_only=True)
class Posted(Fact):
    """A posting: `act` is what it comes from, `lines` are account codes and cents (debit above nought, credit below)."""

    number: int
    on: date
    act: str
    lines: tuple[tuple[str, int], ...]
    reverses: int | None = None


@dataclass(frozen=True, kw_only=True)
class PeriodClosed(Fact):
    until: date
