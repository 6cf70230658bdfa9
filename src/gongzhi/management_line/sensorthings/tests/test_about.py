"""The page that tells people of the interface."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.operations import ReservedCode
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sensorthings.tests.factories import ROOT
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(town):
    towns.forget()
    return make_station(timezone.now())


def test_shows_the_address_and_how_much_is_in_each_set(world):
    text = Client().get("/stations/sensorthings/").content.decode()
    assert f"http://testserver{ROOT}" in text
    assert f'href="{ROOT}/Things"' in text
    assert "2 条" in text  # series of the station


def test_its_questions_are_answered(world):
    text = Client().get("/stations/sensorthings/").content.decode()
    found = [unescape(address) for address in re.findall(rf'href="({ROOT}/\w+\?[^"]+)"', text)]
    assert len(found) == 4
    for address in found:
        answer = Client().get(address)
        assert answer.status_code == 200, (address, answer.content[:300])


def test_no_station_takes_its_address(world):
    from gongzhi.cases.tests.factories import MAKER

    with pytest.raises(ReservedCode):
        sensing.register_station(by=MAKER, at=timezone.now(), code="sensorthings", name="x", kind="air")
