"""What sensing leaves in the ledger: batches by their digest, never reading by reading."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class StationRegistered(Fact):
    code: str
    kind_of_station: str


@dataclass(frozen=True, kw_only=True)
class DeviceRegistered(Fact):
    station_id: int
    protocol: str


@dataclass(frozen=True, kw_only=True)
class LimitSet(Fact):
    factor: str
    limit: float
    unit: str
    clause: str


@dataclass(frozen=True, kw_only=True)
class ReadingsTaken(Fact):
    packets: int
    readings: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class PacketRefused(Fact):
    verdict: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class AlarmOpened(Fact):
    case_id: int | None
    factor: str


@dataclass(frozen=True, kw_only=True)
class AlarmAnswered(Fact):
    case_id: int


@dataclass(frozen=True, kw_only=True)
class AlarmSettled(Fact):
    case_id: int | None
