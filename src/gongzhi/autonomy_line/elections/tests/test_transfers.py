from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.autonomy_line.elections import transfers
from gongzhi.autonomy_line.elections.contests import Ballot, Contest, plain


def poll(seats, *piles, candidates=None, lots=(), withdrawn=()):
    ballots = tuple(Ballot(weight=Fraction(weight), ranks=tuple(tuple(rank) for rank in ranks.split())) for weight, ranks in piles)
    names = candidates or "".join(dict.fromkeys(name for _weight, ranks in piles for name in ranks if name.isalpha()))
    return Contest(candidates=tuple(names), seats=seats, ballots=ballots, lots=tuple(lots), withdrawn=frozenset(withdrawn))


class TestCount:
    def test_the_quota_is_droop_and_exactly_the_quota_elects(self):
        counted = transfers.count(poll(2, (34, "A"), (33, "B"), (33, "C")))
        assert counted.rounds[0].needed == 34
        assert counted.rounds[0].elected == ("A",)

    def test_a_surplus_goes_on_with_the_value_that_each_paper_had(self):
        # 40 for A, quota 20: half of each goes on, 15 to B and 5 to C
        counted = transfers.count(poll(2, (30, "A B"), (10, "A C"), (10, "C"), (9, "D")))
        assert counted.rounds[0].needed == 20
        assert counted.rounds[1].tally["B"] == 15
        assert counted.rounds[1].tally["C"] == 15
        assert counted.rounds[1].tally["A"] == 20

    def test_exact_fractions_lose_nothing_and_the_scottish_rule_cuts_to_five_places(self):
        piles = ((7, "A B"), (3, "A C"), (2, "B"), (1, "C"))
        exact = transfers.count(poll(2, *piles))
        assert exact.rounds[1].tally["B"] == 2 + 7 * Fraction(5, 10)
        piles = ((6, "A B"), (1, "A C"), (2, "B"), (2, "C"))
        exact, cut = transfers.count(poll(2, *piles)), transfers.count(poll(2, *piles), places=5)
        assert exact.rounds[1].tally["B"] == 2 + 6 * Fraction(3, 7)
        assert plain(cut.rounds[1].tally["B"]) == "4.57142"
        assert cut.rounds[1].inactive["lost to rounding"] == 3 - 7 * Fraction(42857, 100000)

    def test_papers_of_an_excluded_candidate_keep_their_value(self):
        counted = transfers.count(poll(1, (5, "A"), (4, "B"), (3, "C B")))
        assert counted.elected == ("B",)
        assert counted.rounds[1].eliminated == ("C",)

    def test_a_tie_looks_back_to_the_latest_stage_that_parts(self):
        # B and C both have 6 when D has gone; in the first stage C had fewer
        counted = transfers.count(poll(1, (9, "A"), (6, "B"), (5, "C"), (1, "D C")))
        tie = counted.ties[0]
        assert (tie.between, tie.settled_by, tie.for_) == (("B", "C"), "votes", "C")

    def test_a_tie_that_no_stage_parts_is_named_and_takes_the_lot(self):
        piles = ((5, "A"), (3, "B A"), (3, "C A"))
        assert transfers.count(poll(1, *piles)).ties[0].settled_by == "order"
        drawn = transfers.count(poll(1, *piles, lots="CBA"))
        assert (drawn.ties[0].settled_by, drawn.ties[0].for_) == ("lot", "B")

    def test_the_last_seats_are_filled_without_a_transfer(self):
        counted = transfers.count(poll(3, (50, "A B"), (3, "B"), (2, "C")))
        assert counted.elected == ("A", "B", "C")
        assert len(counted.rounds) == 1

    def test_a_withdrawn_candidate_is_passed_over(self):
        counted = transfers.count(poll(1, (5, "A B"), (4, "C"), withdrawn="A"))
        assert counted.elected == ("B",)

    def test_equal_preferences_end_a_ballot_there(self):
        counted = transfers.count(poll(1, (5, "A BC"), (6, "B"), (7, "C")))
        assert counted.rounds[1].inactive["exhausted"] == 5
        assert any(step.code == "unclear" and step.given["ballots"] == 5 for step in counted.steps)

    def test_nobody_is_elected_by_an_empty_urn_beyond_the_seats(self):
        assert transfers.count(poll(2, candidates="AB")).elected == ("A", "B")
        assert len(transfers.count(poll(2, candidates="ABC")).elected) == 2


RANKINGS = st.lists(
    st.tuples(st.integers(1, 40), st.permutations("ABCDE").flatmap(lambda order: st.integers(0, 5).map(lambda long: "".join(order[:long])))),
    min_size=1, max_size=12,
)  # fmt: skip


class TestProperties:
    @settings(max_examples=120, deadline=None)
    @given(RANKINGS, st.integers(1, 4), st.sampled_from([None, 5]))
    def test_no_vote_appears_or_vanishes(self, piles, seats, places):
        counted = transfers.count(poll(seats, *((weight, " ".join(order)) for weight, order in piles), candidates="ABCDE"), places=places)
        for one in counted.rounds:
            assert sum(one.tally.values()) + sum(one.inactive.values()) == counted.valid

    @settings(max_examples=120, deadline=None)
    @given(RANKINGS, st.integers(1, 5), st.sampled_from([None, 5]))
    def test_exactly_the_seats_are_filled_each_once(self, piles, seats, places):
        counted = transfers.count(poll(seats, *((weight, " ".join(order)) for weight, order in piles), candidates="ABCDE"), places=places)
        assert len(counted.elected) == len(set(counted.elected)) == seats

    @settings(max_examples=80, deadline=None)
    @given(RANKINGS, st.integers(1, 4))
    def test_the_order_of_the_ballots_changes_nothing(self, piles, seats):
        there = transfers.count(poll(seats, *((weight, " ".join(order)) for weight, order in piles), candidates="ABCDE"))
        back = transfers.count(poll(seats, *((weight, " ".join(order)) for weight, order in reversed(piles)), candidates="ABCDE"))
        assert (there.elected, [one.tally for one in there.rounds]) == (back.elected, [one.tally for one in back.rounds])

    @settings(max_examples=80, deadline=None)
    @given(RANKINGS)
    def test_more_than_a_droop_quota_of_first_preferences_always_has_a_seat(self, piles):
        counted = transfers.count(poll(2, *((weight, " ".join(order)) for weight, order in piles), candidates="ABCDE"))
        first = {name: sum(weight for weight, order in piles if order.startswith(name)) for name in "ABCDE"}
        assert all(name in counted.elected for name, votes in first.items() if votes >= counted.rounds[0].needed)
