"""The rule that most cities use: projects by votes, the most voted first, as far as the money goes. Pure, exact.

`skip`: a project that does not fit is passed over and the next is tried; without, the first that does not fit ends the count (Gdynia).
`threshold`: what has less is not funded. Equal votes: the order that the caller gives (a file's), and the tie is named where it decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

FUNDED, TOO_DEAR, BELOW, ENDED, WITHDRAWN = "funded", "too dear", "below threshold", "after the end", "withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What became of a project: with which votes, and how much money was left when it came up."""

    project: str
    votes: Fraction
    cost: Fraction
    left: Fraction
    what: str


@dataclass(frozen=True, kw_only=True)
class Greedy:
    """The outcome: decisions in the order in which projects came up, and ties that decided something."""

    decisions: tuple[Decision, ...]
    ties: tuple[tuple[str, ...], ...]

    @property
    def winners(self) -> tuple[str, ...]:
        return tuple(decision.project for decision in self.decisions if decision.what == FUNDED)


def count(
    costs: Mapping[str, Fraction], votes: Mapping[str, Fraction], budget: Fraction, *, threshold: Fraction = Fraction(0), skip: bool = True,
    withdrawn: frozenset[str] = frozenset(),
) -> Greedy:  # fmt: skip
    """Fund by votes; `costs` is in the order that parts equal votes."""
    ranking = sorted(costs, key=lambda project: -votes.get(project, Fraction(0)))
    left = budget
    ended = False
    decisions = []
    for project in ranking:
        cost, has = costs[project], votes.get(project, Fraction(0))
        if project in withdrawn:
            what = WITHDRAWN
        elif has < threshold:
            what = BELOW
        elif ended:
            what = ENDED
        elif cost > left:
            what = TOO_DEAR
            ended = not skip
        else:
            what = FUNDED
        decisions.append(Decision(project=project, votes=has, cost=cost, left=left, what=what))
        if what == FUNDED:
            left -= cost
    return Greedy(decisions=tuple(decisions), ties=_ties(decisions))


def _ties(decisions: Sequence[Decision]) -> tuple[tuple[str, ...], ...]:
    """Return the projects with equal votes of which some were funded and some not for want of money."""
    groups: dict[Fraction, list[Decision]] = {}
    for decision in decisions:
        if decision.what in (FUNDED, TOO_DEAR, ENDED):
            groups.setdefault(decision.votes, []).append(decision)
    return tuple(
        tuple(decision.project for decision in group) for group in groups.values() if {FUNDED} < {decision.what for decision in group}
    )
