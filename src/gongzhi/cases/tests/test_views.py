"""The faces of cases: who sees what, every act's form done and refused, in Chinese and English."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from gongzhi.cases import acts
from gongzhi.cases import operations as cases
from gongzhi.cases.models import Case, CoHandling, FollowUp, Step
from gongzhi.cases.tests.factories import make_town_with_list
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import system
from gongzhi.portal.middleware import towns

MAKER = system("tests")
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


def photo(name="after.png"):
    """Return a small real picture as an upload."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 150)).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/png")


def returned(made, case, times):
    """Return the case after so many returns by whoever leads it."""
    for n in range(times):
        lead = {made.organs["utilities"].pk: "officer", made.organs["enforcement"].pk: "enforcer"}[Case.objects.get(pk=case.pk).lead_id]
        cases.return_case(by=made.by(lead), at=made.at, case_id=case.pk, reason="不是我们的", clause="A-1")
        other = made.organs["enforcement" if lead == "officer" else "utilities"].pk
        if n == 0 and times > 1:
            cases.assign_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=other)
        elif n == 1 and times > 2:
            cases.settle_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, organ_id=other, reason="按清单", clause="A-1")
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


WORDS = {"reason": "因为", "clause": "A-1", "basis": "规则第1条"}
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
    "join": ("officer", accepted, lambda made: {"organ": made.organs["enforcement"].pk, "task": "围挡", "amount": "2", "unit": "working_hours"}, "in_hand", "task"),
    "join-answer": ("enforcer", joined, lambda made: {"co_handling": CoHandling.objects.get().pk, "result": "围好了", "photos": photo()}, "in_hand", "result"),
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
        organs.give_post(by=MAKER, at=made.at, person_id=made.people["officer"].pk, organ_id=made.organs["station"].pk, role="grid_worker", starts_on=date(2026, 1, 1))
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
