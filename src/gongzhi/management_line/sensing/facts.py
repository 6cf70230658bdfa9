"""What sensing leaves in the ledger: batches by their digest, never reading by reading."""

from dataclasses import dataclass
from datetime import date, datetime

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class StationRegistered(Fact):
    code: str
    kind_of_station: str


@dataclass(frozen=True, kw_only=True)
class StationClosed(Fact):
    code: str


@dataclass(frozen=True, kw_only=True)
class DeviceRegistered(Fact):
    station_id: int
    protocol: str


@dataclass(frozen=True, kw_only=True)
class DevicePasswordRotated(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class SeriesDefined(Fact):
    station_id: int
    factor: str


@dataclass(frozen=True, kw_only=True)
class MaintenancePlanned(Fact):
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeviceCalibrated(Fact):
    factor: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class ProposalMade(Fact):
    """A supervised unit said something of its own devices or readings; it waits for an officer."""

    matter: str
    station_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ProposalDecided(Fact):
    """An officer confirmed or declined it."""

    matter: str
    station_id: int
    confirmed: bool
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class DeviceAsked(Fact):
    command: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DeviceReplied(Fact):
    command: str
    state: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class DeviceNoticed(Fact):
    command: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestsExpired(Fact):
    count: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class HoursRolledUp(Fact):
    hours: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class LimitSet(Fact):
    factor: str
    limit: float
    unit: str
    clause: str


@dataclass(frozen=True, kw_only=True)
class LimitEnded(Fact):
    factor: str
    on: date


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
class WarningsFollowed(Fact):
    judged: int
    began: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class AlarmAnswered(Fact):
    case_id: int


@dataclass(frozen=True, kw_only=True)
class AlarmSettled(Fact):
    case_id: int | None
