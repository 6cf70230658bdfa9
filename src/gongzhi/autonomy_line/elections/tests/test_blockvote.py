from fractions import Fraction

import pytest

from gongzhi.autonomy_line.elections import blockvote
from gongzhi.autonomy_line.elections.contests import Ballot, Contest


def vote(seats, *piles, candidates=None, lots=()):
    """Return a contest: each pile is how many ballots and the names on them, as letters."""
    ballots = tuple(Ballot(weight=Fraction(weight), ranks=tuple((name,) for name in names)) for weight, names in piles)
    named = tuple(dict.fromkeys(name for _weight, names in piles for name in names))
    return Contest(candidates=tuple(candidates or sorted(named)), seats=seats, ballots=ballots, lots=tuple(lots))


class TestDoubleMajority:
    def test_exactly_half_of_the_roll_is_not_enough_and_one_more_is(self):
        contest = vote(1, (50, "A"), candidates="AB")
        assert blockvote.count(contest, registered=100).elected == ()
        assert blockvote.count(contest, registered=99).elected == ("A",)

    def test_exactly_half_of_those_who_took_part_is_not_enough_and_one_more_is(self):
        assert blockvote.count(vote(1, (50, "A"), (50, "B"))).elected == ()
        assert blockvote.count(vote(1, (51, "A"), (49, "B"))).elected == ("A",)

    def test_void_ballots_count_among_those_who_took_part(self):
        counted = blockvote.count(vote(1, (50, "A"), (30, "B"), (20, "AB")))
        assert (counted.valid, counted.void, counted.elected) == (80, 20, ())

    def test_people_who_took_part_without_a_ballot_found_count_in_the_base(self):
        assert blockvote.count(vote(1, (51, "A"), (49, "B")), took_part=102).elected == ()

    def test_more_ballots_than_people_make_the_vote_void(self):
        counted = blockvote.count(vote(1, (60, "A"), (41, "B")), took_part=100)
        assert counted.elected == ()
        assert counted.steps[-1].code == "too many ballots"

    def test_a_ballot_may_name_fewer_than_the_seats_but_not_more(self):
        counted = blockvote.count(vote(2, (10, "A"), (10, "AB"), (1, "ABC")))
        assert (counted.valid, counted.void) == (20, 1)
        assert counted.elected == ("A",)

    def test_of_too_many_over_half_those_with_most_votes_win(self):
        counted = blockvote.count(vote(2, (6, "AB"), (5, "AC"), (4, "BC"), candidates="ABCD"))
        assert counted.elected == ("A", "B")
        assert any(step.code == "enough but no seat" and step.given["names"] == ("C",) for step in counted.rounds[0].steps)

    def test_equal_votes_at_the_last_seat_are_voted_again_among_the_tied_unless_a_lot_was_drawn(self):
        piles = ((5, "AB"), (5, "AC"))
        more = ((1, "ABC"),)
        contest = vote(2, *piles, *((1, "B"), (1, "C")), candidates="ABCD")
        counted = blockvote.count(contest, took_part=11 + 1)
        assert counted.elected == ("A",)
        again = blockvote.count(vote(2, (6, "AB"), (6, "BC"), (6, "AC"), *more))
        assert again.elected == ()
        assert again.second_round == ("A", "B", "C")
        assert again.ties[0].settled_by == "vote again"
        drawn = blockvote.count(vote(2, (6, "AB"), (6, "BC"), (6, "AC"), lots="CAB"))
        assert drawn.elected == ("C", "A")
        assert drawn.ties[0].settled_by == "lot"


class TestSecondRound:
    def test_the_best_losers_stand_one_more_than_the_open_seats(self):
        counted = blockvote.count(vote(3, (70, "A"), (30, "B"), (20, "C"), (10, "D"), (5, "E")))
        assert counted.elected == ("A",)
        assert counted.second_round == ("B", "C", "D")

    def test_all_who_are_equal_at_the_edge_stand(self):
        counted = blockvote.count(vote(1, (30, "A"), (20, "B"), (20, "C"), (10, "D")))
        assert counted.second_round == ("A", "B", "C")

    def test_exactly_a_third_is_enough_and_less_is_not(self):
        assert blockvote.second_round(vote(1, (33, "A"), (30, "B"), (36, ""), candidates="AB")).elected == ("A",)
        assert blockvote.second_round(vote(1, (32, "A"), (30, "B"), (37, ""), candidates="AB")).elected == ()

    def test_with_three_elected_the_rest_may_stay_vacant(self):
        contest = vote(1, (10, "A"), (10, "B"), (40, ""), candidates="AB")
        assert blockvote.second_round(contest, seated=("X", "Y", "Z")).rounds[0].steps[-1].code == "may stay vacant"
        assert not blockvote.second_round(contest, seated=("X", "Y")).rounds[0].steps


class TestRelatives:
    def test_more_votes_stay_and_the_next_takes_the_seat(self):
        contest = vote(2, (9, "AB"), (8, "AC"), (3, "BC"))
        counted = blockvote.count(contest, relatives=[("A", "B")])
        assert counted.elected == ("A", "C")

    def test_the_higher_post_stays_though_it_has_fewer_votes(self):
        contest = vote(2, (9, "AB"), (8, "AC"), (3, "BC"))
        counted = blockvote.count(contest, relatives=[("A", "B")], posts={"B": 1, "A": 2})
        assert counted.elected == ("B", "C")

    def test_equal_votes_of_relatives_are_voted_again(self):
        contest = vote(2, (10, "AB"), (5, "AC"), (5, "BC"))
        counted = blockvote.count(contest, relatives=[("A", "B")])
        assert counted.elected == ()
        assert counted.second_round == ("A", "B")
        drawn = blockvote.count(vote(2, (10, "AB"), (5, "AC"), (5, "BC"), lots="BA"), relatives=[("A", "B")])
        assert drawn.elected == ("B",)

    def test_a_relative_of_somebody_seated_before_gives_way(self):
        contest = vote(1, (10, "A"), (8, "B"))
        assert blockvote.second_round(contest, seated=("X",), relatives=[("A", "X")]).elected == ("B",)

    def test_of_three_in_a_chain_the_middle_bars_both(self):
        contest = vote(3, (10, "ABC"), (1, "B"), candidates="ABC")
        assert blockvote.count(contest, relatives=[("A", "B"), ("B", "C")]).elected == ("B",)


class TestApproval:
    def test_any_number_of_names_is_valid_and_most_approvals_win(self):
        counted = blockvote.approval(vote(2, (5, "ABC"), (3, "A"), (2, "C")))
        assert counted.elected == ("A", "C")
        assert counted.void == 0

    def test_equal_at_the_edge_is_named(self):
        counted = blockvote.approval(vote(1, (5, "A"), (5, "B")))
        assert (counted.elected, counted.ties[0].between, counted.ties[0].settled_by) == (("A",), ("A", "B"), "order")
        assert blockvote.approval(vote(1, (5, "A"), (5, "B"), lots="BA")).elected == ("B",)


@pytest.mark.parametrize("registered", [None, 10])
def test_an_empty_urn_elects_nobody(registered):
    assert blockvote.count(Contest(candidates=("A", "B"), seats=1, ballots=()), registered=registered).elected == ()
