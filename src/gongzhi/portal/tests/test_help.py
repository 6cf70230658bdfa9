"""Help for each audience, and who runs the site at the foot of every page."""

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from gongzhi.foundation.territory import operations as territories
from gongzhi.kernel.actors import system
from gongzhi.portal import helping
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
IMPRINT = {"organiser": "云溪小镇管理委员会", "organiser_en": "Yunxi Committee", "phone": "0571-8800 0000", "record": "浙ICP备00000000号"}


@pytest.mark.parametrize("audience", [one.slug for one in helping.AUDIENCES])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_answers_each_audience_in_its_language(made, audience, language):
    browser = Client()
    browser.cookies["django_language"] = language
    page = browser.get(f"/help/{audience}/").content.decode()
    known = helping.audience(audience)
    assert page.count("<h2") >= len(known.answers) >= 4
    with translation.override(language):
        assert all(escape(str(one.question)) in page for one in known.answers)


def test_leads_only_to_pages_that_are_there(made):
    for one in helping.AUDIENCES:
        for answer in one.answers:
            assert bool(answer.url) == bool(answer.link)
            if answer.url:
                assert Client().get(answer.url).status_code in (200, 302), answer.url
    assert Client().get("/help/nobody/").status_code == 404


class TestTheFoot:
    def test_names_who_runs_the_site_as_the_town_set_it(self, made):
        territories.set_town_rules(by=system("t"), at=made.at, imprint=IMPRINT)
        towns.forget()
        page = Client().get("/").content.decode()
        for words in ("云溪小镇管理委员会", "0571-8800 0000", "浙ICP备00000000号", "12345", "/report/?about=/"):
            assert words in page
        assert "Yunxi Committee" not in page

    @pytest.mark.parametrize("wrong", [{"phone": "call me"}, {"organiser": "x" * 81}, {"organizer": "x"}, {"phone": 5}, "text", []])
    def test_takes_nothing_else(self, made, wrong):
        with pytest.raises(territories.BadTownRule):
            territories.set_town_rules(by=system("t"), at=made.at, imprint=wrong)

    def test_takes_a_complaint_about_the_page_into_the_words_of_a_report(self, made):
        browser = Client()
        browser.get("/report/?about=/open/")
        assert "网页 /open/ 有问题：" in browser.get("/report/words/").content.decode()
        browser.get("/report/?about=https://elsewhere.example/")
        assert "elsewhere" not in browser.get("/report/words/").content.decode()
