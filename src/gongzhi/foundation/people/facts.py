"""What people's acts leave in the ledger: ids, never names."""

from dataclasses import dataclass

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
    purpose: str
    public: bool = False


@dataclass(frozen=True, kw_only=True)
class PersonErased(Fact):
    public: bool = False
