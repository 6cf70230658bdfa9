"""The stations' pages, as the public, a firm and the staff see them."""

import csv
import io
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.management_line.sensing import operations, queries, tasks
from gongzhi.management_line.sensing.models import Batch, Station
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import MN, browser_of, make_station
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
    made, station, device = make_station(now)
    for place, value in enumerate((60.0, 90.0, 91.5)):
        at = now - (3 - place) * MINUTE
        packet = TakenPacket(b"x", device.pk, station.pk, at, (("w01018", "rtd", at, value, "N"), ("w01001", "rtd", at, 7.4, "N")))
        operations.take_readings(by=GATEWAY, at=at, key=uuid.uuid4(), packets=[packet])
    operations.keep_refused(
        by=GATEWAY, at=now, peer="10.0.0.1:5", mn=MN, verdict="crc_mismatch", reason="gives CRC 0000", raw=b"PW=secret;", device_id=device.pk
    )
    return made, station, device


@pytest.fixture
def enter(world):
    """Return a browser, signed in where a person is named."""
    return partial(browser_of, world[0])


class TestIndex:
    def test_shows_every_public_station_with_its_newest_values(self, world, enter):
        page = enter().get("/stations/").content.decode()
        assert "东排口" in page
        assert "91.5 mg/L" in page
        assert "stationcard is-beyond" in page

    def test_hides_from_the_public_what_is_not_public(self, world, enter):
        Station.objects.update(is_public=False)
        assert "东排口" not in enter().get("/stations/").content.decode()
        assert enter().get("/stations/outlet/").status_code == 404
        assert "东排口" in enter("contact").get("/stations/").content.decode()


class TestStation:
    def test_shows_values_a_chart_and_the_stretch_beyond_the_limit(self, world, enter):
        page = enter().get("/stations/outlet/").content.decode()
        case = queries.episodes(seen_by=CLOCK).get().case
        assert f"/cases/{case.slug}/" in page
        assert "&gt; 80 mg/L" in page
        assert "data-chart" in page

    @pytest.mark.parametrize(("who", "sees"), [("", False), ("resident", False), ("contact", False), ("officer", True)])
    def test_shows_devices_and_refused_packets_to_staff_without_the_password(self, world, enter, who, sees):
        page = enter(who).get("/stations/outlet/").content.decode()
        assert (MN in page) is sees
        assert ("gives CRC 0000" in page) is sees
        assert "secret" not in page

    def test_shows_another_series_and_period_and_bears_nonsense(self, world, enter):
        browser = enter()
        other = queries.series_of(seen_by=CLOCK, station_id=world[1].pk).get(factor="w01001")
        assert "pH" in browser.get(f"/stations/outlet/?series={other.pk}&days=7").content.decode()
        assert browser.get("/stations/outlet/?series=x&days=999").status_code == 200
        assert browser.get("/stations/nothing/").status_code == 404

    def test_shows_a_station_that_has_not_reported(self, world, now, enter):
        operations.register_station(by=MAKER, at=now, code="newest", name="新站", kind="air")
        assert enter().get("/stations/newest/").status_code == 200


class TestReadingsCsv:
    def test_gives_each_reading_in_its_last_version(self, world, now, enter):
        _made, station, device = world
        at = now - MINUTE
        packet = TakenPacket(b"x", device.pk, station.pk, at, (("w01018", "rtd", at, 88.0, "N"),))
        operations.take_readings(by=GATEWAY, at=now, key=uuid.uuid4(), packets=[packet])
        answer = enter().get("/stations/outlet/readings.csv")
        rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))
        assert len(rows) == 1 + 6
        assert [row[4] for row in rows if row[1] == "w01018"] == ["60.0", "90.0", "88.0"]
        assert [row[7] for row in rows if row[1] == "w01018"] == ["0", "0", "1"]


class TestTasks:
    def test_throw_old_bytes_away_and_keep_their_digest(self, world, now):
        Batch.objects.update(taken_at=now - timedelta(days=91))
        tasks.drop_raw.func(timestamp=0)
        assert not Batch.objects.filter(raw__isnull=False).exists()
        assert all(len(batch.digest) == 32 for batch in Batch.objects.all())

    def test_make_months_ahead_however_often(self, world):
        tasks.make_months.func(timestamp=0)
        tasks.make_months.func(timestamp=0)
