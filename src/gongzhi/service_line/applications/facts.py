"""What matters leave in the ledger. Ids, codes and small words only."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ItemDefined(Fact):
    code: str
    organ_id: int


@dataclass(frozen=True, kw_only=True)
class ItemDrafted(Fact):
    code: str
    version: int


@dataclass(frozen=True, kw_only=True)
class ItemAdopted(Fact):
    code: str
    version: int
    statutory_days: int
    promised_days: int
    content_hash: str


@dataclass(frozen=True, kw_only=True)
class ItemEnded(Fact):
    code: str


@dataclass(frozen=True, kw_only=True)
class ItemsImported(Fact):
    added: int
    known: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class ApplicationFact(Fact):
    """Something about one application; `subject` is its case. What applicants say is for its parties: private."""

    case_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ApplicationFiled(ApplicationFact):
    item: str
    version: int
    organ_id: int
    way: str  # online | window
    content_hash: str


@dataclass(frozen=True, kw_only=True)
class CompletionAsked(ApplicationFact):
    """What is missing was named; `number` counts the notices of this application, `codes` are materials and fields."""

    number: int
    organ_id: int
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationCorrected(ApplicationFact):
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MaterialAdded(ApplicationFact):
    code: str


@dataclass(frozen=True, kw_only=True)
class MaterialJudged(ApplicationFact):
    code: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ApplicationGranted(ApplicationFact):
    item: str
    on_paper: bool


@dataclass(frozen=True, kw_only=True)
class ApplicationSettled(ApplicationFact):
    """An application came to an end, with what figures count of it: the board is recomputed from these and the engine's facts."""

    item: str
    organ_id: int
    end: str  # decided | withdrawn | reopened
    result: str
    result_type: str
    by_clock: bool
    online: bool
    days: int | None
    on_promised: bool | None
    on_statutory: bool | None
