"""What organs and posts leave in the ledger."""

from dataclasses import dataclass
from datetime import date

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class OrganDefined(Fact):
    code: str
    kind_of_organ: str


@dataclass(frozen=True, kw_only=True)
class FirmOrgansDefined(Fact):
    """Organs of firms were defined or renamed as the register of firms has them; which, by their ids."""

    organ_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PostGiven(Fact):
    organ_id: int
    role: str
    starts_on: date


@dataclass(frozen=True, kw_only=True)
class PostEnded(Fact):
    organ_id: int
    role: str
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Fact):
    """What a role may do was changed: by which abilities it has more, and by which less."""

    role: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
