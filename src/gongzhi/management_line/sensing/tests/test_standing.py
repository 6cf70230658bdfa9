"""How long values stand still is the same by hours as reading by reading."""

import random
import uuid
from datetime import timedelta
from itertools import accumulate

import pytest

from gongzhi.kernel.actors import CLOCK, system
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.models import Hour
from gongzhi.management_line.sensing.tests.factories import make_station

BY = system("test")
MINUTE = timedelta(minutes=1)


def plainly(points, since, until, tolerance):
    """(count, since when) of the newest valid readings that lie within the tolerance of each other, reading by reading."""
    row = sorted(((at, value) for at, value, flag in points if flag in "N-P" and since < at <= until), reverse=True)
    lows, highs = accumulate((value for _at, value in row), min), accumulate((value for _at, value in row), max)
    count = 0
    for low, high in zip(lows, highs, strict=True):
        if high - low > tolerance:
            break
        count += 1
    return (count, row[count - 1][0]) if count else None


@pytest.mark.parametrize("seed", range(8))
def test_is_the_same_by_hours_as_reading_by_reading(town, noon, seed):
    chance = random.Random(seed)
    _made, station, _device = make_station(noon)
    series, told = [], {}
    for number in range(10):
        one = operations.define_series(by=BY, at=noon - timedelta(days=5), station_id=station.pk, factor=f"x{number}", unit="mg/L")
        changed = chance.choice([0, 1, 40, 59, 60, 61, 119, 121, 300, 1500, 2879, 2880, 2881, 9999])
        points = [
            (noon - back * MINUTE, 5.0 + (back >= changed) + chance.choice([0, 0, 0.05]) * (number % 2), chance.choice("NNN-PD" if number % 3 else "N"))
            for back in range(chance.choice([0, 5]), 3_000, chance.choice([1, 7, 61, 240]))
        ]
        points = [point for point in points if chance.random() < 0.97]
        told[one.pk] = points
        series.append(one.pk)
        if points:
            operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[one.pk] * len(points), moments=[point[0] for point in points],
                                         values=[point[1] for point in points], flags=[point[2] for point in points])  # fmt: skip
    for turn in range(3):
        if turn == 1:  # all counted
            while operations.roll_up(by=CLOCK, at=noon):
                pass
            assert Hour.objects.exists()
        if turn == 2:  # some have changed since
            pk = chance.choice(series)
            at, value, _flag = chance.choice(told[pk])
            operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[pk], moments=[at], values=[value + 2], flags=["N"])
            told[pk] = [(moment, value + 2 if moment == at else old, "N" if moment == at else flag) for moment, old, flag in told[pk]]
        for until in (noon, noon - 17 * MINUTE):
            for tolerance in (0.0, 0.1, 10.0):
                since = until - timedelta(days=2)
                wanted = {pk: plainly(points, since, until, tolerance) for pk, points in told.items()}
                found = queries.still_since(seen_by=CLOCK, series_ids=series, until=until, since=since, tolerance=tolerance)
                assert found == {pk: one for pk, one in wanted.items() if one}
