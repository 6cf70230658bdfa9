"""What conversations leave in the ledger: that something was said or judged, never what."""

from dataclasses import dataclass
from datetime import datetime

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ConversationOpened(Fact):
    code: str
    closes_at: datetime
    statements: int


@dataclass(frozen=True, kw_only=True)
class StatementWritten(Fact):
    code: str
    number: int


@dataclass(frozen=True, kw_only=True)
class StatementJudged(Fact):
    """`shown`: whether it stands in the conversation from now on."""

    code: str
    number: int
    shown: bool


@dataclass(frozen=True, kw_only=True)
class StanceTaken(Fact):
    """That somebody said something to a statement; never what."""

    code: str


@dataclass(frozen=True, kw_only=True)
class VoicesBrought(Fact):
    """So many sheets that were filled in elsewhere."""

    code: str
    count: int


@dataclass(frozen=True, kw_only=True)
class MapDrawn(Fact):
    """How many voices and groups the map has, and the numbers of the statements that all groups share."""

    code: str
    voices: int
    groups: int
    common: tuple[int, ...]
