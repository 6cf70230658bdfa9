"""What reports leave in the ledger beside the engine's own facts."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ReportFiled(Fact):
    """A report came in: through which door, whether its raiser stays unnamed, whether the suggestion was taken."""

    case_id: int
    origin: str
    anonymous: bool
    suggested: str  # code of the category that was suggested, "" if none
    taken: bool


@dataclass(frozen=True, kw_only=True)
class ReportsImported(Fact):
    """A batch of another system's events: every row is counted once."""

    source: str
    imported: int
    known: int
    merged: int


@dataclass(frozen=True, kw_only=True)
class ImportPrepared(Fact):
    """The town was given what another system's events name: categories, areas, organs."""

    source: str
    categories: int
    organs: int


@dataclass(frozen=True, kw_only=True)
class SuggestionTrained(Fact):
    """The town's own suggestion model was trained."""

    texts: int
    classes: int
    macro_f1: float
