"""A station's page: its series over any span, with limits, gaps and marks; hot and cold as one."""

import csv
import io
import json
import re
import uuid
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.doors import Door, hang
from gongzhi.management_line.archive import moving
from gongzhi.management_line.archive import queries as archive
from gongzhi.management_line.archive.tests.factories import OLD, put, series_of
from gongzhi.management_line.ecology import queries as ecology
from gongzhi.management_line.ecology import spans
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.models import Claim, Series
from gongzhi.management_line.sensing.operations import TakenPacket
from gongzhi.management_line.sensing.tests.factories import MN, browser_of, make_station_beyond
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
GATEWAY = system("gateway")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def world(town, now, settings, tmp_path):
    settings.ARCHIVE = tmp_path / "archive"
    settings.SPARK = ""
    towns.forget()
    return make_station_beyond(now)


@pytest.fixture
def enter(world):
    """Return a browser, signed in where a person is named."""
    return partial(browser_of, world[0])


def drawn(page):
    """Return what the chart of a page is given."""
    return json.loads(re.search(r'<script id="history-data" type="application/json">(.*?)</script>', page)[1])


def send(world, rows, factor="w01018"):
    """Let the device of the station send (moment, value, mark)."""
    _made, station, device = world
    packets = [TakenPacket(b"x", device.pk, station.pk, at, ((factor, "rtd", at, value, mark),)) for at, value, mark in rows]
    operations.take_readings(by=GATEWAY, at=rows[-1][0], key=uuid.uuid4(), packets=packets)


class TestStation:
    def test_shows_values_a_chart_and_the_stretch_beyond_the_limit(self, world, enter):
        page = enter().get("/stations/outlet/").content.decode()
        case = queries.episodes(seen_by=CLOCK).get().case
        assert f"/cases/{case.slug}/" in page
        assert "&gt; 80 mg/L" in page
        assert [line["value"] for line in drawn(page)["limits"]] == [80.0]

    @pytest.mark.parametrize(("who", "sees"), [("", False), ("resident", False), ("contact", False), ("officer", True)])
    def test_shows_devices_and_refused_packets_to_staff_without_the_password(self, world, enter, who, sees):
        page = enter(who).get("/stations/outlet/").content.decode()
        assert (MN in page) is sees
        assert ("gives CRC 0000" in page) is sees
        assert "secret" not in page

    def test_shows_another_series_and_period_and_bears_nonsense(self, world, enter):
        browser = enter()
        other = queries.series_of(seen_by=CLOCK, station_id=world[1].pk).get(factor="w01001")
        page = browser.get(f"/stations/outlet/?series={other.pk}&days=7").content.decode()
        assert drawn(page)["series"][0]["values"].count(7.4) in (1, 2)
        assert len(drawn(page)["categories"]) in (168, 169)
        assert browser.get("/stations/outlet/?series=x&days=999&span=x").status_code == 200
        assert browser.get("/stations/nothing/").status_code == 404

    @pytest.mark.parametrize(
        ("query", "status"),
        [("from=yesterday", 400), ("from=2026-11-20&to=2026-11-19", 409), ("from=1900-01-01", 409), ("to=%00", 400), ("from=2026-02-30", 400),
         ("to=0001-01-01", 400), ("from=9999-12-30T00:00&to=9999-12-31T23:59-12:00", 400)],
    )  # fmt: skip
    def test_says_what_is_wrong_with_a_span_and_shows_the_day(self, world, enter, query, status):
        answer = enter().get(f"/stations/outlet/?{query}", headers={"Accept-Language": "en"})
        assert answer.status_code == 200
        assert 'class="notice"' in answer.content.decode()
        assert enter().get(f"/stations/outlet/readings.csv?{query}").status_code == status

    def test_shows_a_station_that_has_not_reported(self, world, now, enter):
        operations.register_station(by=MAKER, at=now, code="newest", name="新站", kind="air")
        assert enter().get("/stations/newest/").status_code == 200

    def test_shows_marks_and_gaps(self, world, now, enter):
        begin = now - timedelta(minutes=58)
        send(world, [(begin, 50.0, "N"), (begin + MINUTE, 51.0, "D"), (begin + 2 * MINUTE, 52.0, "N")])
        page = enter().get("/stations/outlet/?span=hour", headers={"Accept-Language": "en"}).content.decode()
        found = drawn(page)
        assert found["series"][0]["values"][:3] == [50.0, None, 52.0]
        assert found["marks"][0][:2] == [1, 51.0]
        assert found["marks"][0][2].startswith("D ")
        assert [gap[2] for gap in found["gaps"]] == ["invalid", "missing"]
        assert found["categories"][0] == f"{begin.astimezone(timezone.get_current_timezone()):%H:%M:%S}"

    def test_shows_the_doors_of_other_modules(self, world, enter, monkeypatch):
        from gongzhi.kernel import doors

        monkeypatch.setattr(doors, "_places", doors.defaultdict(dict))
        hang("station", Door(key="x", title="X", url="/stations/{code}/x/", icon="leaf", rooms=("waste_water",)))
        hang("station", Door(key="y", title="Y", url="/stations/{code}/y/", icon="leaf", rooms=("air",)))
        page = enter().get("/stations/outlet/").content.decode()
        assert 'href="/stations/outlet/x/"' in page
        assert "/stations/outlet/y/" not in page


class TestReadingsCsv:
    def test_gives_each_reading_in_its_last_version(self, world, now, enter):
        def rows_now():
            return list(csv.reader(io.StringIO(enter().get("/stations/outlet/readings.csv").getvalue().decode())))

        send(world, [(now - MINUTE, 88.0, "N")])  # of a firm's own device: a proposal, what was measured first stays
        assert [row[4] for row in rows_now() if row[1] == "w01018"] == ["60.0", "90.0", "91.5"]
        claim = Claim.objects.get()
        operations.decide_proposal(by=world[0].by("officer"), at=now, matter="readings", proposal_id=claim.pk, confirmed=True)
        rows = rows_now()
        assert len(rows) == 1 + 6
        assert [row[4] for row in rows if row[1] == "w01018"] == ["60.0", "90.0", "88.0"]
        assert [row[7] for row in rows if row[1] == "w01018"] == ["0", "0", "1"]

    def test_gives_the_means_of_hours_with_how_complete_they_are(self, world, now, enter):
        one = queries.series_of(seen_by=CLOCK, station_id=world[1].pk).get(factor="w01018")
        answer = enter().get(f"/stations/outlet/readings.csv?series={one.pk}&step=hour&span=day")
        rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
        assert {row["因子" if "因子" in row else "factor"] for row in rows} == {"w01018"}
        assert sum(int(list(row.values())[8]) for row in rows) == 3


class TestHistory:
    def test_reads_rows_and_archive_as_one(self, world, enter):
        one = series_of(world[1])[0]
        put(one, OLD, 200)
        moving.move_out(by=CLOCK, at=datetime(2026, 5, 20, tzinfo=OLD.tzinfo))
        put(one, OLD + timedelta(minutes=205), 5)  # late, still in the database
        until = OLD + timedelta(hours=24)
        assert archive.reaches(seen_by=CLOCK, series_ids=[one], since=OLD, until=until)
        series = Series.objects.get(pk=one)
        span = spans.Span("", OLD, until, timedelta(minutes=10))
        found = ecology.history(seen_by=CLOCK, station=world[1], series=[series], span=span, at=until)[0]
        assert sum(step.count for step in found.steps) == 205
        assert sum(step.marks.get("D", 0) for step in found.steps) == 20
        rows = list(csv.reader(io.StringIO(enter().get(f"/stations/outlet/readings.csv?series={one}&from=2025-03-10&to=2025-03-10").getvalue().decode())))
        assert len(rows) == 1 + 205

    def test_averages_as_the_quantity_demands(self, world, now):
        _made, station, _device = world
        begin = (now - timedelta(hours=20)).replace(minute=0, second=0)
        noise = operations.define_series(by=GATEWAY, at=begin, station_id=station.pk, factor="Leq", unit="dB(A)")
        wind = operations.define_series(by=GATEWAY, at=begin, station_id=station.pk, factor="a01008", unit="°")
        for series, values in ((noise, (50.0, 60.0)), (wind, (350.0, 20.0))):
            moments = [begin + timedelta(minutes=minute) for minute in (0, 1)]
            operations.take_measurements(by=GATEWAY, at=now, key=uuid.uuid4(), series_ids=[series.pk] * 2, moments=moments, values=values)
        for step in (timedelta(minutes=10), spans.HOUR, 4 * spans.HOUR):
            found = ecology.history(seen_by=CLOCK, station=station, series=[noise, wind], span=spans.Span("", begin, begin + spans.HOUR, step), at=now)
            levels, winds = ([each.mean for each in one.steps if each.mean is not None] for one in found)
            assert levels == [pytest.approx(57.4036, abs=1e-3)]
            assert winds == [pytest.approx(5.0, abs=1e-6)]

    def test_names_the_work_that_made_a_gap(self, world, now, enter):
        begin = now - timedelta(minutes=50)
        operations.plan_maintenance(by=MAKER, at=begin, device_id=world[2].pk, begins_at=begin, ends_at=begin + 20 * MINUTE, reason="换泵管")
        page = enter().get("/stations/outlet/?span=day").content.decode()
        assert "换泵管" in page
