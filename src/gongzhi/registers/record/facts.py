"""What the registers have in common leaves in the ledger: counts and hashes, never a value."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ValuesTold(Fact):
    """Values were told of one thing or many; `digest` is the SHA-256 of the statements in their order, so that none can be changed later."""

    register: str
    count: int
    first_id: int
    last_id: int
    digest: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class RegisterLooked(Fact):
    """Somebody looked at sealed values; the purpose's words lie in record.Look."""

    fields: tuple[str, ...]
    purpose_hash: str
    grant: str = ""
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class RegisterFileBrought(Fact):
    register: str
    digest: str
    as_of: date
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class RegisterFileBegun(Fact):
    """Taking a file over begins, or goes on; `is_queued`: the worker does it."""

    register: str
    digest: str
    is_queued: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class RegisterRowsTaken(Fact):
    """A batch of a file's rows is accounted for."""

    last_row: int
    added: int
    changed: int
    known: int
    refused: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class RegisterFileEnded(Fact):
    rows: int
    is_done: bool
    public: bool = False
