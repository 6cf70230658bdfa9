"""A firm's own page, and where those who sign in are led."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import system
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.tests.factories import browser_of, make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(town):
    towns.forget()
    return make_station(timezone.now().replace(microsecond=0))


@pytest.fixture
def enter(world):
    return partial(browser_of, world[0])


class TestFirm:
    def test_shows_a_firm_its_stations_and_what_is_beyond_a_limit(self, world, enter):
        _made, station, _device = world
        at = timezone.now()
        series = sensing.define_series(by=system("t"), at=at, station_id=station.pk, factor="w01018")
        sensing.register_station(by=MAKER, at=at, code="foreign", name="别家排口", kind="waste_water")
        browser = enter("contact")
        page = browser.get("/firm/").content.decode()
        assert "东排口" in page
        assert "别家排口" not in page
        assert "目前没有超限" in page
        moments = [at - timedelta(minutes=2), at - timedelta(minutes=1)]
        sensing.take_measurements(by=system("t"), at=at, key=uuid.uuid4(), series_ids=[series.pk] * 2, moments=moments, values=[91.0, 95.0])
        page = browser.get("/firm/").content.decode()
        assert "目前没有超限" not in page
        assert "&gt; 80 mg/L" in page

    def test_shows_an_order_with_its_clock_until_the_firm_has_answered_it(self, world, enter):
        made, _station, _device = world
        case = cases.accept_case(by=made.by("officer"), at=made.at, case_id=made.open().pk)
        co = cases.join_case(
            by=made.by("officer"), at=made.at, case_id=case.pk, organ_id=made.organs["firm"].pk, task="立即停止排放", is_order=True, limit=(2, "working_days")
        )
        browser = enter("contact")
        page = browser.get("/firm/")
        assert page.status_code == 200
        assert f"/cases/{case.slug}/" in page.content.decode()
        assert 'class="clock"' in page.content.decode()
        cases.answer_join(by=made.by("contact"), at=timezone.now(), task_id=co.pk, result="已停排")
        assert f"/cases/{case.slug}/" not in browser.get("/firm/").content.decode()

    def test_is_for_firms_alone(self, enter):
        assert enter("resident").get("/firm/").status_code == 403
        assert enter().get("/firm/").headers["Location"].startswith("/sign-in/")

    @pytest.mark.parametrize(("who", "where"), [("contact", "/firm/"), ("officer", "/desk/"), ("resident", "/"), ("walker", "/field/")])
    def test_leads_everybody_to_where_they_work(self, world, enter, who, where):
        browser = enter(who)
        found = browser.get("/welcome/").headers["Location"]
        assert found == where
        assert browser.get(found).status_code == 200
