"""The faces of cases: who sees what, every act's form done and refused, in Chinese and English."""

import csv
import importlib
import io
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from gongzhi.cases import acts, queries
from gongzhi.cases import operations as cases
from gongzhi.cases.models import AmendmentProposal, Case, FollowUp, Responsibility, Step, Task
from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import system
from gongzhi.portal.middleware import towns

MAKER = system("tests")
desk_view = importlib.import_module("gongzhi.cases.views.desk")  # the package has a view of that name
PASSWORD = "eine-lange-Losung-26"


@pytest.fixture
def made(town):
    """Return the made town at this moment: pages read the clock themselves."""
    towns.forget()
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


class TestTwoAtOnce:
    def test_the_second_page_keeps_what_was_typed_and_says_who_was_first(self, made, enter):
        case = made.open(category_id=made.categories["smell"].pk)
        first, second = enter("dispatcher"), enter("member")
        path = f"/cases/{case.slug}/assign/"
        pages = [browser.get(path).content.decode() for browser in (first, second)]
        assert all(f'name="version" value="{case.version}"' in page for page in pages)
        sent = {"organ": made.organs["utilities"].pk, "text": "", "version": case.version}
        assert first.post(path, sent | {"key": "a"}).status_code == 302
        late = second.post(path, sent | {"organ": made.organs["enforcement"].pk, "text": "请今天去看", "key": "b"})
        page = late.content.decode()
        assert late.status_code == 409
        assert "centre · dispatcher" in page
        assert "请今天去看" in page
        assert f'name="version" value="{case.version + 1}"' in page
        case.refresh_from_db()
        assert case.lead == made.organs["utilities"]
        again = second.post(path, sent | {"organ": made.organs["enforcement"].pk, "text": "请今天去看", "key": "b", "version": case.version})
        case.refresh_from_db()
        assert again.status_code == 302
        assert case.lead == made.organs["enforcement"]

    def test_the_board_and_the_bulk_acts_of_the_desk_say_it_too(self, made, enter):
        case = made.open(category_id=made.categories["smell"].pk)
        browser, seen = enter("dispatcher"), case.version
        assert f'name="version" value="{seen}"' in browser.get("/desk/dispatch/").content.decode()
        assert f'name="version_{case.pk}" value="{seen}"' in browser.get("/desk/?queue=all").content.decode()
        browser.post(f"/desk/dispatch/{case.slug}/", {"organ": made.organs["utilities"].pk, "version": seen})
        for path, sent in (
            (f"/desk/dispatch/{case.slug}/", {"version": seen}),
            ("/desk/bulk/", {"case": case.pk, f"version_{case.pk}": seen, "what": "assign"}),
        ):
            answer = browser.post(path, sent | {"organ": made.organs["enforcement"].pk}, follow=True)
            assert "centre · dispatcher" in answer.content.decode()
            case.refresh_from_db()
            assert case.lead == made.organs["utilities"]


class TestNumbersAgree:
    def test_of_the_overdue_queue_its_tabs_and_the_town(self, made, enter):
        from datetime import timedelta

        late, once, _fresh = made.open(), made.open(), made.open()
        Case.objects.filter(pk=late.pk).update(next_due_at=made.at - timedelta(hours=1), overdue_at=made.at)
        Case.objects.filter(pk=once.pk).update(next_due_at=made.at + timedelta(hours=1), overdue_at=made.at)  # was late in a stage before
        by = made.by("dispatcher")
        parts = queries.desk_parts(seen_by=by, queue="all", at=made.at)
        assert parts["overdue"] == queries.queue_counts(seen_by=by, at=made.at, queues=("overdue",))["overdue"] == 2
        assert queries.desk_parts(seen_by=by, queue="overdue", at=made.at)["overdue"] == 2
        assert parts["today"] + parts["week"] + parts["overdue"] == parts[""] == 3
        assert queries.figures(seen_by=by, at=made.at).overdue == 2
        page = enter("dispatcher").get("/desk/?queue=overdue").content.decode()
        assert page.count("data-group") == 1

    def test_search_finds_what_has_ended_and_opens_an_exact_number_and_a_follow_code(self, made, enter):
        case, other = made.open(title="井盖缺失"), made.open()
        cases.withdraw_case(by=made.by("resident"), at=made.at, case_id=case.pk)
        browser = enter("dispatcher")
        assert "井盖缺失" in browser.get("/desk/?q=井盖").content.decode()
        for typed in (case.number, case.slug, str(case.serial)):
            for path in ("/desk/", "/search/"):
                assert browser.get(path, {"q": typed}).url == f"/cases/{case.slug}/"
        for path in ("/desk/", "/search/"):
            assert browser.get(path, {"q": "K7QF-9M2X-4HTB-WZ83"}).url == "/follow/#K7QF-9M2X-4HTB-WZ83"
        assert other.title in browser.get(f"/desk/?queue=all&q={other.serial}").content.decode()  # within a queue it narrows

    def test_units_begin_work_on_many_at_once(self, made, enter):
        found = [made.open(), made.open(), made.open(category_id=made.categories["parking"].pk)]
        browser = enter("officer")
        assert 'value="accept"' in browser.get("/desk/").content.decode()
        answer = browser.post("/desk/bulk/", {"case": [case.pk for case in found], "what": "accept"}, follow=True)
        assert "已开始办理 2 件" in answer.content.decode()
        assert [Case.objects.get(pk=case.pk).state for case in found] == ["in_hand", "in_hand", "assigned"]


class TestReturnedCard:
    def test_says_why_names_another_unit_only_and_can_be_taken_back(self, made, enter):
        case = made.open()
        cases.return_case(by=made.by("officer"), at=made.at, case_id=case.pk, reason="属市容执法", clause="A-bin")
        browser = enter("dispatcher")
        board = browser.get("/desk/dispatch/").content.decode()
        assert "属市容执法" in board
        assert f'name="organ" value="{made.organs["utilities"].pk}"' not in board  # one click would send it back to whoever returned it
        form = browser.get(f"/cases/{case.slug}/assign/").content.decode()
        assert "属市容执法" in form
        assert f'<option value="{made.organs["utilities"].pk}" selected' not in form
        browser.post(f"/desk/dispatch/{case.slug}/", {"organ": made.organs["enforcement"].pk})
        board = browser.get("/desk/dispatch/").content.decode()
        assert f'action="/cases/{case.slug}/take-back/"' in board
        answer = browser.post(f"/cases/{case.slug}/take-back/", {"back": "/desk/dispatch/"})
        assert (answer.status_code, answer.url) == (302, "/desk/dispatch/")
        case.refresh_from_db()
        assert case.state == "returned"

    def test_a_return_picks_its_clause_from_the_list(self, made, enter):
        case = made.open()
        browser, path = enter("officer"), f"/cases/{case.slug}/return/"
        page = browser.get(path).content.decode()
        assert '<select name="clause"' in page
        assert "A-parking · parking" in page
        refused = browser.post(path, {"reason": "不是我们的", "clause": "Z-99"})
        assert refused.status_code == 422
        assert "不是我们的" in refused.content.decode()
        assert browser.post(path, {"reason": "不是我们的", "clause": "A-parking"}).status_code == 302


class TestCasePage:
    def test_needs_few_statements(self, made, enter, django_assert_max_num_queries):
        case = made.open()
        browser = enter("officer")
        browser.get(f"/cases/{case.slug}/")
        with django_assert_max_num_queries(17):
            browser.get(f"/cases/{case.slug}/")

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


def photo(name="after.png"):
    """Return a small real picture as an upload."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 150)).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/png")


def returned(made, case, times):
    """Return the case after so many returns by whoever leads it."""
    for n in range(times):
        lead = {made.organs["utilities"].pk: "officer", made.organs["enforcement"].pk: "enforcer"}[Case.objects.get(pk=case.pk).lead_id]
        cases.return_case(by=made.by(lead), at=made.at, case_id=case.pk, reason="不是我们的", clause="A-bin")
        other = made.organs["enforcement" if lead == "officer" else "utilities"].pk
        if n == 0 and times > 1:
            cases.assign_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=other)
        elif n == 1 and times > 2:
            cases.settle_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=other, reason="按清单", clause="A-bin")
    return case


def accepted(made, case):
    return cases.accept_case(by=made.by("officer"), at=made.at, case_id=case.pk)


def answered(made, case):
    return cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="清掉了")


def verified(made, case):
    answered(made, case)
    return cases.verify_case(by=made.by("walker"), at=made.at, case_id=case.pk, passed=True, text="干净了")


def badly_rated(made, case):
    verified(made, case)
    cases.rate_case(by=made.by("resident"), at=made.at, case_id=case.pk, level=1)
    return case


def called_back(made, case):
    badly_rated(made, case)
    follow_up = FollowUp.objects.get(case=case)
    cases.follow_up_rating(by=made.by("dispatcher"), at=made.at, follow_up_id=follow_up.pk, step="called", text="居民说还脏")
    return case


def stopped(made, case):
    accepted(made, case)
    return cases.suspend_case(by=made.by("officer"), at=made.at, case_id=case.pk, ground="correction", basis="规则第12条", reason="等补正")


def joined(made, case):
    accepted(made, case)
    cases.join_case(by=made.by("officer"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, task="围挡")
    return case


def as_is(made, case):
    return case


WORDS = {"reason": "因为", "clause": "A-bin", "basis": "规则第1条"}
# act → (who, how the case comes there, what is typed, the state it leads to, a field that is needed)
ACTS = {
    "assign": ("dispatcher", lambda made, case: returned(made, case, 1), lambda made: {"organ": made.organs["enforcement"].pk}, "assigned", "organ"),
    "accept": ("officer", as_is, lambda made: {"text": "已出发"}, "in_hand", None),
    "return": ("officer", as_is, lambda made: WORDS, "returned", "clause"),
    "settle": ("member", lambda made, case: returned(made, case, 3), lambda made: WORDS | {"organ": made.organs["utilities"].pk}, "assigned", "reason"),
    "suspend": ("officer", accepted, lambda made: WORDS | {"ground": "correction"}, "suspended", "ground"),
    "resume": ("officer", stopped, lambda made: {}, "in_hand", None),
    "extend": ("dispatcher", accepted, lambda made: WORDS | {"amount": "1"}, "in_hand", "amount"),
    "answer": ("officer", accepted, lambda made: {"public_text": "清掉了", "photos": photo()}, "answered", "public_text"),
    "verify-pass": ("walker", answered, lambda made: {"text": "干净了", "on_site": "on", "photos": photo()}, "closed", "text"),
    "verify-fail": ("walker", answered, lambda made: {"text": "还在", "on_site": "on", "longitude": "120.1", "latitude": "30.2"}, "in_hand", "text"),
    "close-unverified": ("dispatcher", answered, lambda made: {"outcome": "电话核实"}, "closed", "outcome"),
    "reopen": ("resident", verified, lambda made: WORDS, "reopened", "reason"),
    "reject": ("dispatcher", lambda made, case: returned(made, case, 1), lambda made: WORDS, "rejected", "basis"),
    "withdraw": ("resident", as_is, lambda made: {}, "withdrawn", None),
    "refer": ("officer", as_is, lambda made: WORDS | {"to_kind": "beep"}, "merged", "to_kind"),
    "join": ("officer", accepted, lambda made: {"organ": made.organs["enforcement"].pk, "task": "围挡", "amount": "2", "unit": "working_hours"},
        "in_hand", "task"),
    "join-answer": ("enforcer", joined, lambda made: {"task": Task.objects.get().pk, "result": "围好了", "photos": photo()}, "in_hand", "result"),
    "note": ("officer", as_is, lambda made: {"text": "车坏了", "internal": "on"}, "assigned", "text"),
    "urge": ("resident", as_is, lambda made: {"text": "快点"}, "assigned", None),
    "rate": ("resident", verified, lambda made: {"level": "5", "tags": ["quick"], "solved": "yes", "text": "好"}, "closed", "level"),
    "call-back": ("dispatcher", badly_rated, lambda made: {"follow_up": FollowUp.objects.get().pk, "text": "说还脏"}, "closed", "text"),
    "put-right": ("officer", called_back, lambda made: {"follow_up": FollowUp.objects.get().pk, "text": "重新清洗"}, "closed", "text"),
    "reclassify": ("dispatcher", lambda made, case: returned(made, case, 1), lambda made: {"category": made.categories["parking"].pk}, "returned", "category"),
    "raise-severity": ("dispatcher", as_is, lambda made: {"severity": "3"}, "assigned", "severity"),
    "follow": ("neighbour", as_is, lambda made: {}, "assigned", None),
}  # fmt: skip


class TestAct:
    @pytest.mark.parametrize("name", ACTS)
    def test_shows_its_form_does_it_once_and_comes_back(self, made, enter, name):
        who, come_there, typed, state, _needed = ACTS[name]
        case = made.open()
        come_there(made, case)
        browser = enter(who)
        form = browser.get(f"/cases/{case.slug}/{name}/")
        assert form.status_code == 200
        assert "<form" in form.content.decode()
        data = typed(made) | {"key": "the-same-key"}
        steps = Step.objects.filter(case=case).count()
        answer = browser.post(f"/cases/{case.slug}/{name}/", data)
        assert answer.status_code == 302, answer.content.decode()
        case.refresh_from_db()
        assert case.state == state
        done = Step.objects.filter(case=case).count()
        assert done > steps
        again = browser.post(f"/cases/{case.slug}/{name}/", typed_again(data))
        assert again.status_code == 302
        assert Step.objects.filter(case=case).count() == done

    @pytest.mark.parametrize("name", [name for name, entry in ACTS.items() if entry[4]])
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_names_the_field_that_is_missing_and_keeps_the_rest(self, made, enter, name, language):
        who, come_there, typed, _state, needed = ACTS[name]
        case = made.open()
        come_there(made, case)
        before = Case.objects.get(pk=case.pk).state
        data = typed(made) | {needed: ""}
        answer = enter(who, language).post(f"/cases/{case.slug}/{name}/", data)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert f'id="act_{needed}_error"' in page
        for field, value in data.items():
            if field in acts.face_of(name).form.base_fields and isinstance(value, str) and value not in ("", "on"):
                assert value in page
        assert Case.objects.get(pk=case.pk).state == before

    def test_refuses_who_may_not(self, made, enter):
        case = made.open()
        answer = enter("enforcer").post(f"/cases/{case.slug}/accept/", {})
        assert answer.status_code == 403
        assert Case.objects.get(pk=case.pk).state == "assigned"

    def test_says_when_the_state_does_not_allow_it(self, made, enter):
        case = made.open()
        answer = enter("walker").post(f"/cases/{case.slug}/verify-pass/", {"text": "好", "longitude": "120", "latitude": "30"})
        assert answer.status_code == 409
        assert "好" in answer.content.decode()

    def test_lets_nobody_check_what_they_handled(self, made, enter):
        case = made.open()
        answered(made, case)
        organs.give_post(by=MAKER, at=made.at, person_id=made.people["officer"].pk, organ_id=made.organs["station"].pk, role="grid_worker",
            starts_on=date(2026, 1, 1))
        answer = enter("officer").post(f"/cases/{case.slug}/verify-pass/", {"text": "好", "longitude": "120", "latitude": "30"})
        assert answer.status_code == 403

    def test_merges_by_number_and_leads_to_the_other(self, made, enter):
        into, case = made.open(), made.open(title="又满了")
        returned(made, case, 1)
        browser = enter("dispatcher")
        assert browser.post(f"/cases/{case.slug}/merge/", {"into": "2026-99999"}).status_code == 422
        assert browser.post(f"/cases/{case.slug}/merge/", {"into": case.slug}).status_code == 422
        answer = browser.post(f"/cases/{case.slug}/merge/", {"into": into.number})
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/cases/{into.slug}/"

    def test_places_what_lies_in_no_grid(self, made, enter):
        case = made.open(longitude=10.0, latitude=10.0)
        assert case.unlocated
        answer = enter("dispatcher").post(f"/cases/{case.slug}/place/", {"area": made.areas["w1"].pk, "longitude": "", "latitude": ""})
        assert answer.status_code == 302, answer.content.decode()
        case.refresh_from_db()
        assert case.area_id == made.areas["w1"].pk
        assert not case.unlocated

    def test_shows_a_contact_only_with_a_purpose(self, made, enter):
        case = made.open()
        browser = enter("officer")
        assert browser.post(f"/cases/{case.slug}/show-contact/", {"field": "phone", "purpose": ""}).status_code == 422
        answer = browser.post(f"/cases/{case.slug}/show-contact/", {"field": "phone", "purpose": "约时间"})
        assert "13800001234" in answer.content.decode()

    def test_sends_strangers_to_sign_in(self, made, enter):
        case = made.open()
        answer = enter().get(f"/cases/{case.slug}/answer/")
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/")

    def test_leads_htmx_back_to_the_case(self, made, enter):
        case = made.open()
        answer = enter("officer").post(f"/cases/{case.slug}/note/", {"text": "车坏了"}, headers={"HX-Request": "true"})
        assert answer.status_code == 204
        assert answer.headers["HX-Redirect"] == f"/cases/{case.slug}/"


def typed_again(data):
    """Return the same words with fresh uploads: an upload is read once."""
    return {name: photo() if name == "photos" else value for name, value in data.items()}


class TestDesk:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize("who", ["officer", "dispatcher", "walker", "member", "supervisor"])
    def test_shows_each_queue_of_a_post(self, made, enter, who, language):
        made.open()
        answered(made, made.open(title="第二件"))
        returned(made, made.open(title="第三件"), 1)
        stopped(made, made.open(title="第四件"))
        browser = enter(who, language)
        for queue in ("", *desk_view.queues_of(made.by(who))):
            answer = browser.get(f"/desk/?queue={queue}")
            assert answer.status_code == 200
            assert browser.get(f"/desk/counts/?queue={queue}").status_code == 200

    def test_is_for_posts_only(self, made, enter):
        assert enter().get("/desk/").status_code == 302
        assert enter("resident").get("/desk/").status_code == 403
        assert enter("contact").get("/desk/").status_code == 403

    def test_narrows_by_words_number_and_place(self, made, enter):
        case = made.open()
        made.open(title="停车占道", text="消防通道", category_id=made.categories["parking"].pk, longitude=None, latitude=None)
        browser = enter("dispatcher")
        for query, found in (
            (f"q={case.serial}", True), (f"q={case.slug}", True), ("q=垃圾桶", True), ("q=路灯", False), ("life=home", True), ("life=eco", False),
            (f"area={made.areas['west'].pk}", True), (f"area={made.areas['east'].pk}", False), ("state=assigned", True), ("state=answered", False),
            (f"category={made.categories['bin'].pk}", True), (f"category={made.categories['parking'].pk}", False), ("part=today", None), ("kind=beep", False),
        ):  # fmt: skip
            page = browser.get(f"/desk/?queue=all&{query}").content.decode()
            if found is not None:
                assert (case.title in page) is found, query

    def test_has_what_ended_in_a_queue_of_its_own(self, made, enter):
        case = made.open()
        cases.withdraw_case(by=made.by("resident"), at=made.at, case_id=case.pk, reason="自己清走了")
        running = made.open(title="停车占道", category_id=made.categories["parking"].pk)
        browser = enter("dispatcher")
        ended = browser.get("/desk/?queue=closed").content.decode()
        assert f"/cases/{case.slug}/" in ended
        assert f"/cases/{running.slug}/" not in ended
        assert f"/cases/{case.slug}/" not in browser.get("/desk/?queue=all").content.decode()
        assert f"/cases/{case.slug}/" in browser.get("/desk/?queue=closed&state=withdrawn").content.decode()
        assert f"/cases/{case.slug}/" not in browser.get("/desk/?queue=closed&state=rejected").content.decode()

    def test_leafs_by_cursor_without_losing_a_case(self, made, enter, monkeypatch):
        monkeypatch.setattr(desk_view, "PAGE", 2)
        numbers = {made.open(title=f"第{n}件").number for n in range(5)}
        browser, address, seen = enter("dispatcher"), "/desk/?queue=all", []
        for _page in range(3):
            answer = browser.get(address)
            seen += [row.case.number for group in answer.context["groups"] for row in group.rows]
            address = f"/desk/?queue=all&after={answer.context['after']}"
        assert len(seen) == 5
        assert set(seen) == numbers
        assert browser.get("/desk/?after=nonsense").status_code in (302, 409)

    def test_needs_few_statements_however_many_rows(self, made, enter, django_assert_max_num_queries):
        browser = enter("officer")
        for n in range(12):
            made.open(title=f"第{n}件")
        browser.get("/desk/")
        with django_assert_max_num_queries(11):
            browser.get("/desk/")

    def test_urges_and_assigns_in_bulk_and_says_what_was_refused(self, made, enter):
        one, two = returned(made, made.open(), 1), made.open(title="又一件")
        answered(made, two)
        browser = enter("dispatcher")
        answer = browser.post(
            "/desk/bulk/", {"case": [one.pk, two.pk], "what": "assign", "organ": made.organs["enforcement"].pk, "back": "/desk/?queue=all"}, follow=True
        )
        said = [str(message) for message in answer.context["messages"]]
        assert len(said) == 2
        assert two.number in said[1]
        one.refresh_from_db()
        assert one.lead_id == made.organs["enforcement"].pk
        browser.post("/desk/bulk/", {"case": [one.pk, two.pk], "what": "urge"})
        assert Step.objects.filter(act="urge").count() == 2

    def test_draws_the_dispatch_board_with_few_statements_however_many_wait(self, made, enter, django_assert_max_num_queries):
        browser = enter("dispatcher")
        for n in range(6):
            made.open(title=f"第{n}件", category_id=made.categories["smell"].pk)
        assert browser.get("/desk/dispatch/").content.decode().count("boardcard") == 6
        with django_assert_max_num_queries(13):
            browser.get("/desk/dispatch/")

    def test_leads_from_case_to_case_of_the_list(self, made, enter):
        slugs = [made.open(title=f"第{n}件").slug for n in range(3)]
        browser = enter("officer")
        browser.get("/desk/?queue=unit")
        page = browser.get(f"/cases/{slugs[1]}/").content.decode()
        assert "2 / 3" in page
        assert f'href="/cases/{slugs[0]}/" rel="prev"' in page
        assert f'href="/cases/{slugs[2]}/" rel="next"' in page
        assert 'rel="prev"' not in browser.get(f"/cases/{slugs[0]}/").content.decode()

    def test_goes_back_only_within_the_desk(self, made, enter):
        answer = enter("dispatcher").post("/desk/bulk/", {"back": "//elsewhere.example/desk/"})
        assert answer.headers["Location"] == "/desk/"

    def test_keeps_a_view(self, made, enter):
        browser = enter("officer")
        browser.post("/desk/views/", {"title": "雨后", "query": "queue=unit&life=home"})
        page = browser.get("/desk/").content.decode()
        assert "雨后" in page
        assert "queue=unit&amp;life=home" in page
        assert browser.post("/desk/views/", {"title": ""}).status_code == 302

    def test_exports_what_is_shown(self, made, enter, monkeypatch):
        monkeypatch.setattr(desk_view, "CHUNK", 2)
        monkeypatch.setattr(desk_view.pages, "MOST", 1)
        titles = {made.open(title=f"第{n}件").title for n in range(5)}
        made.open(title="=1+1", category_id=made.categories["parking"].pk)
        browser = enter("dispatcher")
        answer = browser.get("/desk/export.csv?queue=all")
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert {row[1] for row in rows[1:]} == titles | {"'=1+1"}
        answer = browser.get(f"/desk/export.xlsx?queue=all&category={made.categories['bin'].pk}")
        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        assert {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)} == titles


class TestDispatch:
    def test_offers_the_unit_of_the_list_and_assigns_in_one_click(self, made, enter):
        case = returned(made, made.open(), 1)
        lost = made.open(longitude=10.0, latitude=10.0, category_id=made.categories["smell"].pk)
        browser = enter("dispatcher")
        page = browser.get("/desk/dispatch/").content.decode()
        assert "A-bin" in page
        assert lost.title in page
        assert len(browser.get("/desk/dispatch/points.geojson").json()["features"]) == 2
        browser.post(f"/desk/dispatch/{case.slug}/", {"organ": made.organs["utilities"].pk, "clause": "A-bin"})
        case.refresh_from_db()
        assert case.state == "assigned"
        browser.post(f"/desk/dispatch/{lost.slug}/", {"area": made.areas["e1"].pk})
        lost.refresh_from_db()
        assert lost.area_id == made.areas["e1"].pk

    def test_is_for_dispatchers(self, made, enter):
        assert enter("officer").get("/desk/dispatch/").status_code == 403


class TestIntakeDesk:
    def test_takes_a_call_down_once(self, made, enter):
        browser = enter("dispatcher")
        assert browser.get("/desk/new/").status_code == 200
        data = {
            "kind": "need", "category": made.categories["bin"].pk, "title": "路口垃圾", "text": "电话里说的", "origin": "hotline", "name": "王秀兰",
            "phone": "139 0000 1111", "longitude": "120.005", "latitude": "30.265", "key": "k1", "severity": "",
        }  # fmt: skip
        answer = browser.post("/desk/new/", data)
        assert answer.status_code == 302, answer.content.decode()
        browser.post("/desk/new/", data)
        case = Case.objects.get(title="路口垃圾")
        assert case.origin == "hotline"
        assert case.raised_by is not None
        assert "秀兰" not in case.raised_by.public_name

    def test_names_what_is_missing(self, made, enter):
        answer = enter("dispatcher").post("/desk/new/", {"kind": "need", "title": "", "origin": "hotline", "phone": "12"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert 'id="new_title_error"' in page
        assert 'id="new_phone_error"' in page

    def test_shows_what_it_may_repeat(self, made, enter):
        case = made.open()
        page = enter("dispatcher").get("/desk/new/similar/", {"title": "垃圾桶满了", "category": made.categories["bin"].pk, "longitude": case.longitude,
            "latitude": case.latitude})
        assert case.number in page.content.decode()


class TestLists:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    @pytest.mark.parametrize("who", ["", "resident", "officer", "member"])
    def test_are_open_to_everybody(self, made, enter, who, language):
        made.open()
        browser = enter(who, language)
        line = Responsibility.objects.first()
        for address in ("/responsibilities/", "/responsibilities/?q=bin", "/responsibilities/?on=2020-01-01", f"/responsibilities/{line.pk}/",
                        "/procedures/", "/procedures/need/", "/categories/"):  # fmt: skip
            assert browser.get(address).status_code == 200, address
        assert browser.get("/procedures/none/").status_code == 404
        bpmn = browser.get("/procedures/need/v1.bpmn")
        assert bpmn.status_code == 200
        assert b"definitions" in bpmn.content

    def test_show_gaps_to_staff_only(self, made, enter):
        assert "smell" in enter("officer").get("/responsibilities/").content.decode()
        assert "smell" not in enter().get("/responsibilities/").content.decode()

    def test_are_changed_by_the_committee_only(self, made, enter):
        line = Responsibility.objects.get(clause="A-bin")
        for address in ("/responsibilities/new/", "/procedures/need/new/", "/categories/new/"):
            assert enter("officer").get(address).status_code == 403
            assert enter("member").get(address).status_code == 200
        data = {"clause": "A-bin", "category": line.category_id, "lead": made.organs["enforcement"].pk, "starts_on": timezone.localdate().isoformat(),
            "replaces": line.pk}
        assert enter("officer").post("/responsibilities/new/", data).status_code == 403
        assert enter("member").post("/responsibilities/new/", data).status_code == 302
        assert Responsibility.objects.filter(clause="A-bin").count() == 2
        overlap = enter("member").post("/responsibilities/new/", data | {"replaces": ""})
        assert overlap.status_code == 409
        assert 'id="id_lead_error"' in overlap.content.decode()

    def test_end_a_line(self, made, enter):
        line = Responsibility.objects.get(clause="A-bin")
        assert enter("member").post(f"/responsibilities/{line.pk}/end/", {"ends_on": "2026-12-01"}).status_code == 302
        line.refresh_from_db()
        assert line.validity.upper == date(2026, 12, 1)
        assert enter("officer").post(f"/responsibilities/{line.pk}/end/", {"ends_on": "2026-12-01"}).status_code == 403

    def test_decide_a_proposal_of_a_ruling(self, made, enter):
        case = returned(made, made.open(), 3)
        cases.settle_case(by=made.by("member"), at=made.at, case_id=case.pk, organ_id=made.organs["enforcement"].pk, reason="以后归执法", clause="A-bin")
        browser = enter("member")
        assert "以后归执法" in browser.get("/responsibilities/").content.decode()
        proposal = AmendmentProposal.objects.get()
        assert browser.post("/responsibilities/proposals/", {"proposal": proposal.pk, "decision": "adopt"}).status_code == 302
        proposal.refresh_from_db()
        assert proposal.state == "adopted"

    def test_check_a_procedure_before_it_is_adopted(self, made, enter):
        browser = enter("member")
        form = browser.get("/procedures/need/new/").context["form"].initial["definition"]
        bad = browser.post("/procedures/need/new/", {"definition": "start: nowhere", "reason": "x", "adopt": "1"})
        assert bad.status_code == 422
        assert 'id="id_definition_error"' in bad.content.decode()
        checked = browser.post("/procedures/need/new/", {"definition": form, "reason": "再试", "check": "1"})
        assert checked.status_code == 200
        assert "<svg" in checked.content.decode()
        assert browser.post("/procedures/need/new/", {"definition": form.replace("reopen_days: 15", "reopen_days: 10"), "reason": "再试",
            "adopt": "1"}).status_code == 302
        page = browser.get("/procedures/need/?version=2")
        assert "再试" in page.content.decode()

    def test_define_and_correct_a_category(self, made, enter):
        browser = enter("member")
        data = {"code": "H9", "name": "新类", "life": "eco", "sort": "occurrence", "severity": "2", "limit_amount": "3", "limit_unit": "working_hours"}
        assert browser.post("/categories/new/", data).status_code == 302
        assert browser.get("/categories/H9/").status_code == 200
        assert browser.post("/categories/new/", data | {"limit_amount": "0"}).status_code == 422
        assert browser.get("/categories/none/").status_code == 404


class TestPaperAndSharing:
    def test_every_photo_of_a_case_page_leads_to_a_file_that_is_there(self, made, enter):
        case = made.open()
        accepted(made, case)
        sent = {"public_text": "清掉了", "photos": photo(), "key": "p"}  # 64 x 48: too small for a large variant of its own
        assert enter("officer").post(f"/cases/{case.slug}/answer/", sent).status_code == 302
        browser = enter("officer")
        page = browser.get(f"/cases/{case.slug}/").content.decode()
        links = set(re.findall(r'"(/attachments/[^"]+)"', page))
        assert len(links) == 2
        assert {browser.get(link).status_code for link in links} == {200}

    def test_begins_with_the_matter_and_says_it_once(self, made, enter):
        page = enter().get(f"/cases/{made.open().slug}/").content.decode()
        assert page.count("文昌路垃圾桶满了两天") == 1
        assert page.index("文昌路垃圾桶满了两天") < page.index('id="h-clock"') < page.index('id="h-steps"')

    def test_shares_what_sort_of_matter_it_is_and_nothing_that_somebody_wrote(self, made, enter):
        case = made.open(title="王秀兰家门口垃圾桶满溢", address="文昌路 18 号 302 室")
        page = enter().get(f"/cases/{case.slug}/").content.decode()
        shared = " ".join(re.findall(r'<meta property="og:[^>]+>|data-share-[a-z]+="[^"]*"', page))
        assert case.number in shared
        assert f"http://testserver/cases/{case.slug}/" in shared
        assert "王秀兰" not in shared
        assert "18 号" not in shared

    def test_of_a_case_that_is_not_public_nothing_is_shared(self, made, enter):
        case = made.open()
        Case.objects.filter(pk=case.pk).update(visibility="parties")
        page = enter("dispatcher").get(f"/cases/{case.slug}/").content.decode()
        assert "og:title" not in page
        assert "data-share" not in page
        assert "data-print" in page
