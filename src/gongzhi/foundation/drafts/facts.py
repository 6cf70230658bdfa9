"""What drafts leave in the ledger: that one was kept or dropped, never what it says or what for."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class DraftKept(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DraftDropped(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DraftsExpired(Fact):
    count: int
    public: bool = False
