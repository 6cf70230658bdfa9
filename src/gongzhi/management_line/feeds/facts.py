"""What feeds and imports leave in the ledger: who set them up, and how much came; never what was said."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class FeedDefined(Fact):
    code: str
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class FeedSwitched(Fact):
    is_active: bool


@dataclass(frozen=True, kw_only=True)
class FeedPasswordChanged(Fact):
    pass


@dataclass(frozen=True, kw_only=True)
class MappingsKept(Fact):
    count: int


@dataclass(frozen=True, kw_only=True)
class FeedStateChanged(Fact):
    state: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class MessagesTaken(Fact):
    messages: int
    readings: int
    refused: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class FileBrought(Fact):
    digest: str
    size: int


@dataclass(frozen=True, kw_only=True)
class FileDescribed(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ImportBegun(Fact):
    digest: str
    is_queued: bool


@dataclass(frozen=True, kw_only=True)
class RowsImported(Fact):
    rows: int
    readings: int
    refused: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ImportEnded(Fact):
    rows: int
    readings: int
    refused: int
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class RecipeKept(Fact):
    code: str
