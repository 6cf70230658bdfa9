"""Votes by crosses: several seats at once with the double majority 双过半, the second round 另行选举, one seat by majority, approval. Pure.

Source: 村民委员会组织法 art. 15 and 浙江省村民委员会选举办法 (2020), as `standards.md` §7.1 has them; numbers are arguments, so that a town's own rule
can say others. 过半数 leaves exactly one half out; 三分之一以上 takes exactly one third in.

- The vote counts if more than half of those on the roll took part, and if no more ballots are found than people took part.
- A ballot with more names than seats (or than the rule allows) is void; it still counts as somebody who took part.
- Elected is who has more than half of the votes of those who took part; of too many, those with most. Equal at the edge: voted again among them.
- Too few: the best of the others stand again, one more than seats are open (all who are equal at the edge); then most votes win, with at least a third.
- Of near relatives who are both elected the higher post stays, else more votes, else it is voted; the next with enough votes takes the seat.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gongzhi.autonomy_line.elections.contests import OVERVOTE, Contest, Count, Round, Step, Tie, step

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
AGAIN = "vote again"


@dataclass(frozen=True, kw_only=True)
class Crosses:
    """What a pile of ballots says: votes of each, and how many ballots are valid, void, blank."""

    votes: Mapping[str, Fraction]
    valid: Fraction
    void: Fraction
    blank: Fraction


def crosses(contest: Contest, most: int) -> Crosses:
    """Count crosses; a ballot with more than `most` names, or with a name that does not stand, is void."""
    votes = {name: Fraction(0) for name in contest.standing}
    valid = void = blank = Fraction(0)
    for ballot in contest.ballots:
        chosen = ballot.chosen
        if not chosen:
            blank += ballot.weight
        elif len(chosen) > most or OVERVOTE in chosen or any(name not in votes for name in chosen):
            void += ballot.weight
        else:
            valid += ballot.weight
            for name in chosen:
                votes[name] += ballot.weight
    return Crosses(votes=votes, valid=valid, void=void, blank=blank)


@dataclass(kw_only=True)
class _Filling:
    """Who gets the seats, by votes, without near relatives side by side."""

    contest: Contest
    seats: int
    votes: Mapping[str, Fraction]
    relatives: frozenset[frozenset[str]]
    posts: Mapping[str, int]
    seated: tuple[str, ...]
    steps: list[Step] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    barred: set[str] = field(default_factory=set)

    def related(self, one: str, other: str) -> bool:
        return frozenset((one, other)) in self.relatives

    def fill(self, enough: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
        """Return who is elected and who must be voted on again because votes do not part them."""
        left = sorted(enough, key=lambda name: (-self.votes[name], self.contest.candidates.index(name)))
        elected: list[str] = []
        while left and len(elected) < self.seats:
            level = [name for name in left if self.votes[name] == self.votes[left[0]]]
            if kept_out := [name for name in level if self._bars(name, elected)]:
                left = [name for name in left if name not in kept_out]
                continue
            free = self.seats - len(elected)
            equal = next(((one, other) for at, one in enumerate(level) for other in level[at + 1 :] if self.related(one, other)), None)
            if equal is not None:
                out = self._of_two(*equal)
                if out is None:
                    return elected, equal
                left.remove(out)
                continue
            if len(level) > free:
                drawn = [name for name in self.contest.lots if name in level]
                if len(drawn) < len(level):
                    self._tie(level, "elected", AGAIN, "")
                    return elected, tuple(level)
                self._tie(level, "elected", "lot", ", ".join(drawn[:free]))
                level = drawn[:free]
            elected += level
            left = [name for name in left if name not in level]
        return elected, ()

    def _bars(self, name: str, elected: list[str]) -> bool:
        """Return whether a relative with more votes or a higher post bars this one; a lower relative gives way instead."""
        for other in (*self.seated, *elected):
            if not self.related(name, other):
                continue
            mine, theirs = self.posts.get(name, 0), self.posts.get(other, 0)
            if other in elected and mine and theirs and mine < theirs:
                elected.remove(other)
                self.barred.add(other)
                self.steps.append(step("relative", stays=name, leaves=other, why="post"))
                continue
            self.barred.add(name)
            self.steps.append(step("relative", stays=other, leaves=name, why="post" if mine and theirs and mine > theirs else "votes"))
            return True
        return False

    def _of_two(self, one: str, other: str) -> str | None:
        """Return who of two relatives with equal votes gives way: the lower post, the later of the lot; None where it must be voted."""
        mine, theirs = self.posts.get(one, 0), self.posts.get(other, 0)
        if mine and theirs and mine != theirs:
            out = one if mine > theirs else other
            why = "post"
        else:
            drawn = [name for name in self.contest.lots if name in (one, other)]
            if len(drawn) < 2:
                self._tie((one, other), "relatives", AGAIN, "")
                return None
            self._tie((one, other), "relatives", "lot", drawn[0])
            out, why = drawn[1], "lot"
        self.barred.add(out)
        self.steps.append(step("relative", stays=other if out == one else one, leaves=out, why=why))
        return out

    def _tie(self, between: Iterable[str], about: str, how: str, for_: str) -> None:
        tied = tuple(between)
        self.ties.append(Tie(round=1, between=tied, about=about, settled_by=how, for_=for_))
        self.steps.append(step("tie", between=tied, chosen=for_, how=how, about=about))


def count(
    contest: Contest, *, registered: int | None = None, took_part: int | None = None, most: int | None = None, share: Fraction = HALF, reaches: bool = False,
    relatives: Iterable[tuple[str, str]] = (), posts: Mapping[str, int] | None = None, seated: Sequence[str] = (), second: bool = False,
) -> Count:  # fmt: skip
    """Count one round of crosses.

    `registered`: voters on the roll; None where the roll is not at hand (its half is then not asked). `took_part`: people who voted; default the ballots
    found. `share` of those who took part is needed, more than it, or with `reaches` at least it. `seated`: elected in an earlier round. `second`: this is
    the second round, after which no other follows by itself.
    """
    allowed = contest.seats if most is None else most
    found = crosses(contest, allowed)
    base = contest.cast if took_part is None else Fraction(took_part)
    needed = base * share
    rule = "second-round" if second else "block" if contest.seats > 1 else "majority"
    opening = [step("crosses", cast=contest.cast, valid=found.valid, void=found.void, blank=found.blank, most=allowed)]

    def told(elected: Sequence[str] = (), steps: Sequence[Step] = (), ties: Sequence[Tie] = (), again: Sequence[str] = ()) -> Count:
        tally = dict(sorted(found.votes.items(), key=lambda item: -item[1]))
        one = Round(number=1, tally=tally, needed=needed, elected=tuple(elected), steps=tuple(steps))
        return Count(
            rule=rule, seats=contest.seats, elected=tuple(elected), rounds=(one,), ties=tuple(ties), cast=contest.cast, valid=found.valid, void=found.void,
            blank=found.blank, open_seats=contest.seats - len(elected), second_round=tuple(again), steps=tuple(opening),
        )  # fmt: skip

    if contest.cast > base:
        opening.append(step("too many ballots", cast=contest.cast, took_part=base))
        return told()
    if registered is not None and not second:
        enough_came = base > Fraction(registered) * HALF
        opening.append(step("half of the roll", registered=Fraction(registered), took_part=base, reached=enough_came))
        if not enough_came:
            return told()
    opening.append(step("at least" if reaches else "more than", took_part=base, share=share, needed=needed))
    have = [name for name, votes in found.votes.items() if (votes >= needed if reaches else votes > needed) and votes > 0]
    filling = _Filling(
        contest=contest, seats=contest.seats, votes=found.votes, relatives=frozenset(frozenset(pair) for pair in relatives), posts=posts or {},
        seated=tuple(seated),
    )  # fmt: skip
    elected, again = filling.fill(have)
    steps = [step("elected", name=name, votes=found.votes[name], needed=needed) for name in elected]
    if over := [name for name in have if name not in elected and name not in again and name not in filling.barred]:
        steps.append(step("enough but no seat", names=tuple(over)))
    steps += filling.steps
    free = contest.seats - len(elected)
    if free and not again and not second:
        again = _best_losers(contest, found.votes, free, {*elected, *filling.barred})
        if again:
            steps.append(step("second round", seats=free, names=again))
    elif free and second and len(elected) + len(seated) >= 3:
        steps.append(step("may stay vacant", seats=free, elected=len(elected) + len(seated)))
    return told(elected, steps, filling.ties, again)


def _best_losers(contest: Contest, votes: Mapping[str, Fraction], free: int, out: set[str]) -> tuple[str, ...]:
    """Return who stands in the second round: one more than seats are open, by votes; all who are equal to the last of them."""
    others = sorted((name for name in contest.standing if name not in out), key=lambda name: (-votes[name], contest.candidates.index(name)))
    if len(others) <= free + 1:
        return tuple(others)
    edge = votes[others[free]]
    return tuple(name for name in others if votes[name] >= edge)


def second_round(contest: Contest, *, took_part: int | None = None, seated: Sequence[str] = (), relatives: Iterable[tuple[str, str]] = (),
                 posts: Mapping[str, int] | None = None) -> Count:  # fmt: skip
    """Count the second round: most votes win, with at least a third of those who took part."""
    return count(contest, took_part=took_part, share=THIRD, reaches=True, seated=seated, relatives=relatives, posts=posts, second=True)


def approval(contest: Contest) -> Count:
    """Count approvals: any number of names on a ballot, most approvals win. Equal at the edge: the lot that was drawn, else the order of the list, named."""
    found = crosses(contest, len(contest.candidates))
    order = {name: at for at, name in enumerate(contest.candidates)}
    ranking = sorted(contest.standing, key=lambda name: (-found.votes[name], order[name]))
    ties: list[Tie] = []
    steps: list[Step] = []
    if contest.seats < len(ranking):
        edge = found.votes[ranking[contest.seats - 1]]
        level = [name for name in ranking if found.votes[name] == edge]
        sure = [name for name in ranking if found.votes[name] > edge]
        if len(sure) + len(level) > contest.seats:
            lots = [name for name in contest.lots if name in level]
            how = "lot" if len(lots) == len(level) else "order"
            chosen = (lots if how == "lot" else level)[: contest.seats - len(sure)]
            ties.append(Tie(round=1, between=tuple(level), about="elected", settled_by=how, for_=", ".join(chosen)))
            steps.append(step("tie", between=tuple(level), chosen=", ".join(chosen), how=how, about="elected"))
            ranking = sure + chosen
    elected = ranking[: contest.seats]
    steps = [*(step("elected", name=name, votes=found.votes[name], needed=None) for name in elected), *steps]
    tally = dict(sorted(found.votes.items(), key=lambda item: -item[1]))
    return Count(
        rule="approval", seats=contest.seats, elected=tuple(elected), rounds=(Round(number=1, tally=tally, elected=tuple(elected), steps=tuple(steps)),),
        ties=tuple(ties), cast=contest.cast, valid=found.valid, void=found.void, blank=found.blank, open_seats=contest.seats - len(elected),
        steps=(step("crosses", cast=contest.cast, valid=found.valid, void=found.void, blank=found.blank, most=len(contest.candidates)),),
    )  # fmt: skip
