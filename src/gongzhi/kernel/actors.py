"""Who acts: a person in their duties, a device, another system, the clock, or anyone at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gongzhi.kernel import abilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One post that a person holds now: in which organ, as what, for which part of the territory.

    `area_path` is the ltree path of the area the post covers, or "" for the whole town. `abilities` are what the town lets the
    role do; None: what the role is shipped with.
    """

    organ_id: int
    role: str
    area_id: int | None = None
    area_path: str = ""
    abilities: frozenset[str] | None = None

    def can(self, *wanted: str) -> bool:
        """Return whether the post allows one of these abilities."""
        held = abilities.shipped(self.role) if self.abilities is None else self.abilities
        return not held.isdisjoint(wanted)

    def covers(self, area_path: str) -> bool:
        """Return whether the post's area is the one with this path or stands above it."""
        return not self.area_path or area_path == self.area_path or area_path.startswith(self.area_path + ".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever stands behind an act or a question. Ids only, so that it may go into the ledger."""

    kind: str  # person | follower | device | system | clock | anyone
    person_id: int | None = None
    user_id: int | None = None
    duties: tuple[Duty, ...] = ()
    device_id: int | None = None
    system: str = ""
    case_ids: frozenset[int] = frozenset()  # cases that a follow code opens to this actor
    party_ids: frozenset[int] = frozenset()  # as which parties: what they may do there is what that party may
    scopes: frozenset[str] | None = None  # None: signed in themselves; else the scopes of their token

    @property
    def ref(self) -> str:
        """Name this actor in facts: never by name, always by number."""
        if self.kind == "person":
            return f"people.person:{self.person_id}" if self.person_id else f"people.user:{self.user_id}"
        if self.kind == "device":
            return f"sensing.device:{self.device_id}"
        if self.kind == "system":
            return f"system:{self.system}"
        return self.kind

    @property
    def is_signed_in(self) -> bool:
        return self.kind == "person"

    @property
    def is_clock(self) -> bool:
        return self.kind == "clock"

    @property
    def organ_ids(self) -> frozenset[int]:
        return frozenset(duty.organ_id for duty in self.duties)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(duty.role for duty in self.duties)

    def can(self, *wanted: str, organ_id: int | None = None) -> bool:
        """Return whether a post of the actor allows one of these abilities (in that organ, if one is named)."""
        return any((organ_id is None or duty.organ_id == organ_id) and duty.can(*wanted) for duty in self.duties)

    def can_in(self, area_path: str, *wanted: str) -> bool:
        """Return whether a post that covers the area with this path allows one of these abilities."""
        return any(duty.covers(area_path) and duty.can(*wanted) for duty in self.duties)

    @property
    def critical(self) -> frozenset[str]:
        """Return the critical abilities of the actor's posts."""
        return frozenset(code for code in abilities.critical() if self.can(code))

    def serves_as(self, *roles: str, organ_id: int | None = None) -> bool:
        """Return whether the actor holds one of the roles (in that organ, if one is named)."""
        return any(duty.role in roles and (organ_id is None or duty.organ_id == organ_id) for duty in self.duties)

    def serves_in(self, organ_id: int | None) -> bool:
        """Return whether the actor holds any post in the organ."""
        return organ_id is not None and organ_id in self.organ_ids

    def covers(self, area_path: str, *roles: str) -> bool:
        """Return whether a post of one of the roles covers the area with this path."""
        return any(duty.role in roles and duty.covers(area_path) for duty in self.duties)

    def with_cases(self, case_ids: Iterable[int], party_ids: Iterable[int] = ()) -> "Actor":
        """Return this actor with the cases that a follow code opened, and as which of their parties."""
        return replace(self, case_ids=self.case_ids | frozenset(case_ids), party_ids=self.party_ids | frozenset(party_ids))


CLOCK = Actor(kind="clock")
ANYONE = Actor(kind="anyone")


def system(name: str) -> Actor:
    """Return the actor for another program: an importer, a gateway, a superior's system."""
    return Actor(kind="system", system=name)
