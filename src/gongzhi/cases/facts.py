"""What the engine leaves in the ledger. Ids and small words only."""

from dataclasses import dataclass
from datetime import datetime

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CaseFact(Fact):
    """Something that happened to a case. `subject` is its reference; `number` is public."""

    case_id: int
    number: str
    kind_of_case: str


@dataclass(frozen=True, kw_only=True)
class CaseOpened(CaseFact):
    category: str
    area_id: int | None
    lead_id: int | None
    due_at: datetime | None
    origin: str
    content_hash: str  # of title and text, so that the wording can be proved without standing here


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(CaseFact):
    organ_id: int
    clause: str


@dataclass(frozen=True, kw_only=True)
class CaseAccepted(CaseFact):
    organ_id: int | None


@dataclass(frozen=True, kw_only=True)
class CaseReturned(CaseFact):
    organ_id: int | None
    times: int
    clause: str


@dataclass(frozen=True, kw_only=True)
class CaseTakenBack(CaseFact):
    """What was assigned a moment ago was taken back by whoever assigned it."""

    organ_id: int


@dataclass(frozen=True, kw_only=True)
class CaseSettled(CaseFact):
    organ_id: int
    clause: str
    binding: bool


@dataclass(frozen=True, kw_only=True)
class CaseSuspended(CaseFact):
    ground: str
    basis: str


@dataclass(frozen=True, kw_only=True)
class CaseResumed(CaseFact):
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CaseExtended(CaseFact):
    due_at: datetime
    basis: str


@dataclass(frozen=True, kw_only=True)
class CaseAnswered(CaseFact):
    organ_id: int | None


@dataclass(frozen=True, kw_only=True)
class CaseVerified(CaseFact):
    passed: bool
    on_site: bool
    by_reading: bool


@dataclass(frozen=True, kw_only=True)
class CaseClosed(CaseFact):
    unverified: bool
    on_time: bool


@dataclass(frozen=True, kw_only=True)
class CaseReopened(CaseFact):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseRejected(CaseFact):
    basis: str


@dataclass(frozen=True, kw_only=True)
class CaseWithdrawn(CaseFact):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseMerged(CaseFact):
    into_id: int
    into_number: str


@dataclass(frozen=True, kw_only=True)
class CaseReferred(CaseFact):
    to_kind: str
    to_case_id: int


@dataclass(frozen=True, kw_only=True)
class CaseJoined(CaseFact):
    organ_id: int
    required: bool
    is_order: bool


@dataclass(frozen=True, kw_only=True)
class CaseJoinAnswered(CaseFact):
    organ_id: int | None
    verdict: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskReturned(CaseFact):
    organ_id: int | None


@dataclass(frozen=True, kw_only=True)
class TaskStopped(CaseFact):
    organ_id: int | None
    ground: str
    basis: str


@dataclass(frozen=True, kw_only=True)
class TaskResumed(CaseFact):
    organ_id: int | None
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskGivenOn(CaseFact):
    """A task that came back was given to another unit."""

    organ_id: int


@dataclass(frozen=True, kw_only=True)
class StageJoined(CaseFact):
    """The tasks of a stage are joined; the case went on."""

    stage: str


@dataclass(frozen=True, kw_only=True)
class CaseDecided(CaseFact):
    """A named result of the kind was taken; `result_type` is how figures count it ("" for a way on)."""

    result: str
    result_type: str
    stage: str
    by_clock: bool


@dataclass(frozen=True, kw_only=True)
class CaseStepTaken(CaseFact):
    """An act of a kind was done that leaves the case in its stage."""

    act: str


@dataclass(frozen=True, kw_only=True)
class CasePartyAdded(CaseFact):
    party_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class CasePartyEnded(CaseFact):
    party_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class CasesOpened(Fact):
    """Several cases were opened at once; each has its own CaseOpened."""

    case_ids: tuple[int, ...]
    part_of_id: int | None


@dataclass(frozen=True, kw_only=True)
class CaseNoted(CaseFact):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseUrged(CaseFact):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseFollowed(CaseFact):
    pass


@dataclass(frozen=True, kw_only=True)
class CaseReclassified(CaseFact):
    category: str


@dataclass(frozen=True, kw_only=True)
class CasePlaced(CaseFact):
    area_id: int | None


@dataclass(frozen=True, kw_only=True)
class CaseSeverityRaised(CaseFact):
    severity: int


@dataclass(frozen=True, kw_only=True)
class CaseMovedToProcedure(CaseFact):
    version: int


@dataclass(frozen=True, kw_only=True)
class CaseRated(CaseFact):
    level: int


@dataclass(frozen=True, kw_only=True)
class RatingFollowUpOpened(CaseFact):
    follow_up_id: int


@dataclass(frozen=True, kw_only=True)
class RatingFollowedUp(CaseFact):
    follow_up_id: int
    step: str  # called | put_right


@dataclass(frozen=True, kw_only=True)
class CaseWarned(CaseFact):
    clock_of: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseFellDue(CaseFact):
    clock_of: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseTimeRan(CaseFact):
    """The clock did what the procedure says happens by itself; `done` is False where it could not and people must."""

    then: str
    done: bool


@dataclass(frozen=True, kw_only=True)
class CaseImported(Fact):
    """A case of another system was taken over as it stood there. No CaseFact: it happened elsewhere, nobody here is told."""

    case_id: int
    number: str
    kind_of_case: str
    origin_ref: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    merged_into_id: int | None
    content_hash: str


@dataclass(frozen=True, kw_only=True)
class CasesImported(Fact):
    """A batch of cases of another system was gone through; `known` were there from before."""

    kind_of_case: str
    imported: int
    known: int


@dataclass(frozen=True, kw_only=True)
class TextsMasked(Fact):
    """Numbers of people in what was written before they were masked: how many rows that changed."""

    count: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class CategoryDefined(Fact):
    code: str


@dataclass(frozen=True, kw_only=True)
class ResponsibilityDefined(Fact):
    clause: str
    category: str
    lead_id: int
    version: int


@dataclass(frozen=True, kw_only=True)
class ProcedureAdopted(Fact):
    kind_of_case: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AmendmentProposed(Fact):
    category: str
    proposed_lead_id: int


@dataclass(frozen=True, kw_only=True)
class AmendmentDecided(Fact):
    adopted: bool


@dataclass(frozen=True, kw_only=True)
class ViewSaved(Fact):
    pass


@dataclass(frozen=True, kw_only=True)
class ViewDropped(Fact):
    pass


@dataclass(frozen=True, kw_only=True)
class SealedTextShown(CaseFact):
    field: str
