"""Air and water on the home page: a bar an hour of the last day, from what was rolled up and what has come since."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from gongzhi.kernel.actors import ANYONE, CLOCK, system
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.portal import queries

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 18, 4, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def measured(town):
    """Return after readings of this hour, the hour before, the first hour of the day shown and the one before that."""
    _made, station, device = make_station(AT)
    for ago in (24, 23, 1, 0):
        at = AT - ago * HOUR
        packet = TakenPacket(b"x", device.pk, station.pk, at, (("w01018", "rtd", at, 40.0 + ago, "N"),))
        sensing.take_readings(by=system("gateway"), at=at, key=uuid.uuid4(), packets=[packet])


def places():
    (row,) = queries.public_readings(seen_by=ANYONE, at=AT).rows
    return [bar[0] for bar in row.bars]


def test_show_the_last_twenty_four_hours_oldest_first(measured):
    before = places()
    assert len(before) == 3
    assert before == sorted(before)
    assert before[0] < 5  # 23 hours ago: the first of the bars


def test_are_the_same_after_they_were_rolled_up(measured):
    before = places()
    sensing.roll_up(by=CLOCK, at=AT)
    assert places() == before
