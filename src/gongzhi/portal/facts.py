"""What the field app leaves in the ledger beside the acts themselves."""

from dataclasses import dataclass
from datetime import datetime

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class FieldWorkTaken(Fact):
    """Something written outdoors, perhaps offline, has arrived. `key` is the device's own, made before its first try."""

    key: str
    kind_of_work: str
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class TownOpened(Fact):
    """A town was founded with its committee, its first administrator and its first procedures."""

    code: str
