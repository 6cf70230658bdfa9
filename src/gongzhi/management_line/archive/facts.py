"""What the archive leaves in the ledger: each file by its digest, so that a file altered later is found out."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ArchiveFileWritten(Fact):
    month: str
    rows: int
    digest: str
    rows_digest: str


@dataclass(frozen=True, kw_only=True)
class ArchiveFileVerified(Fact):
    digest: str


@dataclass(frozen=True, kw_only=True)
class ReadingsMovedOut(Fact):
    month: str
    rows: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ArchiveFileAbandoned(Fact):
    digest: str


@dataclass(frozen=True, kw_only=True)
class ArchiveChecked(Fact):
    files: int
    damaged_ids: tuple[int, ...]
