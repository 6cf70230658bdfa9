"""What is in stock, and since when: no database."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gongzhi.management_line.standards import waste as norms
from gongzhi.management_line.wastes.stock import Lot, Move, level, lots, lowest

BEGIN = date(2026, 1, 1)
tonnes = st.decimals("0.0001", 10**4, places=4)


def on(day: int) -> date:
    return BEGIN + timedelta(days=day)


def test_what_goes_out_goes_out_oldest_first():
    moves = [Move(on(0), Decimal(2)), Move(on(10), Decimal(3)), Move(on(20), Decimal(-4))]
    assert lots(moves) == [Lot(on(10), Decimal(1))]
    assert lots(moves[:2]) == [Lot(on(0), Decimal(2)), Lot(on(10), Decimal(3))]


def test_what_left_within_the_tolerance_is_taken_from_what_comes_next():
    assert lots([Move(on(0), Decimal(1)), Move(on(1), Decimal("-1.004")), Move(on(2), Decimal(2))]) == [Lot(on(2), Decimal("1.996"))]


def test_the_lowest_level_is_that_of_a_days_end():
    assert lowest([Move(on(0), Decimal(-1)), Move(on(0), Decimal(3))]) == 2  # in the order of the day, not of the lines
    assert lowest([Move(on(0), Decimal(1)), Move(on(1), Decimal(-2)), Move(on(2), Decimal(5))]) == -1
    assert lowest([]) == 0


@given(st.lists(st.tuples(st.integers(0, 400), tonnes, st.booleans()), max_size=40))
def test_lots_hold_what_the_level_says_whatever_the_order(rows):
    moves, total = [], Decimal(0)
    for day, amount, into in sorted(rows, key=lambda row: row[0]):
        if not into and total - amount < 0:
            continue
        total += amount if into else -amount
        moves.append(Move(on(day), amount if into else -amount))
    assert level(moves) == total
    found = lots(moves)
    assert sum((lot.amount for lot in found), Decimal(0)) == total
    assert all(lot.amount > 0 for lot in found)
    assert [lot.since for lot in found] == sorted(lot.since for lot in found)
    assert {lot.since for lot in found} <= {move.on for move in moves if move.amount > 0}
    if moves:
        assert lowest(moves) <= total


@given(
    st.lists(st.tuples(st.sampled_from(["produced", "received", "moved_out", "used", "disposed"]), tonnes), max_size=30), tonnes, st.decimals("-5", 5, places=4)
)
def test_a_book_that_was_kept_balances_and_what_is_missing_is_named_to_the_gram(rows, opening, error):
    sums = dict.fromkeys(("produced", "received", "moved_out", "used", "disposed"), Decimal(0))
    for kind, amount in rows:
        sums[kind] += amount
    book = opening + sums["produced"] + sums["received"] - sums["moved_out"] - sums["used"] - sums["disposed"]
    if book < 0:
        return
    assert norms.balance(opening=opening, closing=book, **sums).balances
    if book - error < 0:
        return
    found = norms.balance(opening=opening, closing=book - error, tolerance=Decimal("0.005"), **sums)
    assert found.difference == error
    assert found.balances is (abs(error) <= Decimal("0.005"))
