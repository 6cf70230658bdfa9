from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.autonomy_line.budgets import equalshares
from gongzhi.autonomy_line.budgets.equalshares import ONE, POINTS


def voting(costs, *ballots, worth=equalshares.COST):
    """Return a voting: ballots are (how many, projects as letters)."""
    return equalshares.voting({name: Fraction(cost) for name, cost in costs.items()},
                              [(Fraction(weight), [(name, Fraction(1)) for name in named]) for weight, named in ballots], worth=worth)  # fmt: skip


class TestAtOneShare:
    def test_supporters_pay_together_and_the_cheapest_for_each_comes_first(self):
        found = equalshares.count(voting({"A": 60, "B": 30}, (6, "A"), (4, "B")), Fraction(100))
        assert [(one.project, one.most, one.supporters) for one in found.purchases] == [("A", 10, 6), ("B", Fraction(15, 2), 4)]

    def test_exactly_the_money_of_its_supporters_is_enough_and_a_little_more_is_not(self):
        assert equalshares.count(voting({"A": 60}, (6, "A"), (4, "")), Fraction(100)).winners == ("A",)
        assert equalshares.count(voting({"A": "60.01"}, (6, "A"), (4, "")), Fraction(100)).winners == ()

    def test_who_has_less_pays_all_they_have_and_the_others_the_rest(self):
        # share 10. A takes 6 from each of ten; B then has five with 4 left and five with 10
        found = equalshares.count(voting({"A": 60, "B": 60}, (5, "AB"), (5, "A"), (5, "B"), worth=ONE), Fraction(150))
        assert found.purchases[0].most == 6
        second = found.purchases[1]
        assert (second.project, second.most, second.paying_all_they_had) == ("B", 8, 5)

    def test_thirds_stay_exact(self):
        found = equalshares.count(voting({"A": 10, "B": 10, "C": 10}, (3, "ABC"), worth=ONE), Fraction(30))
        assert found.winners == ("A", "B", "C")
        assert found.purchases[0].most == Fraction(10, 3)

    def test_equal_prices_go_to_the_cheaper_and_the_tie_is_named(self):
        found = equalshares.count(voting({"A": 40, "B": 20}, (4, "A"), (4, "B")), Fraction(80))
        assert found.purchases[0].project == "B"
        assert set(found.purchases[0].tied) == {"A", "B"}

    def test_points_weigh_what_a_project_is_worth(self):
        costs = {"A": Fraction(30), "B": Fraction(30)}
        ballots = [(Fraction(2), [("A", Fraction(3)), ("B", Fraction(1))]), (Fraction(1), [("B", Fraction(2))])]
        found = equalshares.count(equalshares.voting(costs, ballots, worth=POINTS), Fraction(45))
        assert found.winners == ("A",)
        assert found.purchases[0].price == 5  # thirty for six points

    def test_nobody_voting_buys_nothing(self):
        assert equalshares.count(voting({"A": 1}), Fraction(10)).winners == ()


class TestCompletion:
    def test_add1_stops_at_the_first_raise_that_goes_beyond_the_budget(self):
        votes = voting({"A": 50, "B": 45, "C": 5}, (5, "A"), (4, "B"), (1, "C"))
        assert equalshares.count(votes, Fraction(100)).winners == ("A", "C")
        raised = equalshares.count(votes, Fraction(100), completion="add1")
        assert set(raised.winners) == {"A", "B", "C"}
        assert raised.raises == 2  # eleven is too little for B (44 of 45), twelve is enough

    def test_add1_keeps_what_fits(self):
        votes = voting({"A": 50, "B": 55}, (5, "A"), (5, "B"))
        assert equalshares.count(votes, Fraction(100), completion="add1").winners == ("A",)

    def test_add1u_fills_up_by_votes(self):
        votes = voting({"A": 50, "B": 60, "C": 40}, (5, "A"), (4, "B"), (1, "C"))
        found = equalshares.count(votes, Fraction(100), completion="add1u")
        assert found.purchases[0].project == "A"
        assert found.filled == ("C",)

    def test_exhaustive_passes_over_a_raise_that_goes_beyond(self):
        votes = voting({"A": 50, "B": 55, "C": 40}, (5, "A"), (5, "B"), (1, "C"))
        one, other = (equalshares.count(votes, Fraction(110), completion=which) for which in ("add1", "exhaustive"))
        assert one.winners == other.winners or len(other.winners) >= len(one.winners)
        assert sum(votes.costs[name] for name in other.winners) <= 110


def slowly(votes, budget):
    """The method as its paper says it, one voter at a time, in fractions: what the quick count is checked by."""
    money = [budget / votes.voters for _voter in range(votes.voters)]
    start, members = 0, {}
    for group, size in enumerate(votes.sizes):
        members[group] = range(start, start + size)
        start += size
    supporters = {name: [(voter, worth) for group, worth in groups for voter in members[group]] for name, groups in votes.supporters.items()}
    order = list(votes.costs)
    bought = []
    while True:
        best = None
        for name in order:
            cost, mine = votes.costs[name], supporters[name]
            if name in bought or sum(money[voter] for voter, _worth in mine) < cost or not mine:
                continue
            rest, total = cost, sum(worth for _voter, worth in mine)
            for voter, worth in sorted(mine, key=lambda one: money[one[0]] / one[1]):
                if money[voter] / worth * total >= rest:
                    break
                rest, total = rest - money[voter], total - worth
            key = (rest / total, cost, -len(mine), order.index(name))
            if best is None or key < best[0]:
                best = (key, name)
        if best is None:
            return bought
        bought.append(best[1])
        for voter, worth in supporters[best[1]]:
            money[voter] -= min(money[voter], best[0][0] * worth)


BALLOTS = st.lists(st.tuples(st.integers(1, 4), st.sets(st.sampled_from("ABCDE"))), min_size=1, max_size=6)
COSTS = st.fixed_dictionaries({name: st.integers(1, 60) for name in "ABCDE"})


class TestProperties:
    @settings(max_examples=150, deadline=None)
    @given(COSTS, BALLOTS, st.integers(1, 150), st.sampled_from([equalshares.COST, ONE]))
    def test_the_quick_count_buys_what_the_paper_says(self, costs, ballots, budget, worth):
        votes = voting(costs, *((weight, sorted(named)) for weight, named in ballots), worth=worth)
        assert list(equalshares.count(votes, Fraction(budget)).winners) == slowly(votes, Fraction(budget))

    @settings(max_examples=80, deadline=None)
    @given(COSTS, st.lists(st.tuples(st.integers(1, 3), st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 4))), min_size=1, max_size=5),
           st.integers(1, 150))  # fmt: skip
    def test_with_points_too(self, costs, ballots, budget):
        given_ = [(Fraction(weight), [(name, Fraction(points)) for name, points in sorted(named.items())]) for weight, named in ballots]
        votes = equalshares.voting({name: Fraction(cost) for name, cost in costs.items()}, given_, worth=POINTS)
        assert list(equalshares.count(votes, Fraction(budget)).winners) == slowly(votes, Fraction(budget))

    @settings(max_examples=80, deadline=None)
    @given(COSTS, BALLOTS, st.integers(1, 150), st.sampled_from(["", "add1", "add1u", "exhaustive"]))
    def test_never_more_than_the_budget_is_spent(self, costs, ballots, budget, completion):
        votes = voting(costs, *((weight, sorted(named)) for weight, named in ballots))
        found = equalshares.count(votes, Fraction(budget), completion=completion)
        assert sum((votes.costs[name] for name in found.winners), Fraction(0)) <= budget
        assert len(set(found.winners)) == len(found.winners)
