import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gongzhi.autonomy_line.voice import opinionmap
from gongzhi.autonomy_line.voice.opinionmap import Smoother, Votes


def votes(matrix, left_out=()):
    rows, columns = matrix.shape
    return Votes(participants=tuple(f"p{row}" for row in range(rows)), statements=tuple(f"s{column}" for column in range(columns)), matrix=matrix,
                 left_out=frozenset(left_out))  # fmt: skip


def camps(*sizes, statements=12, gaps=0.3, seed=3):
    """Return votes of camps: each agrees with its own part of the statements and disagrees with the rest; the last three all agree with."""
    chance = np.random.default_rng(seed)
    rows, truth = [], []
    for camp, size in enumerate(sizes):
        for _member in range(size):
            row = np.where(np.arange(statements) % len(sizes) == camp, 1.0, -1.0)
            row[-3:] = 1.0
            row[chance.random(statements) < 0.08] = 0.0
            row[chance.random(statements) < gaps] = np.nan
            rows.append(row)
            truth.append(camp)
    return votes(np.array(rows)), truth


class TestDraw:
    @pytest.mark.parametrize("sizes", [(40, 40), (90, 25), (40, 40, 40)])
    def test_finds_the_camps_and_how_many_there_are(self, sizes):
        made, truth = camps(*sizes, statements=24)
        found = opinionmap.draw(made)
        assert found.count == len(sizes)
        grouped = [at for at, name in enumerate(made.participants) if name in found.groups]
        assert opinionmap.rand_index([found.groups[made.participants[at]] for at in grouped], [truth[at] for at in grouped]) > 0.9

    def test_what_all_agree_with_is_common_ground_and_typical_of_nobody(self):
        made, _truth = camps(50, 50)
        found = opinionmap.draw(made)
        shared = {one.statement for one in found.common}
        assert shared == {"s9", "s10", "s11"}
        assert not shared & {one.statement for kept in found.typical.values() for one in kept}
        assert all(found.typical[group] for group in range(found.count))

    def test_the_same_votes_give_the_same_map(self):
        made, _truth = camps(60, 30)
        assert opinionmap.draw(made).groups == opinionmap.draw(made).groups

    def test_who_voted_too_little_is_on_the_map_but_in_no_group(self):
        made, _truth = camps(40, 40, gaps=0.0)
        matrix = made.matrix.copy()
        matrix[0, 6:] = np.nan
        matrix[1, 7:] = np.nan
        found = opinionmap.draw(votes(matrix))
        assert "p0" not in found.groups
        assert "p1" in found.groups
        assert "p0" in found.places

    def test_a_statement_left_out_by_moderation_speaks_for_nobody(self):
        made, _truth = camps(40, 40)
        found = opinionmap.draw(votes(made.matrix, left_out=["s0", "s11"]))
        told = {one.statement for kept in found.typical.values() for one in kept} | {one.statement for one in found.common} | set(found.dividing)
        assert not told & {"s0", "s11"}

    def test_a_small_conversation_groups_those_with_most_votes(self):
        matrix = np.full((6, 10), np.nan)
        matrix[:, :3] = [[1, 1, 1], [1, 1, 1], [1, 1, -1], [-1, -1, 1], [-1, -1, -1], [-1, -1, -1]]
        assert len(opinionmap.draw(votes(matrix)).groups) == 6

    @pytest.mark.parametrize("matrix", [np.empty((0, 0)), np.empty((0, 3)), np.full((3, 0), np.nan), np.full((4, 3), np.nan)])
    def test_nothing_to_group_gives_an_empty_map(self, matrix):
        assert opinionmap.draw(votes(matrix)).groups == {}

    def test_people_who_all_say_the_same_are_one_group(self):
        found = opinionmap.draw(votes(np.ones((30, 10))))
        assert (found.count, set(found.groups.values())) == (1, {0})

    @settings(max_examples=60, deadline=None)
    @given(arrays.arrays(np.float64, st.tuples(st.integers(1, 25), st.integers(1, 12)), elements=st.sampled_from([1.0, 0.0, -1.0, float("nan")])))
    def test_any_votes_give_a_map_with_finite_places_and_numbered_groups(self, matrix):
        found = opinionmap.draw(votes(matrix))
        assert all(np.isfinite(place).all() for place in map(np.array, found.places.values()))
        assert set(found.groups.values()) == set(range(found.count))
        assert list(found.sizes.values()) == sorted(found.sizes.values(), reverse=True)


class TestParts:
    def test_places_move_out_by_the_root_of_statements_over_own_values(self):
        matrix = np.array([[1.0, np.nan, np.nan, np.nan], [1.0, 1.0, 1.0, 1.0]])
        made = votes(matrix)
        full = np.ones((2, 4))
        found = opinionmap.places(made, full, np.zeros(4), np.eye(2, 4))
        assert found[0, 0] == 2.0
        assert found[1, 0] == 1.0

    def test_the_tests_of_shares_are_those_of_the_method(self):
        sure = opinionmap.one_share(np.array([9.0]), np.array([9.0]))
        assert sure[0] == pytest.approx(2 * np.sqrt(10) * 0.5)
        same = opinionmap.two_shares(np.array([5.0]), np.array([9.0]), np.array([5.0]), np.array([9.0]))
        assert same[0] == 0

    def test_the_rand_index_knows_the_same_the_opposite_and_chance(self):
        assert opinionmap.rand_index([0, 0, 1, 1], [1, 1, 0, 0]) == 1.0
        assert opinionmap.rand_index([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)
        assert opinionmap.rand_index([0, 0, 1, 2], [0, 0, 1, 1]) == pytest.approx(0.571428571)

    def test_the_number_of_groups_changes_only_after_four_wins_running(self):
        smoother = Smoother().after(2)
        for best in (3, 3, 3):
            smoother = smoother.after(best)
            assert smoother.shown == 2
        assert smoother.after(2).after(3).shown == 2
        assert smoother.after(3).shown == 3
