"""Ranked ballots by the rules of a tabulator file (RCTab's configuration): instant run-off and its relatives for several winners. Pure.

A round counts every ballot for the highest ranked candidate who still stands; who reaches the threshold is elected, else somebody leaves. What the
rules may say is in `Regulation`; the meaning of each is that of the RCTab documentation (bestpractices of the Ranked Choice Voting Resource Center),
checked in the tests against a result that RCTab printed. Several winners pass their surplus on as a fraction of each ballot, cut to the decimals of
the rule.

Where candidates have equal votes and the rule asks for chance or for somebody's decision, the lot that was drawn (`lots`) decides, else the order of
the list; the tie is named either way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby

from gongzhi.autonomy_line.elections.contests import OVERVOTE, WRITE_INS, Contest, Count, Rank, Round, Step, Tie, by_earlier_rounds, cut, step
from gongzhi.autonomy_line.elections.draws import Draw

EXHAUSTED = "exhausted"
RESIDUAL = "residual surplus"
SKIP, EXHAUST, IF_CONTINUING = "alwaysSkipToNextRank", "exhaustImmediately", "exhaustIfMultipleContinuing"
SINGLE, ONE_A_ROUND, SEVERAL, BOTTOMS_UP, BOTTOMS_UP_SHARE, PASSES = (
    "singleWinnerMajority", "multiWinnerAllowOnlyOneWinnerPerRound", "multiWinnerAllowMultipleWinnersPerRound", "bottomsUp",
    "bottomsUpUsingPercentageThreshold", "multiPassIrv",
)  # fmt: skip
MODES = frozenset({SINGLE, ONE_A_ROUND, SEVERAL, BOTTOMS_UP, BOTTOMS_UP_SHARE, PASSES})
OVERVOTE_RULES = frozenset({SKIP, EXHAUST, IF_CONTINUING})
LOOKING_BACK = frozenset({"previousRoundCountsThenRandom", "previousRoundCountsThenAsk"})
TIEBREAKS = LOOKING_BACK | {"random", "stopCountingAndAsk", "useCandidateOrder", "generatePermutation"}
CHOICES, SKIPPED, OVERVOTES, REPEATED, FINAL = "exhaustedChoices", "skippedRankings", "overvotes", "repeatedRankings", "finalRoundSurplus"


@dataclass(frozen=True, kw_only=True)
class Regulation:
    """What a tabulator file may say; the defaults are plain instant run-off."""

    mode: str = SINGLE
    winners: int = 1
    overvotes: str = EXHAUST
    tiebreak: str = "previousRoundCountsThenAsk"
    places: int = 4
    least_votes: Fraction = Fraction(0)
    most_skipped: int | None = None
    most_ranks: int | None = None
    exact_threshold: bool = False
    first_round_threshold: bool = False
    hare: bool = False
    batch: bool = False
    until_two: bool = False
    last_round: int | None = None
    repeated_exhausts: bool = False
    seed: int | None = None  # of the lot, where ties are settled by chance
    cutoff: bool = False  # whoever is below the threshold leaves at once
    share: Fraction = Fraction(0)  # of the votes that all who remain must have, where the mode asks for it
    excluded: frozenset[str] = frozenset()

    @property
    def passes_surplus(self) -> bool:
        return self.winners > 1 and self.mode in (ONE_A_ROUND, SEVERAL)


@dataclass(slots=True)
class _Paper:
    weight: Fraction
    ranks: tuple[tuple[int, Rank], ...]  # number of the place, who stands at it; places left out are not among them
    value: Fraction = Fraction(1)
    holder: str | None = None
    spent: str = ""
    kept: dict[str, Fraction] = field(default_factory=dict)  # what stayed with each winner of one ballot


@dataclass(kw_only=True)
class _Tabulation:
    contest: Contest
    rules: Regulation
    out_before: frozenset[str]
    first: int  # number of the first round
    papers: list[_Paper]
    standing: tuple[str, ...]
    winner_round: dict[str, int] = field(default_factory=dict)
    out_round: dict[str, int] = field(default_factory=dict)
    tallies: list[dict[str, Fraction]] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    threshold: Fraction = Fraction(0)
    steps: list[Step] = field(default_factory=list)
    draw: Draw | None = None
    drawn: list[str] = field(default_factory=list)  # the order of everybody, where the rule draws one before the count

    def continues(self, name: str) -> bool:
        """Return whether ballots may still count for this candidate."""
        if name not in self._standing or name in self.out_round:
            return False
        return name not in self.winner_round or self.rules.until_two

    def run(self) -> None:
        self._standing = frozenset(self.standing)
        if self.rules.seed is not None:
            self.draw = Draw(self.rules.seed)
            if self.rules.tiebreak == "generatePermutation":
                self.drawn = self.draw.shuffled(sorted(set(self.contest.candidates) - {WRITE_INS}))
        while self._goes_on():
            self._round()

    def _goes_on(self) -> bool:
        rules, number = self.rules, len(self.rounds)
        if rules.last_round is not None and number >= rules.last_round:
            return False
        if number and len(self.winner_round) == len(self.standing) < rules.winners:
            return False
        if number and len(self.winner_round) + len(self.out_round) >= len(self.standing) and not rules.until_two:
            return rules.passes_surplus and number in self.winner_round.values()
        if rules.until_two:
            return len(self.out_round) + len(self.winner_round) + 1 < len(self.standing) or number in self.out_round.values()
        if rules.mode == BOTTOMS_UP_SHARE:
            return not self.winner_round
        return len(self.winner_round) < rules.winners or (rules.passes_surplus and number in self.winner_round.values())

    def _round(self) -> None:
        rules, number = self.rules, len(self.rounds) + 1
        self.steps = []
        moved: dict[str, dict[str, Fraction]] = {}
        tally, inactive = self._count(moved)
        active = sum(tally.values(), Fraction(0))
        if number == 1 or self._anew():
            self.threshold = self._needed(active)
            self.steps.append(step("threshold", active=active, needed=self.threshold))
        residual = self._winners_keep(tally, number)
        for name, amount in residual.items():
            moved.setdefault(name, {})[RESIDUAL] = amount
        if self.rounds and moved:
            before = self.rounds[-1]
            self.rounds[-1] = Round(
                number=before.number, tally=before.tally, needed=before.needed, elected=before.elected, eliminated=before.eliminated,
                transfers=moved, inactive=before.inactive, steps=before.steps,
            )  # fmt: skip
        open_ = {name: votes for name, votes in tally.items() if self.continues(name)}
        self.tallies.append(dict(open_))
        elected = self._elect(open_, number)
        eliminated: list[str] = []
        for name in elected:
            self.winner_round.setdefault(name, number)
            self.steps.append(step("elected", name=name, votes=tally[name], needed=self.threshold))
        if elected and rules.passes_surplus:
            self._pass_on(elected, tally)
        elif not elected and (
            len(self.winner_round) < rules.winners
            or (rules.until_two and len(self.out_round) < len(self.standing) - 2)
            or rules.mode == BOTTOMS_UP_SHARE
        ):
            eliminated = self._eliminate(open_, number)
            for name in eliminated:
                self.out_round[name] = number
        self.rounds.append(
            Round(
                number=number + self.first - 1, tally=tally, needed=self.threshold, elected=tuple(elected), eliminated=tuple(eliminated), inactive=inactive,
                steps=tuple(self.steps),
            )
        )  # fmt: skip

    def _anew(self) -> bool:
        if self.rules.winners > 1 or self.rules.first_round_threshold:
            return False
        return not self.winner_round if self.rules.until_two else True

    def _needed(self, active: Fraction) -> Fraction:
        rules = self.rules
        if rules.mode == BOTTOMS_UP_SHARE:
            return active * rules.share
        parts = rules.winners if rules.hare else rules.winners + 1
        grain = Fraction(1, 10**rules.places) if rules.exact_threshold else Fraction(1)
        exact = active / parts / grain
        if rules.hare:
            return -(-exact.numerator // exact.denominator) * grain
        return (exact.numerator // exact.denominator + 1) * grain

    def _count(self, moved: dict[str, dict[str, Fraction]]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """Count each ballot for whom it now names; return what each has and what counts for nobody, by the reason."""
        tally = {name: Fraction(0) for name in self.standing if self.continues(name)}
        inactive = {CHOICES: Fraction(0), OVERVOTES: Fraction(0), REPEATED: Fraction(0), SKIPPED: Fraction(0)}
        done = self.rules.passes_surplus and len(self.winner_round) >= self.rules.winners
        for paper in self.papers:
            worth = paper.weight * paper.value
            if paper.spent:
                inactive[paper.spent] = inactive.get(paper.spent, Fraction(0)) + worth
                continue
            if paper.holder is not None and self.continues(paper.holder):
                tally[paper.holder] += worth
                continue
            before = paper.holder
            paper.holder, paper.spent = (None, FINAL) if done else self._next(paper)
            if before is not None and worth:
                to = paper.holder or EXHAUSTED
                sent = moved.setdefault(before, {})
                sent[to] = sent.get(to, Fraction(0)) + worth
            if paper.holder is not None:
                tally[paper.holder] += worth
            else:
                inactive[paper.spent] = inactive.get(paper.spent, Fraction(0)) + worth
        return tally, inactive

    def _next(self, paper: _Paper) -> tuple[str | None, str]:
        """Return whom a ballot counts for now, or nobody and why."""
        rules = self.rules
        last = 0
        seen: set[str] = set()
        for place, rank in paper.ranks:
            if rules.most_skipped is not None and place - last > rules.most_skipped + 1:
                return None, SKIPPED
            last = place
            if rules.repeated_exhausts:
                if seen & set(rank):
                    return None, REPEATED
                seen |= set(rank)
            if rank == (OVERVOTE,) or len(rank) > 1:
                if rules.overvotes == EXHAUST:
                    return None, OVERVOTES
                if rules.overvotes == SKIP or rank == (OVERVOTE,):
                    continue
                if sum(map(self.continues, rank)) > 1:
                    return None, OVERVOTES
            for name in rank:
                if self.continues(name):
                    return name, ""
        return None, CHOICES

    def _winners_keep(self, tally: dict[str, Fraction], number: int) -> dict[str, Fraction]:
        """Show what stayed with those who were elected in earlier rounds; return what went beyond the threshold by rounding."""
        if self.rules.winners < 2 or self.rules.until_two:
            return {}
        residual = {}
        for name, when in self.winner_round.items():
            if when == number - 1 and self.rules.passes_surplus:
                kept = sum((paper.weight * paper.kept.get(name, Fraction(0)) for paper in self.papers), Fraction(0))
                if kept > self.threshold:
                    residual[name] = kept - self.threshold
                    kept = self.threshold
                tally[name] = kept
            elif when < number:
                tally[name] = self.rounds[-1].tally[name]
        return residual

    def _elect(self, open_: Mapping[str, Fraction], number: int) -> list[str]:
        rules = self.rules
        if open_.get(WRITE_INS):  # undeclared write-ins leave before anybody is elected
            return []
        if rules.mode == BOTTOMS_UP_SHARE:
            return list(open_) if open_ and all(votes >= self.threshold for votes in open_.values()) else []
        free = rules.winners - len(self.winner_round)
        if free <= 0 or not open_:
            return []
        most = max(open_.values())
        found: list[str] = []
        if len(open_) <= free:
            return sorted(open_, key=lambda name: -open_[name])
        if rules.first_round_threshold and len(open_) - 1 == rules.winners:
            found = [name for name in open_ if open_[name] == most]
        elif rules.mode != BOTTOMS_UP:
            found = [name for name in open_ if open_[name] >= self.threshold]
        if (len(found) > 1 and (rules.mode == ONE_A_ROUND or rules.first_round_threshold)) or (
            rules.winners == 1 and not found and len(open_) == 2
        ):
            best = [name for name in open_ if open_[name] == most]
            found = best if len(best) == 1 else [self._parted(best, number, highest=True)]
        return sorted(found, key=lambda name: -open_[name])

    def _pass_on(self, elected: list[str], tally: Mapping[str, Fraction]) -> None:
        for name in elected:
            surplus = tally[name] - self.threshold
            part = cut(surplus / tally[name], self.rules.places) if surplus > 0 else Fraction(0)
            if surplus > 0:
                self.steps.append(step("surplus", name=name, surplus=surplus, votes=tally[name], value=part))
            for paper in self.papers:
                if paper.holder == name and not paper.spent:
                    goes = cut(paper.value * part, self.rules.places)
                    paper.kept[name] = paper.value - goes
                    paper.value = goes

    def _eliminate(self, open_: Mapping[str, Fraction], number: int) -> list[str]:
        rules = self.rules
        if open_.get(WRITE_INS):
            self.steps.append(step("write-ins", votes=open_[WRITE_INS]))
            return [WRITE_INS]
        if rules.least_votes:
            below = [name for name, votes in open_.items() if votes < rules.least_votes]
            if below:
                self.steps.append(step("below least", names=tuple(below), least=rules.least_votes))
                return below
        if rules.cutoff:
            below = [name for name, votes in open_.items() if votes < self.threshold]
            if below:
                self.steps.append(step("below least", names=tuple(below), least=self.threshold))
                return below
        if rules.batch:
            batch = self._batch(open_)
            if len(batch) > 1:
                rest = min(votes for name, votes in open_.items() if name not in batch)
                together = sum((open_[name] for name in batch), Fraction(0))
                self.steps.append(step("batch", names=tuple(batch), together=together, next=rest))
                return batch
        fewest = min(open_.values())
        last = [name for name in open_ if open_[name] == fewest]
        leaving = last[0] if len(last) == 1 else self._parted(last, number, highest=False)
        self.steps.append(step("excluded", name=leaving, votes=fewest))
        return [leaving]

    def _batch(self, open_: Mapping[str, Fraction]) -> list[str]:
        """Return everybody who cannot catch up even with all votes of those below: as many as possible at once."""
        running = Fraction(0)
        seen: list[str] = []
        found: list[str] = []
        before: list[str] = []
        for votes, group in groupby(sorted(open_, key=lambda name: open_[name]), key=lambda name: open_[name]):
            if seen and running < votes and len(seen) > len(found) and len(open_) - len(seen) >= self.rules.winners - len(self.winner_round):
                before, found = found, list(seen)
            names = list(group)
            seen += names
            running += votes * len(names)
        if self.rules.until_two and len(found) + len(self.out_round) == len(self.standing) - 1:
            found = before
        return [name for name in open_ if name in found]

    def _parted(self, tied: list[str], number: int, *, highest: bool) -> str:
        left = tuple(tied)
        how = ""
        if self.rules.tiebreak in LOOKING_BACK:
            left = by_earlier_rounds(tied, self.tallies[:-1], highest=highest)
            how = "votes"
        if len(left) > 1:
            left, how = self._by_lot(left, highest=highest)
        about = "elected" if highest else "excluded"
        self.ties.append(Tie(round=number + self.first - 1, between=tuple(tied), about=about, settled_by=how, for_=left[0]))
        self.steps.append(step("tie", between=tuple(tied), chosen=left[0], how=how, about=about))
        return left[0]

    def _by_lot(self, left: tuple[str, ...], *, highest: bool) -> tuple[tuple[str, ...], str]:
        """Return the one whom the lot names, and whose lot it was: people's, the seed's, the order that the rule names, or nobody's yet."""
        lots = [name for name in self.contest.lots if name in left]
        if len(lots) == len(left):
            return (lots[0] if highest else lots[-1],), "lot"
        by_seed = self.draw is not None and self.rules.tiebreak in ("random", "previousRoundCountsThenRandom")
        if by_seed and self.draw is not None:
            return (sorted(left)[self.draw.place(len(left))],), "seed"
        ranking = [name for name in self.drawn or self.contest.candidates if name in left]
        how = "seed" if self.drawn else "rule" if self.rules.tiebreak == "useCandidateOrder" else "order"
        return (ranking[0] if highest else ranking[-1],), how


def count(contest: Contest, rules: Regulation) -> Count:
    """Count ranked ballots by such rules."""
    excluded = rules.excluded | contest.withdrawn
    blank = Fraction(0)
    kept: list[tuple[Fraction, tuple[tuple[int, Rank], ...]]] = []
    for ballot in contest.ballots:
        most = rules.most_ranks or len(ballot.ranks)
        ranks = tuple((place, rank) for place, rank in enumerate(ballot.ranks[:most], start=1) if rank)
        if ranks:
            kept.append((ballot.weight, ranks))
        else:
            blank += ballot.weight
    rounds: list[Round] = []
    ties: list[Tie] = []
    elected: list[str] = []
    each = Regulation(**{**{name: getattr(rules, name) for name in Regulation.__dataclass_fields__}, "winners": 1, "mode": SINGLE})
    passes = rules.winners if rules.mode == PASSES else 1
    for _pass in range(passes):
        standing = tuple(name for name in contest.candidates if name not in excluded and name not in elected)
        if not standing:
            break
        table = _Tabulation(
            contest=contest, rules=each if rules.mode == PASSES else rules, out_before=excluded, first=len(rounds) + 1, standing=standing,
            papers=[_Paper(weight, ranks) for weight, ranks in kept],
        )  # fmt: skip
        table.run()
        rounds += table.rounds
        ties += table.ties
        elected += sorted(table.winner_round, key=lambda name: table.winner_round[name])
    valid = contest.cast - blank
    opening = (step("valid", cast=contest.cast, valid=valid, blank=blank),)
    seats = len(elected) if rules.mode == BOTTOMS_UP_SHARE else rules.winners
    return Count(
        rule="runoff", seats=seats, elected=tuple(elected), rounds=tuple(rounds), ties=tuple(ties), cast=contest.cast, valid=valid, blank=blank,
        open_seats=max(0, seats - len(elected)), steps=opening,
    )  # fmt: skip
