"""What openness leaves in the ledger besides what the engine does."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class EnquiryAsked(Fact):
    """`offered`: how many likely answers were shown before it was sent."""

    case_id: int
    organ_id: int
    anonymous: bool
    offered: int


@dataclass(frozen=True, kw_only=True)
class EnquiryPublished(Fact):
    case_id: int


@dataclass(frozen=True, kw_only=True)
class InformationRequested(Fact):
    case_id: int
    organ_id: int
    channel: str


@dataclass(frozen=True, kw_only=True)
class RequestReceived(Fact):
    case_id: int
    received_on: date


@dataclass(frozen=True, kw_only=True)
class ColumnDefined(Fact):
    code: str
    organ_id: int
    days: int
    every: int


@dataclass(frozen=True, kw_only=True)
class EntryTold(Fact):
    """Something was made that must be shown by a day."""

    code: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class EntryPublished(Fact):
    code: str
    late_days: int
