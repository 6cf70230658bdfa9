"""Rules over many stations: what is asked of the database does not grow with their number, and says what the arithmetic says."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing import queries as sensing_queries
from gongzhi.management_line.sensing.models import Device, Series
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.warnings import frozen, looking, queries
from gongzhi.management_line.warnings.models import ForecastModel
from gongzhi.management_line.warnings.tests.factories import HOUR, make_point, make_series, take
from gongzhi.management_line.warnings.tests.test_looking import make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(town, noon):
    return make_station(noon)


def _grow(noon, count, begin=0):
    """Register air stations that all have trouble: silent, still, quick, at odds with each other, and soon beyond a limit."""
    for number in range(begin, begin + count):
        station = make_point(noon, f"air-{number}", kind="air", longitude=120.0 + number / 1000)
        sensing.register_device(by=MAKER, at=noon - 3 * HOUR, station_id=station.pk, mn=f"MN{number:06d}", password="123456")
        one = make_series(noon, station, "a34004", "ug/m³")
        usual = [40.0 + number % 2 * (hour % 5) for hour in range(200)]
        take(noon - HOUR, one, [*usual, 40.0 + 60.0 * (number % 2)], step=HOUR)
        take(noon, one, [80.0 + 60.0 * (number % 2)] * 20)
        last = queries.hour_of(seen_by=CLOCK, at=noon)
        line = queries.lines(seen_by=CLOCK, series_ids=[one.pk], since=last - 150 * HOUR, until=last)[one.pk]
        fitted = looking.forecast.fit(line.values, line.hours)
        ForecastModel.objects.create(town_id=one.town_id, series=one, trained_at=noon, begins_at=last, ends_at=last, hours=150, horizon_hours=12,
                                     fitted=fitted.as_json(), score={"warned": {"model": {"hit_rate": 0.5}}}, is_better=True)  # fmt: skip
    Device.objects.update(last_seen_at=noon - 2 * HOUR)


@pytest.mark.parametrize(("cause", "more"), [
    ("silence", {"threshold": 30.0, "repeats": 3}), ("frozen", {"threshold": 10.0, "repeats": 10, "factor": "a34004"}),
    ("rate", {"threshold": 5.0, "factor": "a34004", "count": 2}), ("neighbours", {"threshold": 3.0, "radius_km": 50.0, "factor": "a34004"}),
    ("forecast", {"threshold": 20.0, "factor": "a34004", "count": 2}),
])  # fmt: skip
def test_a_look_asks_no_more_of_ten_stations_than_of_three(world, noon, cause, more):
    asked, found = [], []
    for begin, count in ((0, 3), (3, 7)):
        _grow(noon, count, begin)
        rule = make_rule(noon, world, cause, **({"station_kind": "air", "clean_count": 3} | more))
        looking.look(rule, noon)  # what is kept in memory is read before
        with CaptureQueriesContext(connection) as statements:
            found.append(looking.look(rule, noon))
        asked.append(len(statements))
    assert asked[0] == asked[1]
    assert 0 < len(found[0]) < len(found[1])


def test_how_long_values_stand_still_is_what_the_arithmetic_says(world, noon):
    chance = random.Random(2)
    ids = []
    for number in range(12):
        one = make_series(noon, world[1], f"w{number:05d}", "mg/L")
        steps = [chance.choice((5.0, 5.0, 5.0, 5.2, 7.0)) if number % 3 else 5.0 for _n in range(60)]
        take(noon, one, [7.0 if chance.random() < 0.02 else value for value in steps])
        ids.append(one.pk)
    never = make_series(noon, world[1], "w99999", "mg/L")
    for tolerance in (0.0, 0.2, 3.0):
        since = noon - timedelta(days=2)
        rows = sensing_queries.newest(seen_by=CLOCK, series_ids=ids, until=noon, most=1000, since=since)
        found = sensing_queries.still_since(seen_by=CLOCK, series_ids=[*ids, never.pk], until=noon, since=since, tolerance=tolerance)
        assert found.keys() == set(ids)
        for pk, points in rows.items():
            count = frozen.run(points, tolerance)
            assert found[pk] == (count, points[count - 1][0])


def test_means_of_hours_are_those_of_the_roll_ups(world, noon):
    take(noon, Series.objects.get(factor="w01018"), [float(number % 50) for number in range(400)])
    ids = list(Series.objects.values_list("pk", flat=True))
    since, until = noon - 8 * HOUR, noon + HOUR

    def both():
        rolled = sensing_queries.rollups(seen_by=CLOCK, series_ids=ids, since=since, until=until)
        means = sensing_queries.hour_means(seen_by=CLOCK, series_ids=ids, since=since, until=until)
        assert {pk: dict(zip(places.tolist(), values.tolist(), strict=True)) for pk, (places, values) in means.items()} == {
            pk: {int((roll.at - since) / HOUR): roll.mean for roll in rolls} for pk, rolls in rolled.items()
        }
        return means

    fresh = both()
    while sensing.roll_up(by=CLOCK, at=noon):
        pass
    assert len(both()) == len(fresh) == 1
