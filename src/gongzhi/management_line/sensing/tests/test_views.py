"""The stations' pages, as the public, a firm and the staff see them."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.kernel.actors import system
from gongzhi.management_line.sensing import tasks
from gongzhi.management_line.sensing.models import Batch, Station
from gongzhi.management_line.sensing.tests.factories import browser_of, make_station_beyond
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
GATEWAY = system("gateway")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def world(town, now):
    towns.forget()
    return make_station_beyond(now)


@pytest.fixture
def enter(world):
    """Return a browser, signed in where a person is named."""
    return partial(browser_of, world[0])


class TestIndex:
    def test_shows_every_public_station_with_its_newest_values(self, world, enter):
        page = enter().get("/stations/").content.decode()
        assert "东排口" in page
        assert "91.5 <small>mg/L</small>" in page
        assert "stationcard is-beyond" in page

    def test_hides_from_the_public_what_is_not_public(self, world, enter):
        Station.objects.update(is_public=False)
        assert "东排口" not in enter().get("/stations/").content.decode()
        assert enter().get("/stations/outlet/").status_code == 404
        assert "东排口" in enter("contact").get("/stations/").content.decode()


class TestTasks:
    def test_throw_old_bytes_away_and_keep_their_digest(self, world, now):
        Batch.objects.update(taken_at=now - timedelta(days=91))
        tasks.drop_raw.func(timestamp=0)
        assert not Batch.objects.filter(raw__isnull=False).exists()
        assert all(len(batch.digest) == 32 for batch in Batch.objects.all())

    def test_make_months_ahead_however_often(self, world):
        tasks.make_months.func(timestamp=0)
        tasks.make_months.func(timestamp=0)
