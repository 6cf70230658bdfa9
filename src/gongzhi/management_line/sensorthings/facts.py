"""What this interface leaves in the ledger; stations, series and readings leave their own facts."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


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
class ObservationsTaken(Fact):
    datastreams: int
    observations: int


@dataclass(frozen=True, kw_only=True)
class EntitiesDescribed(Fact):
    stations: int
    series: int
    public: bool = False
