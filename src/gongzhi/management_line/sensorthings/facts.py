"""What this interface leaves in the ledger; stations, series and readings leave their own facts."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact
from gongzhi.management_line.sensing.facts import ReadingsTaken


@dataclass(frozen=True, kw_only=True)
class EntityCreated(Fact):
    entity: str


@dataclass(frozen=True, kw_only=True)
class EntityChanged(Fact):
    entity: str


@dataclass(frozen=True, kw_only=True)
class EntityWithdrawn(Fact):
    entity: str


@dataclass(frozen=True, kw_only=True)
class ObservationsTaken(ReadingsTaken):
    """Readings that came as data arrays: sensing's own fact, and of how many Datastreams they are."""

    datastreams: int


@dataclass(frozen=True, kw_only=True)
class EntitiesDescribed(Fact):
    stations: int
    series: int
    public: bool = False
