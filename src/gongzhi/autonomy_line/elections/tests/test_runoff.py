import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.autonomy_line.elections import runoff
from gongzhi.autonomy_line.elections.contests import OVERVOTE, WRITE_INS, Ballot, Contest
from gongzhi.autonomy_line.elections.draws import Draw
from gongzhi.autonomy_line.elections.runoff import Regulation

MARKS = {"-": (), "*": (OVERVOTE,), "W": (WRITE_INS,)}


def poll(*piles, candidates="", seats=1, lots=()):
    """Return a contest: `(5, "A -B AB")` are five ballots that rank A, leave a place out, rank B, and overvote A and B."""
    ballots = tuple(
        Ballot(weight=Fraction(weight), ranks=tuple(MARKS.get(rank, tuple(rank)) for rank in ranks.split())) for weight, ranks in piles
    )
    named = candidates or "".join(sorted({sign for _weight, ranks in piles for sign in ranks if sign in "ABCDEFGH"}))
    standing = (*named, WRITE_INS) if any("W" in ranks for _weight, ranks in piles) else tuple(named)
    return Contest(candidates=standing, seats=seats, ballots=ballots, lots=tuple(lots))


class TestSingleSeat:
    def test_more_than_half_of_what_counts_now_is_needed(self):
        counted = runoff.count(poll((4, "A"), (4, "B"), (2, "C A")), Regulation())
        assert [one.needed for one in counted.rounds] == [6, 6]
        assert counted.elected == ("A",)
        assert counted.rounds[0].transfers == {"C": {"A": 2}}

    def test_the_threshold_falls_as_ballots_run_out_unless_the_first_round_sets_it(self):
        piles = ((4, "A"), (3, "B"), (3, "C"))
        assert runoff.count(poll(*piles), Regulation()).rounds[1].needed == 4
        fixed = runoff.count(poll((5, "A"), (3, "B"), (2, "C")), Regulation(first_round_threshold=True))
        assert fixed.rounds[-1].needed == 6

    def test_a_blank_ballot_counts_for_nobody_and_in_no_threshold(self):
        counted = runoff.count(poll((3, "A"), (2, "B"), (10, "-")), Regulation())
        assert (counted.blank, counted.rounds[0].needed) == (10, 3)

    @pytest.mark.parametrize(("rule", "gets"), [(runoff.SKIP, 1), (runoff.EXHAUST, 0)])
    def test_an_overvote_is_skipped_or_ends_the_ballot(self, rule, gets):
        counted = runoff.count(poll((3, "A"), (1, "* B"), (1, "B")), Regulation(overvotes=rule))
        assert counted.rounds[0].tally["B"] == 1 + gets
        assert counted.rounds[0].inactive["overvotes"] == 1 - gets

    def test_an_overvote_of_one_who_still_stands_counts_for_them(self):
        counted = runoff.count(poll((4, "A"), (3, "B"), (1, "C"), (2, "C BC")), Regulation(overvotes=runoff.IF_CONTINUING))
        assert counted.rounds[1].tally["B"] == 5

    def test_more_places_left_out_than_allowed_end_the_ballot(self):
        piles = ((3, "A"), (1, "- - B"), (1, "- B"))
        counted = runoff.count(poll(*piles), Regulation(most_skipped=1))
        assert counted.rounds[0].inactive["skippedRankings"] == 1
        assert runoff.count(poll(*piles), Regulation()).rounds[0].tally["B"] == 2

    def test_undeclared_write_ins_leave_before_anybody_wins(self):
        counted = runoff.count(poll((6, "A"), (1, "B"), (1, "W B")), Regulation())
        assert counted.rounds[0].eliminated == (WRITE_INS,)
        assert counted.rounds[1].elected == ("A",)

    def test_a_batch_leaves_only_where_none_of_it_can_catch_up(self):
        counted = runoff.count(poll((10, "A"), (7, "B"), (2, "C B"), (1, "D B"), (1, "E A")), Regulation(batch=True))
        assert counted.rounds[0].eliminated == ("C", "D", "E")
        edge = runoff.count(poll((10, "A"), (4, "B"), (2, "C B"), (1, "D B"), (1, "E A"), (3, "F B")), Regulation(batch=True))
        assert set(edge.rounds[0].eliminated) <= {"C", "D", "E"}

    def test_a_name_twice_may_end_the_ballot(self):
        counted = runoff.count(poll((3, "A"), (2, "B"), (2, "C C B")), Regulation(repeated_exhausts=True))
        assert counted.rounds[-1].inactive["repeatedRankings"] == 2

    def test_ties_are_named_and_settled_as_the_rule_says(self):
        piles = ((4, "A"), (2, "B A"), (2, "C A"))
        assert runoff.count(poll(*piles), Regulation()).ties[0].settled_by == "order"
        assert runoff.count(poll(*piles, lots="CBA"), Regulation()).ties[0].for_ == "B"
        by_seed = [runoff.count(poll(*piles), Regulation(tiebreak="random", seed=7)).ties[0] for _time in range(2)]
        assert by_seed[0] == by_seed[1]
        assert by_seed[0].settled_by == "seed"


class TestSeveralSeats:
    def test_a_surplus_passes_on_as_a_cut_fraction(self):
        counted = runoff.count(poll((7, "A B"), (2, "B"), (3, "C")), Regulation(winners=2, mode=runoff.SEVERAL, places=4))
        assert counted.rounds[0].needed == 5
        assert counted.rounds[1].tally["B"] == 2 + 7 * Fraction(2857, 10000)
        assert counted.rounds[1].tally["A"] == 5
        assert counted.rounds[0].transfers["A"][runoff.RESIDUAL] == 2 - 7 * Fraction(2857, 10000)

    def test_bottoms_up_eliminates_until_as_many_are_left(self):
        counted = runoff.count(poll((9, "A"), (3, "B"), (2, "C"), (1, "D C")), Regulation(winners=2, mode=runoff.BOTTOMS_UP))
        assert counted.elected == ("A", "B")

    def test_passes_elect_one_after_the_other_by_all_ballots(self):
        counted = runoff.count(poll((6, "A B"), (3, "C")), Regulation(winners=2, mode=runoff.PASSES))
        assert counted.elected == ("A", "B")

    def test_by_share_all_who_reach_it_are_elected(self):
        counted = runoff.count(poll((6, "A"), (3, "B"), (1, "C B")), Regulation(winners=2, mode=runoff.BOTTOMS_UP_SHARE, share=Fraction(3, 10)))
        assert set(counted.elected) == {"A", "B"}


class TestDraw:
    def test_draws_are_those_of_the_documented_generator(self):
        # new java.util.Random(42): nextInt(10) gives 0, 3, 8, 4, 0
        drawn = Draw(42)
        assert [drawn.below(10) for _time in range(5)] == [0, 3, 8, 4, 0]

    def test_a_shuffle_keeps_everybody(self):
        assert sorted(Draw(1).shuffled("ABCDEFG")) == list("ABCDEFG")


RANKS = st.lists(st.sampled_from(["A", "B", "C", "D", "-", "*", "AB"]), min_size=1, max_size=5).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), RANKS), min_size=1, max_size=10), st.sampled_from(sorted(runoff.OVERVOTE_RULES)), st.booleans(),
    st.sampled_from([(1, runoff.SINGLE), (2, runoff.SEVERAL), (2, runoff.ONE_A_ROUND), (2, runoff.BOTTOMS_UP)]),
)  # fmt: skip
def test_every_ballot_is_always_somewhere(piles, overvotes, batch, seats):
    winners, mode = seats
    rules = Regulation(winners=winners, mode=mode, overvotes=overvotes, batch=batch)
    counted = runoff.count(poll(*piles, candidates="ABCD"), rules)
    lost = Fraction(0)
    for one in counted.rounds:
        assert sum(one.tally.values()) + sum(one.inactive.values()) + lost == counted.valid
        lost += sum(sent.get(runoff.RESIDUAL, Fraction(0)) for sent in one.transfers.values())
    assert len(counted.elected) == len(set(counted.elected)) == winners


def test_the_rules_have_a_default_for_everything():
    assert all(field.default is not dataclasses.MISSING for field in dataclasses.fields(Regulation))
