"""What emergencies leave in the ledger: plans by version, levels, tasks by code; words that people wrote stay in their rows."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PlanDrafted(Fact):
    code: str
    version: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PlanAdopted(Fact):
    code: str
    version: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class PlanEnded(Fact):
    code: str
    version: int


@dataclass(frozen=True, kw_only=True)
class EmergencyDeclared(Fact):
    case_id: int
    plan_id: int
    level: int
    is_drill: bool
    alert_id: int | None


@dataclass(frozen=True, kw_only=True)
class LevelChanged(Fact):
    case_id: int
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class DutyChanged(Fact):
    """A task was given, taken up, done, or could not be done."""

    case_id: int
    organ_id: int
    code: str
    state: str


@dataclass(frozen=True, kw_only=True)
class EmergencyLogged(Fact):
    case_id: int
    sort: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class EmergencyStoodDown(Fact):
    case_id: int
    duties: int
    done: int
    done_in_time: int


@dataclass(frozen=True, kw_only=True)
class AlertIssued(Fact):
    identifier: str
    kind_of_message: str
    severity: str


@dataclass(frozen=True, kw_only=True)
class AlertTaken(Fact):
    identifier: str
    kind_of_message: str
    severity: str
    digest: str
