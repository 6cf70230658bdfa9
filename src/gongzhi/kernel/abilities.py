"""Abilities 权限: what a post allows its holder, by name; a role is a set of them.

Rules ask abilities and never names of roles, so a town may give a role more or less without a rule being touched. A module
declares its own in a file `abilities.py` beside its rules, found at start like `doors` and `kinds`:

    # cases/abilities.py
    from gongzhi.kernel.abilities import Ability, declare

    declare(Ability("may_dispatch", _("Assign cases to units and close them"), roles=("dispatcher",), never=("auditor",)))

and its rules ask `actor.can("may_dispatch")`, `actor.can("may_handle", organ_id=7)`, or `actor.can_in(case.area_path, "may_dispatch")`.

`roles` are those that have the ability as the product is shipped; what a town has changed is kept by `foundation.organs`.
`never` are roles that no town may give it to: who checks does not handle, who audits does not act. `is_critical`: through it
somebody could give themselves everything else, so giving it away takes two people. Roles of people who do not serve the town
(`OUTSIDE`) have what they are shipped with and nothing else.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

OUTSIDE = frozenset({"resident", "enterprise_contact"})


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that a post may allow. `title` says what it is, as a committee member reads it."""

    code: str
    title: Any
    roles: tuple[str, ...] = ()
    is_critical: bool = False
    never: tuple[str, ...] = ()

    def is_open_to(self, role: str) -> bool:
        """Return whether a town may give the ability to a role at all."""
        return role in self.roles or (role not in self.never and role not in OUTSIDE)


class DeclaredTwice(ValueError):
    """Two modules named an ability alike."""


_known: dict[str, Ability] = {}


def declare(*abilities: Ability) -> None:
    """Make abilities known; raises DeclaredTwice."""
    for ability in abilities:
        known = _known.get(ability.code)
        if known is not None and (known.roles, known.is_critical, known.never) != (ability.roles, ability.is_critical, ability.never):
            raise DeclaredTwice(ability.code)
        _known[ability.code] = ability
    _by_role.cache_clear()
    critical.cache_clear()


def known() -> dict[str, Ability]:
    """Return every declared ability by its code, in the order of the modules."""
    return dict(_known)


@cache
def _by_role() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for ability in _known.values():
        for role in ability.roles:
            found[role].add(ability.code)
    return {role: frozenset(codes) for role, codes in found.items()}


def shipped(role: str) -> frozenset[str]:
    """Return the abilities of a role as the product is shipped."""
    return _by_role().get(role, frozenset())


@cache
def critical() -> frozenset[str]:
    """Return the abilities that two people give away together."""
    return frozenset(code for code, ability in _known.items() if ability.is_critical)
