"""Questions of whoever holds a follow code: what it opens, and as whom they act."""

from dataclasses import dataclass
from typing import Any

from gongzhi.cases import codes
from gongzhi.cases.queries.case import party_by_code
from gongzhi.cases.queries.story import parties
from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Follower:
    """Who holds a follow code: the case it opens, as whom they act, and as which party they rate."""

    case: Any
    actor: Actor
    party_id: int


def follow_by_code(*, seen_by: Actor, code: str, number: str = "") -> Follower | None:
    """Return what a follow code opens, or None; with `number` (of the case as people write it, or its slug) both must fit.

    A merged or referred case leads on to the one that goes on.
    """
    party = party_by_code(seen_by=seen_by, code_hashes=codes.digests(code))
    if party is None:
        return None
    case = party.case
    if number.strip():
        wanted = "".join(number.split())
        first = party.first_case
        if wanted not in {case.number, case.slug, *([first.number, first.slug] if first is not None else [])}:
            return None
    return Follower(case, follower(seen_by=seen_by, party=party), party.pk)


def follower(*, seen_by: Actor, party: Any) -> Actor:
    """Return as whom the holder of a follow code acts on the case that it opens: as the party that was given the code.

    Whoever asks: the party is whose code was entered.
    """
    return Actor(kind="follower", person_id=party.person_id, case_ids=frozenset({party.case_id}), party_ids=frozenset({party.pk}))


def party_of(*, seen_by: Actor, case: Any, party_id: int) -> Any:
    """Return the party of a case, or None."""
    return parties(seen_by=seen_by, case=case).filter(pk=party_id).first()
