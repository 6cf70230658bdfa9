"""The single transferable vote: Droop quota, weighted inclusive Gregory, one surplus or exclusion at a time. Pure.

With `places=5` this is the rule of the Scottish council elections (SSI 2007/42, schedule 1, rules 45 to 52, kept in SSI 2011/399): every transfer
value is cut to five decimals, what is lost by that stays untransferred. With `places=None` the same is done in exact fractions.

Ties look back to the most recent stage at which the tied had unequal votes (rules 49(2), 51(2)(a)); where there is none, a lot decides: the one that
people drew and gave (`lots`), else the order of the list, and the tie says so. A place at which a voter put several candidates, or nobody, ends the
ballot there: what comes after it is no clear next preference.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gongzhi.autonomy_line.elections.contests import Contest, Count, Round, Step, Tie, by_earlier_rounds, cut, step

EXHAUSTED = "exhausted"
LOST = "lost to rounding"
Paper = tuple[Fraction, tuple[str, ...], int]  # value of one paper, its clear preferences, where on it the count stands


@dataclass(kw_only=True)
class _Stage:
    elected: list[str] = field(default_factory=list)
    eliminated: list[str] = field(default_factory=list)
    transfers: dict[str, dict[str, Fraction]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


class _Table:
    """The counting table: who holds which papers, who is in, who is out."""

    def __init__(self, contest: Contest, places: int | None) -> None:
        self.contest = contest
        self.places = places
        self.standing = contest.standing
        self.order = {name: at for at, name in enumerate(self.standing)}
        self.continuing = list(self.standing)
        self.elected: list[str] = []
        self.awaiting: list[str] = []  # elected with a surplus that is still theirs
        self.piles: dict[str, list[tuple[Paper, Fraction]]] = {name: [] for name in self.standing}
        self.votes: dict[str, Fraction] = {name: Fraction(0) for name in self.standing}
        self.exhausted = Fraction(0)
        self.lost = Fraction(0)
        self.history: list[dict[str, Fraction]] = []
        self.rounds: list[Round] = []
        self.ties: list[Tie] = []
        self.quota = Fraction(0)
        self.stage = _Stage()

    def place(self, paper: Paper, papers: Fraction, giver: str | None) -> None:
        """Put papers with the next continuing candidate they name, or aside."""
        value, prefs, at = paper
        while at < len(prefs) and prefs[at] not in self.reachable:
            at += 1
        amount = value * papers
        if at == len(prefs):
            self.exhausted += amount
            to = EXHAUSTED
        else:
            to = prefs[at]
            self.piles[to].append(((value, prefs, at), papers))
            self.votes[to] += amount
        if giver is not None and amount:
            sent = self.stage.transfers.setdefault(giver, {})
            sent[to] = sent.get(to, Fraction(0)) + amount

    def parted(self, tied: Sequence[str], *, highest: bool, about: str) -> str:
        """Return the one of the tied whom earlier stages, else the lot, name; the tie is kept by name."""
        left = by_earlier_rounds(tied, self.history, highest=highest)
        if len(left) == 1:
            chosen, how = left[0], "votes"
        else:
            lots = [name for name in self.contest.lots if name in left]
            how = "lot" if len(lots) == len(left) else "order"
            ranking = lots if how == "lot" else sorted(left, key=self.order.__getitem__)
            chosen = ranking[0] if highest else ranking[-1]
        self.ties.append(Tie(round=len(self.rounds) + 1, between=tuple(tied), about=about, settled_by=how, for_=chosen))
        self.stage.steps.append(step("tie", between=tuple(tied), chosen=chosen, how=how, about=about))
        return chosen

    @property
    def reachable(self) -> set[str]:
        return self._reachable

    def settle(self) -> None:
        """Fix who can still receive papers."""
        self._reachable = set(self.continuing)

    def close(self) -> None:
        """End a stage: who reached the quota is elected, the highest first."""
        reached = [name for name in self.continuing if self.votes[name] >= self.quota]
        room = self.contest.seats - len(self.elected)
        reached.sort(key=lambda name: (-self.votes[name], self.order[name]))
        for name in reached[: max(room, 0)]:
            self.continuing.remove(name)
            self.elected.append(name)
            self.stage.elected.append(name)
            self.stage.steps.append(step("reached quota", name=name, votes=self.votes[name], quota=self.quota))
            if self.votes[name] > self.quota:
                self.awaiting.append(name)
        self.write()

    def write(self) -> None:
        tally = {name: self.votes[name] for name in self.standing}
        self.history.append(dict(tally))
        inactive = {EXHAUSTED: self.exhausted}
        if self.lost:
            inactive[LOST] = self.lost
        self.rounds.append(
            Round(
                number=len(self.rounds) + 1, tally=tally, needed=self.quota, elected=tuple(self.stage.elected), eliminated=tuple(self.stage.eliminated),
                transfers=self.stage.transfers, inactive=inactive, steps=tuple(self.stage.steps),
            )
        )  # fmt: skip
        self.stage = _Stage()

    def fill(self) -> None:
        """Elect all who are left, since there is a seat for each (rule 52); no more is transferred."""
        last = sorted(self.continuing, key=lambda name: (-self.votes[name], self.order[name]))
        number = len(self.rounds)
        for name in last:
            self.elected.append(name)
        self.continuing = []
        if last and number:
            before = self.rounds[-1]
            self.rounds[-1] = Round(
                number=before.number, tally=before.tally, needed=before.needed, elected=(*before.elected, *last), eliminated=before.eliminated,
                transfers=before.transfers, inactive=before.inactive, steps=(*before.steps, step("last seats", names=tuple(last))),
            )  # fmt: skip


def _clear(ranks: Sequence[Sequence[str]], standing: Mapping[str, int]) -> tuple[tuple[str, ...], bool]:
    """Return the preferences up to the first place that is not clear, and whether there was such a place."""
    prefs: list[str] = []
    for rank in ranks:
        if len(rank) != 1:
            return tuple(prefs), True
        if rank[0] in standing and rank[0] not in prefs:
            prefs.append(rank[0])
    return tuple(prefs), False


def count(contest: Contest, *, places: int | None = None) -> Count:
    """Count a contest by the single transferable vote."""
    table = _Table(contest, places)
    rule = "scottish" if places == 5 else "stv"
    papers: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    blank = unclear = Fraction(0)
    for ballot in contest.ballots:
        prefs, stopped = _clear(ballot.ranks, table.order)
        if not prefs:
            blank += ballot.weight
            continue
        if stopped:
            unclear += ballot.weight
        papers[prefs] += ballot.weight
    valid = sum(papers.values(), Fraction(0))
    table.quota = Fraction(valid // (contest.seats + 1) + 1)
    opening = [step("valid", cast=contest.cast, valid=valid, blank=blank), step("droop", valid=valid, seats=contest.seats, quota=table.quota)]
    if unclear:
        opening.append(step("unclear", ballots=unclear))
    table.settle()
    for prefs, weight in papers.items():
        table.place((Fraction(1), prefs, 0), weight, None)
    table.stage.steps.append(step("first preferences"))
    table.close()
    while len(table.elected) < contest.seats and table.continuing:
        if len(table.continuing) <= contest.seats - len(table.elected):
            table.fill()
            break
        if table.awaiting:
            _surplus(table)
        else:
            _exclude(table)
        table.close()
    return Count(
        rule=rule, seats=contest.seats, elected=tuple(table.elected), rounds=tuple(table.rounds), ties=tuple(table.ties), cast=contest.cast, valid=valid,
        blank=blank, open_seats=contest.seats - len(table.elected), steps=tuple(opening),
    )  # fmt: skip


def _surplus(table: _Table) -> None:
    """Transfer the largest surplus: each paper goes on at its value times surplus over votes, cut to the places of the rule."""
    most = max(table.votes[name] for name in table.awaiting)
    tied = [name for name in table.awaiting if table.votes[name] == most]
    giver = tied[0] if len(tied) == 1 else table.parted(tied, highest=True, about="transferred first")
    table.awaiting.remove(giver)
    total, surplus = table.votes[giver], table.votes[giver] - table.quota
    table.stage.steps.append(step("surplus", name=giver, surplus=surplus, votes=total, value=cut(surplus / total, table.places)))
    table.settle()
    pile, table.piles[giver] = table.piles[giver], []
    given = Fraction(0)
    for (value, prefs, at), papers in pile:
        fresh = cut(value * surplus / total, table.places)
        given += fresh * papers
        table.place((fresh, prefs, at + 1), papers, giver)
    table.votes[giver] = table.quota
    if given < surplus:
        table.lost += surplus - given
        table.stage.transfers.setdefault(giver, {})[LOST] = surplus - given


def _exclude(table: _Table) -> None:
    """Exclude who has fewest votes; the papers go on at the value they have."""
    fewest = min(table.votes[name] for name in table.continuing)
    tied = [name for name in table.continuing if table.votes[name] == fewest]
    leaving = tied[0] if len(tied) == 1 else table.parted(tied, highest=False, about="excluded")
    table.continuing.remove(leaving)
    table.stage.eliminated.append(leaving)
    table.stage.steps.append(step("excluded", name=leaving, votes=table.votes[leaving]))
    table.settle()
    pile, table.piles[leaving] = table.piles[leaving], []
    table.votes[leaving] = Fraction(0)
    for (value, prefs, at), papers in pile:
        table.place((value, prefs, at + 1), papers, leaving)
