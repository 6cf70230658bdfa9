"""Pages and API of emergencies: who sees what, and what each form does."""

import json
from datetime import timedelta

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import ANYONE
from gongzhi.management_line.emergencies import cap, operations
from gongzhi.management_line.emergencies.models import Emergency, EmergencyDuty, EmergencyEntry, EmergencyPlan, PublicAlert
from gongzhi.management_line.emergencies.tests.factories import MAKER, RAIN, make_ready_town
from gongzhi.management_line.emergencies.tests.test_operations import message
from gongzhi.management_line.sensing.tests.factories import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(town):
    return make_ready_town(timezone.now().replace(microsecond=0))


@pytest.fixture
def enter(world):
    return lambda who="": browser_of(world[0], who)


@pytest.fixture
def drill(world):
    made, plan = world
    return operations.declare(by=made.by("member"), at=made.at, plan_id=plan.pk, level=3, reason="演练", is_drill=True)


class TestBoards:
    def test_are_for_those_who_work_for_the_town(self, drill, enter):
        page = enter("walker").get(f"/emergencies/{drill.case.slug}/").content.decode()
        assert "泵站检查" in page
        assert "演练" in page
        for who in ("", "resident"):
            browser = enter(who)
            assert browser.get(f"/emergencies/{drill.case.slug}/").url == f"/cases/{drill.case.slug}/"
            assert browser.get("/emergencies/").status_code in (302, 403)
            case = browser.get(f"/cases/{drill.case.slug}/").content.decode()
            assert "泵站检查" not in case
            assert "暴雨应急预案" in case
            assert "Ⅲ级（黄色）" in case  # what it is, for everybody; the board, for those who work on it
            assert f'href="/emergencies/{drill.case.slug}/"' not in case
        assert f'href="/emergencies/{drill.case.slug}/"' in enter("officer").get(f"/cases/{drill.case.slug}/").content.decode()

    def test_declare_change_log_count_and_stand_down(self, world, enter):
        made, plan = world
        browser = enter("member")
        assert browser.get("/emergencies/new/").status_code == 200
        sent = browser.post("/emergencies/new/", {"plan": plan.pk, "level": "3", "reason": "水位 3.1 米", "area": ""})
        emergency = Emergency.objects.get()
        board = f"/emergencies/{emergency.case.slug}/"
        assert sent.url == board
        assert browser.post(f"{board}level/", {"level": "2", "reason": "水位上涨"}).url == board
        assert browser.post(f"{board}task/", {"organ": made.organs["station"].pk, "title": "送水", "minutes": "20"}).url == board
        given = {"key": "k", "text": "河水漫桥", "sort": "note"}
        for _time in range(2):
            assert browser.post(f"{board}log/", given).url == board
        assert EmergencyEntry.objects.filter(text="河水漫桥").count() == 1
        assert browser.post(f"{board}count/", {"place": "溪东小学", "expected": "3", "arrived": "2"}).url == board
        assert browser.post(f"{board}report/").url == board
        refused = browser.post(f"{board}stand-down/", {"reason": "雨停"})
        assert refused.status_code == 422
        assert "没清点到" in refused.content.decode()
        assert "雨停" in refused.content.decode()  # what was typed stays
        assert browser.post(f"{board}stand-down/", {"reason": "雨停", "anyway": "on"}).url == board
        assert "已终止" in browser.get(board).content.decode()

    def test_show_a_unit_its_tasks_and_take_its_report(self, drill, enter):
        browser = enter("officer")
        duty = EmergencyDuty.objects.get(code="pumps")
        assert f"/emergencies/duties/{duty.pk}/" in browser.get("/emergencies/").content.decode()
        assert browser.post(f"/emergencies/duties/{duty.pk}/take/").status_code == 302
        sent = browser.post(f"/emergencies/duties/{duty.pk}/", {"done": "no", "result": ""})
        assert sent.status_code == 422
        assert browser.post(f"/emergencies/duties/{duty.pk}/", {"done": "no", "result": "道路中断"}).status_code == 302
        assert EmergencyDuty.objects.get(pk=duty.pk).state == "failed"
        assert enter("enforcer").get(f"/emergencies/duties/{duty.pk}/").status_code == 403

    @pytest.mark.parametrize("what", ["level", "stand-down", "task"])
    def test_refuse_who_does_not_command(self, drill, enter, what):
        assert enter("officer").get(f"/emergencies/{drill.case.slug}/{what}/").status_code == 403
        assert enter("member").get(f"/emergencies/{drill.case.slug}/{what}/").status_code == 200

    def test_of_nothing_are_not_there(self, world, enter):
        browser = enter("member")
        for path in ("/emergencies/2026-00001/", "/emergencies/x/", "/emergencies/2026-99999/log/", "/emergencies/plans/999999/", "/alerts/999999/"):
            assert browser.get(path).status_code == 404, path


class TestPlans:
    def test_are_drafted_by_one_and_adopted_by_another(self, world, enter):
        written = yaml.safe_dump(RAIN | {"hazard": "flood"}, allow_unicode=True)
        browser = enter("member")
        sent = browser.post("/emergencies/plans/new/", {"code": "flood", "title": "洪水预案", "definition": written})
        plan = EmergencyPlan.objects.get(code="flood")
        assert sent.url == f"/emergencies/plans/{plan.pk}/"
        assert browser.post(f"/emergencies/plans/{plan.pk}/adopt/").status_code == 403
        operations.adopt_plan(by=MAKER, at=timezone.now(), plan_id=plan.pk)
        assert "洪水预案" in browser.get("/emergencies/plans/").content.decode()
        assert "泵站检查" in browser.get(f"/emergencies/plans/{plan.pk}/").content.decode()

    @pytest.mark.parametrize(("written", "said"), [("a: [", "第 "), ("hazard: dragon", "hazard"), ("- 1", "list of names")])
    def test_say_where_they_cannot_be_read(self, world, enter, written, said):
        sent = enter("member").post("/emergencies/plans/new/", {"code": "x", "title": "x", "definition": written})
        assert sent.status_code == 422
        assert said in sent.content.decode()

    def test_are_no_business_of_residents(self, world, enter):
        browser = enter("resident")
        for path in ("/emergencies/plans/", f"/emergencies/plans/{world[1].pk}/", "/emergencies/plans/new/"):
            assert browser.get(path).status_code in (403, 404)


class TestAlerts:
    def test_stand_at_the_head_of_every_page_until_they_are_lifted(self, world, enter):
        browser = enter("dispatcher")
        sent = browser.post("/alerts/new/", {"event": "暴雨", "severity": "Severe", "headline": "暴雨橙色预警", "instruction": "不要涉水", "hours": "6"})
        alert = PublicAlert.objects.get()
        assert sent.url == f"/alerts/{alert.pk}/"
        anybody = enter()
        assert "暴雨橙色预警" in anybody.get("/").content.decode()
        assert "不要涉水" in anybody.get(f"/alerts/{alert.pk}/").content.decode()
        assert cap.read(anybody.get(f"/alerts/{alert.pk}/cap.xml").content).identifier == alert.identifier
        assert alert.headline in anybody.get("/alerts/feed.atom").content.decode()
        assert anybody.post(f"/alerts/{alert.pk}/lift/").status_code in (302, 403)
        assert PublicAlert.objects.get(pk=alert.pk).state == "current"
        browser.post(f"/alerts/{alert.pk}/lift/")
        assert "暴雨橙色预警" not in anybody.get("/").content.decode()

    def test_of_a_drill_are_not_seen_outside(self, drill, world, enter):
        made, _plan = world
        alert = operations.issue_alert(by=made.by("member"), at=made.at, event="暴雨", severity="Severe", headline="演练预警", emergency_id=drill.pk)
        anybody = enter()
        assert "演练预警" not in anybody.get("/").content.decode()
        assert "演练预警" not in anybody.get("/alerts/feed.atom").content.decode()
        for path in (f"/alerts/{alert.pk}/", f"/alerts/{alert.pk}/cap.xml", f"/api/v1/alerts/{alert.pk}"):
            assert anybody.get(path).status_code == 404
        assert all(one["headline"] != "演练预警" for one in anybody.get("/api/v1/alerts?in_force=false").json())

    def test_come_in_by_file_and_say_what_is_wrong_with_it(self, world, enter):
        territory.set_town_rules(by=MAKER, at=world[0].at, cap_senders=["met@example.org"])
        later = (timezone.now() + timedelta(hours=5)).replace(microsecond=0).isoformat()
        browser = enter("dispatcher")
        assert browser.post("/alerts/take/", {"content": SimpleUploadedFile("a.xml", message(expires=later))}).status_code == 302
        assert Emergency.objects.count() == 1
        refused = browser.post("/alerts/take/", {"content": SimpleUploadedFile("a.xml", b"<alert/>")})
        assert refused.status_code == 422
        assert "no namespace" in refused.content.decode()


class TestApi:
    def token(self, made, user, *scopes):
        by = organs.actor_for_person(seen_by=ANYONE, person_id=made.people["dispatcher"].pk, at=made.at, user_id=user.pk)
        _token, secret = people.issue_token(by=by, at=timezone.now(), title="t", scopes=scopes)
        return {"headers": {"authorization": f"Bearer {secret}"}}

    def test_brings_alerts_in_with_a_token_for_it(self, world, enter):
        made, _plan = world
        territory.set_town_rules(by=MAKER, at=made.at, cap_senders=["met@example.org"])
        user = people.give_login(by=MAKER, at=made.at, person_id=made.people["dispatcher"].pk, username="d", password="Long-enough-2026")
        asked, other = self.token(made, user, "emergencies:write"), self.token(made, user, "cases:write")
        browser, later = enter(), (timezone.now() + timedelta(hours=5)).replace(microsecond=0).isoformat()
        sent = message(expires=later)
        assert browser.post("/api/v1/alerts", sent, content_type="application/cap+xml", **other).status_code == 403
        for status in (201, 200):
            assert browser.post("/api/v1/alerts", sent, content_type="application/cap+xml", **asked).status_code == status
        refused = browser.post("/api/v1/alerts", b"<alert/>", content_type="application/cap+xml", **asked)
        assert refused.status_code in (400, 422)
        assert json.loads(refused.content)["field"] == "content"

    def test_gives_boards_to_those_who_work_for_the_town(self, drill, enter):
        path = f"/api/v1/emergencies/{drill.case.slug}"
        assert len(enter("walker").get(path).json()["duties"]) == 2
        assert enter("resident").get(path).status_code == 403
        assert [one["is_drill"] for one in enter().get("/api/v1/emergencies").json()] == [True]
