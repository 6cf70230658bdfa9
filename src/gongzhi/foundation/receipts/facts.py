"""What receipts leave in the ledger."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ReceiptsCleaned(Fact):
    count: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class AnswerKept(Fact):
    status: int
    public: bool = False
