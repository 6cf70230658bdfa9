"""What notices leave in the ledger."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class NoticeGiven(Fact):
    """Notices were given; their words are in the product only."""

    kind_of_notice: str
    notice_ids: tuple[int, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class NoticesRead(Fact):
    count: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ChoiceMade(Fact):
    mail: str
    webhook: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DeviceChanged(Fact):
    """A device is told of notices by push, or no longer."""

    told: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class NoticeDelivered(Fact):
    """A delivery went out, or a try failed."""

    channel: str
    outcome: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class NoticesForgotten(Fact):
    """A person's notices went with their details."""

    count: int
    public: bool = False
