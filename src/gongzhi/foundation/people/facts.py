"""What people's acts leave in the ledger: ids, never names."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PersonRegistered(Fact):
    kind_of_person: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class LoginGiven(Fact):
    user_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class SealedFieldShown(Fact):
    field: str
    purpose_hash: str  # the words are in people.SealedLook, where they can be erased
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PersonErased(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class SignInTried(Fact):
    """Somebody tried to sign in; `outcome` is passed, failed or waiting."""

    outcome: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class SecondFactorChanged(Fact):
    change: str  # begun | shown_again | on | off
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class IdentityLinked(Fact):
    issuer: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class TokenIssued(Fact):
    scopes: tuple[str, ...]
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Fact):
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class HashKeysKept(Fact):
    """The town's hash keys were kept beside their field keys; how many were new."""

    count: int


@dataclass(frozen=True, kw_only=True)
class FieldsResealed(Fact):
    """A batch of sealed fields went under the first key; `unopened` rows no key opens."""

    table: str
    count: int
    unopened: int


@dataclass(frozen=True, kw_only=True)
class IdentityUnlinked(Fact):
    issuer: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PhoneCodeMade(Fact):
    """A code to prove a telephone number was made; it goes out by the town's gateway."""

    code_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PhoneCodeTried(Fact):
    """Somebody typed a code, or one went out; `outcome` is proved, wrong, spent, sent or failed."""

    outcome: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ErasureAsked(Fact):
    request_id: int
    due_on: date
    needs_decision: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ErasureWithdrawn(Fact):
    request_id: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class ErasureDecided(Fact):
    request_id: int
    approved: bool
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class TermApplied(Fact):
    """Details past their term were erased: which kind, how many, after how many days, on what basis."""

    kind_of_detail: str
    count: int
    days: int
    basis: str


@dataclass(frozen=True, kw_only=True)
class TracesForgotten(Fact):
    """Sessions that have ended and tries of long ago were thrown away: how many."""

    count: int
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class LoginChanged(Fact):
    """An administrator changed a log-in: made, locked, unlocked, sessions ended, password reset."""

    change: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class JointActAsked(Fact):
    """Somebody asked for an act that takes two people; `role`: which one it is about, if one."""

    act: str
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class JointActDecided(Fact):
    """A second person confirmed or declined it; `outcome` is done or declined."""

    act: str
    outcome: str
