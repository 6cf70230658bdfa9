"""The Method of Equal Shares (Peters, Skowron 2020; Peters, Pierczyński, Skowron 2021), exact. Pure.

Everybody who votes gets the same share of the budget. A project is funded when those who voted for it can pay for it together; always the one is next
that asks least for what it gives. A supporter pays, for what the project is worth to them, the same price as every other, or what they have left.

Worth to a voter: `COST` (one yuan of a project that one wants is worth one, the measure that cities use), `ONE` (each project is worth one) or the
points of the ballot. Equal prices: the cheaper project, then more supporters, then the order of the list; the tie is named.

Completion, since a share that buys nothing is left over: `add1` raises everybody's share by one unit of money as long as what is then funded fits into
the real budget (the first raise that goes beyond ends it); `exhaustive` stops also when nothing more fits, and passes over raises that go beyond;
`add1u` fills up with what has most votes and still fits.

Balances are whole numbers over one common denominator, which grows with the purchases: the same as fractions, without a greatest common divisor for
each payment. A price can only rise while the count goes on, so the prices of earlier rounds are lower bounds and few projects are priced anew.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd

COST, ONE, POINTS = "cost", "one", "points"


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """A project that was funded: for which price, who paid how much (per voter of a group), and what the fullest of them had to pay."""

    project: str
    cost: Fraction
    price: Fraction  # per unit of worth
    most: Fraction  # what those pay who can pay the full price; with points: for one point
    supporters: int
    paying_all_they_had: int
    tied: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shares:
    """The outcome at one budget."""

    share: Fraction  # of each voter, at the end
    purchases: tuple[Purchase, ...]
    left: Mapping[str, Fraction]  # project that was not funded → money that its supporters still had together
    filled: tuple[str, ...] = ()  # funded by the completion `add1u`
    raises: int = 0

    @property
    def winners(self) -> tuple[str, ...]:
        return (*(purchase.project for purchase in self.purchases), *self.filled)


@dataclass(kw_only=True)
class Voting:
    """Voters in groups that vote alike, and who supports what."""

    sizes: list[int]
    costs: dict[str, Fraction]
    supporters: dict[str, list[tuple[int, Fraction]]]  # project → (group, worth to each)
    even: dict[str, Fraction | None] = field(default_factory=dict)  # project → its worth, where it is the same to all

    def __post_init__(self) -> None:
        for project, backers in self.supporters.items():
            first = backers[0][1] if backers else Fraction(1)
            self.even[project] = first if all(worth is first or worth == first for _group, worth in backers) else None

    @property
    def voters(self) -> int:
        return sum(self.sizes)

    def backing(self, project: str) -> int:
        """How many voters support a project."""
        return sum(self.sizes[group] for group, _worth in self.supporters[project])


def voting(costs: Mapping[str, Fraction], ballots: Sequence[tuple[Fraction, Sequence[tuple[str, Fraction]]]], *, worth: str = COST) -> Voting:
    """Return voters in groups. A ballot that names nothing has its share too."""
    sizes: list[int] = []
    supporters: dict[str, list[tuple[int, Fraction]]] = {project: [] for project in costs}
    for weight, points in ballots:
        if weight.denominator != 1:
            raise ValueError("equal shares are for whole voters")
        group = len(sizes)
        sizes.append(int(weight))
        for project, given in points:
            value = {COST: costs[project], ONE: Fraction(1)}.get(worth, given)
            if value > 0:
                supporters[project].append((group, value))
    return Voting(sizes=sizes, costs=dict(costs), supporters=supporters)


class _Run:
    """One run at one share."""

    def __init__(self, voting: Voting, share: Fraction) -> None:
        self.voting = voting
        self.unit = share.denominator  # balances are whole numbers over it
        self.balance = [share.numerator] * len(voting.sizes)
        self.order = {project: at for at, project in enumerate(voting.costs)}

    def price(self, project: str) -> tuple[Fraction, int, int, int] | None:
        """Return the price per unit of worth, and how many groups pay all they have; None where the supporters cannot pay.

        Supporters by what they have per unit of worth, poorest first: those below the price pay all, the rest share what is left by worth.
        """
        voting, balance = self.voting, self.balance
        sizes = voting.sizes
        backers = voting.supporters[project]
        cost = voting.costs[project]
        need, over = cost.numerator * self.unit, cost.denominator
        money = 0
        for group, _worth in backers:
            money += balance[group] * sizes[group]
        if money * over < need or not backers:
            return None
        worth = voting.even[project]
        if worth is not None:
            heads = sum(sizes[group] for group, _worth in backers)
            lines = sorted((balance[group], sizes[group]) for group, _worth in backers)
            paid = poor = 0
            for has, size in lines:
                # would everybody left, at this one's balance, pay enough?
                if has * heads * over >= need - paid * over:
                    rest = need - paid * over
                    return Fraction(rest, self.unit * over * heads) / worth, rest, over * heads, poor
                paid += has * size
                heads -= size
                poor += size
            return None
        total = sum((worth * sizes[group] for group, worth in backers), Fraction(0))
        rest_ = Fraction(need, over)
        poor = 0
        for group, worth in sorted(backers, key=lambda backer: Fraction(balance[backer[0]]) / backer[1]):
            if Fraction(balance[group]) / worth * total >= rest_:
                each = rest_ / total
                return each / self.unit, each.numerator, each.denominator, poor
            rest_ -= balance[group] * sizes[group]
            total -= worth * sizes[group]
            poor += sizes[group]
        return None

    def buy(self, project: str, found: tuple[Fraction, int, int, int]) -> None:
        """Take the payments; the common denominator grows by what the price needs."""
        _price, top, bottom, _poor = found
        backers = self.voting.supporters[project]
        if self.voting.even[project] is not None:  # top / bottom is what each pays in full, in units of balance
            common = gcd(top, bottom)
            top, bottom = top // common, bottom // common
            if bottom != 1:
                self.balance = [has * bottom for has in self.balance]
                self.unit *= bottom
            for group, _worth in backers:
                self.balance[group] = self.balance[group] - top if self.balance[group] > top else 0
            return
        each = Fraction(top, bottom)
        grow = 1
        worths = {worth for _group, worth in backers}
        for worth in worths:
            part = (each * worth).denominator
            grow = grow * part // gcd(grow, part)
        if grow != 1:
            self.balance = [has * grow for has in self.balance]
            self.unit *= grow
        pays = {worth: int(each * worth * grow) for worth in worths}
        for group, worth in backers:
            self.balance[group] = max(0, self.balance[group] - pays[worth])

    def run(self) -> list[Purchase]:
        """Buy what can be bought, the lowest price first."""
        voting = self.voting
        heap: list[tuple[Fraction, int, str]] = []
        for project in voting.costs:
            if voting.costs[project] <= 0:
                continue
            found = self.price(project)
            if found is not None:
                heap.append((found[0], self.order[project], project))
        heapq.heapify(heap)
        fresh: dict[str, tuple[Fraction, int, int, int]] = {}
        bought: list[Purchase] = []
        free = [project for project in voting.costs if voting.costs[project] == 0 and voting.supporters[project]]
        for project in free:
            nothing = Fraction(0)
            bought.append(
                Purchase(project=project, cost=nothing, price=nothing, most=nothing, supporters=voting.backing(project), paying_all_they_had=0)
            )
        while heap:
            _old, _at, project = heapq.heappop(heap)
            if project not in fresh:
                found = self.price(project)
                if found is None:
                    continue
                fresh[project] = found
                heapq.heappush(heap, (found[0], self.order[project], project))
                continue
            level = [project]
            while heap and heap[0][0] == fresh[project][0]:
                other = heapq.heappop(heap)[2]
                if other not in fresh:
                    found = self.price(other)
                    if found is None:
                        continue
                    fresh[other] = found
                    if found[0] != fresh[project][0]:
                        heapq.heappush(heap, (found[0], self.order[other], other))
                        continue
                level.append(other)
            best = min(level, key=lambda one: (voting.costs[one], -voting.backing(one), self.order[one]))
            for other in level:
                if other != best:
                    heapq.heappush(heap, (fresh[other][0], self.order[other], other))
            price, _top, _bottom, poor = fresh[best]
            worth = voting.even[best] or Fraction(1)
            bought.append(
                Purchase(
                    project=best, cost=voting.costs[best], price=price, most=price * worth, supporters=voting.backing(best), paying_all_they_had=poor,
                    tied=tuple(level) if len(level) > 1 else (),
                )
            )  # fmt: skip
            self.buy(best, fresh[best])
            fresh = {}
        return bought

    def money(self, project: str) -> Fraction:
        """What the supporters of a project still have together."""
        return Fraction(sum(self.balance[group] * self.voting.sizes[group] for group, _worth in self.voting.supporters[project]), self.unit)


def at_share(voting: Voting, share: Fraction, raises: int = 0) -> Shares:
    """Return what is funded when every voter has this share."""
    run = _Run(voting, share)
    purchases = run.run()
    out = {purchase.project for purchase in purchases}
    left = {project: run.money(project) for project in voting.costs if project not in out}
    return Shares(share=share, purchases=tuple(purchases), left=left, raises=raises)


def count(
    voting: Voting, budget: Fraction, *, completion: str = "", votes: Mapping[str, Fraction] | None = None, step: int = 1,
    progress: Callable[[int, Fraction], None] | None = None,
) -> Shares:  # fmt: skip
    """Count by equal shares; `completion` is "", "add1", "add1u" or "exhaustive"; `votes` order what `add1u` fills up with."""
    if not voting.voters:
        return Shares(share=Fraction(0), purchases=(), left={project: Fraction(0) for project in voting.costs})
    share = budget / voting.voters
    best = at_share(voting, share)
    if completion in ("add1", "add1u", "exhaustive"):
        best = _raised(voting, budget, best, step=step, exhaustive=completion == "exhaustive", progress=progress)
    if completion == "add1u":
        best = _filled(voting, budget, best, votes or {project: Fraction(voting.backing(project)) for project in voting.costs})
    return best


def _spent(voting: Voting, found: Shares) -> Fraction:
    return sum((voting.costs[project] for project in found.winners), Fraction(0))


def _raised(voting: Voting, budget: Fraction, best: Shares, *, step: int, exhaustive: bool, progress: Callable[[int, Fraction], None] | None) -> Shares:
    """Raise everybody's share by one unit at a time while what is funded fits the real budget."""
    supported = {project for project, backers in voting.supporters.items() if backers}
    dearest = max((voting.costs[project] for project in supported), default=Fraction(0))
    share = Fraction(budget / voting.voters // 1)
    raises = 0
    while set(best.winners) != supported and share <= dearest:
        if exhaustive and not any(voting.costs[project] <= budget - _spent(voting, best) for project in supported - set(best.winners)):
            break
        share += step
        raises += 1
        if progress is not None:
            progress(raises, share)
        tried = at_share(voting, share, raises)
        if _spent(voting, tried) > budget:
            if not exhaustive:
                break
            continue
        best = tried
    return best


def _filled(voting: Voting, budget: Fraction, best: Shares, votes: Mapping[str, Fraction]) -> Shares:
    left = budget - _spent(voting, best)
    filled = []
    for project in sorted(voting.costs, key=lambda one: -votes.get(one, Fraction(0))):
        if project not in best.winners and voting.costs[project] <= left and votes.get(project):
            filled.append(project)
            left -= voting.costs[project]
    return Shares(share=best.share, purchases=best.purchases, left={project: money for project, money in best.left.items() if project not in filled},
                  filled=tuple(filled), raises=best.raises)  # fmt: skip
