"""The faces of cases: who sees what, every act's form done and refused, in Chinese and English."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases.models import Case, Step
from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import system

MAKER = system("tests")
PASSWORD = "eine-lange-Losung-26"
WORDS = {"zh": "django_language=zh-hans", "en": "django_language=en"}


@pytest.fixture
def made(town):
    """Return the made town at this moment: pages read the clock themselves."""
    return make_town_with_list(timezone.now().replace(microsecond=0))


@pytest.fixture
def enter(made):
    """Return a function that gives the browser of somebody, signed in, or of a stranger."""

    def browser(who="", language="zh-hans"):
        from django.contrib.auth import get_user_model

        client = Client()
        client.cookies["django_language"] = language
        if who:
            user = get_user_model().objects.filter(username=who).first() or people.give_login(
                by=MAKER, at=made.at, person_id=made.people[who].pk, username=who, password=PASSWORD
            )
            client.force_login(user)
        return client

    return browser


class TestCasePage:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize("who", ["", "resident", "officer", "dispatcher", "walker", "member"])
    def test_answers_in_one_look(self, made, enter, who, language):
        case = made.open()
        answer = enter(who, language).get(f"/cases/{case.slug}/")
        assert answer.status_code == 200
        page = answer.content.decode()
        assert case.title in page
        assert case.number in page
        assert "utilities" in page

    def test_keeps_a_restricted_case_from_strangers(self, made, enter):
        case = made.open(visibility="restricted")
        assert enter().get(f"/cases/{case.slug}/").status_code == 404
        assert enter("neighbour").get(f"/cases/{case.slug}/").status_code == 404
        assert enter("officer").get(f"/cases/{case.slug}/").status_code == 200

    def test_keeps_internal_words_from_residents(self, made, enter):
        case = made.open()
        cases.note_case(by=made.by("officer"), at=made.at, case_id=case.pk, text="车坏了")
        assert "车坏了" in enter("officer").get(f"/cases/{case.slug}/").content.decode()
        assert "车坏了" not in enter("officer").get(f"/cases/{case.slug}/?public").content.decode()
        assert "车坏了" not in enter("resident").get(f"/cases/{case.slug}/").content.decode()

    def test_gives_parts_to_htmx(self, made, enter):
        case = made.open()
        for part in ("head", "story", "side"):
            answer = enter("officer").get(f"/cases/{case.slug}/?part={part}", headers={"HX-Request": "true"})
            page = answer.content.decode()
            assert f'id="case-{part}"' in page
            assert "<html" not in page

    def test_says_not_found_for_a_number_that_is_none(self, made, enter):
        assert enter().get("/cases/2026-99999/").status_code == 404
        assert enter().get("/cases/nonsense/").status_code == 404
