"""What the field app asks and sends: work to keep, and an outbox whose every item is done once."""

import html
import json
import re
import uuid
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases.models import Case, Clock, Step
from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.organs import operations as organs
from gongzhi.management_line.reports.tests.factories import CODE, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def walker(enter):
    return enter("walker")


@pytest.fixture
def answered(made):
    """Return a case of the west that waits to be checked."""
    case = made.open()
    cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="已清运")
    return case


def item(made, who="walker", **fields):
    """Return what the app sends for a find, changed by `fields`."""
    return {
        "key": str(uuid.uuid4()), "kind": "find", "owner": f"people.person:{made.people[who].pk}", "category": CODE, "title": "路边垃圾桶满溢",
        "text": "两天没人收", "longitude": "120.005", "latitude": "30.265", "seen_at": made.at.isoformat(),
    } | fields  # fmt: skip


def shot(name="a.jpg", colour="green"):
    return SimpleUploadedFile(name, picture(colour), "image/jpeg")


class TestShell:
    def test_holds_nobodys_data(self, made, enter, answered):
        for path in ("/field/", "/field/patrol/", "/field/outbox/", f"/field/task/{answered.slug}/"):
            assert enter().get(path).status_code == 200
            assert answered.title not in enter().get(path).content.decode()

    def test_stands_over_its_folder_and_can_be_installed(self, made, enter):
        worker, manifest = enter().get("/field/sw.js"), enter().get("/field/manifest.webmanifest")
        assert worker.headers["Service-Worker-Allowed"] == "/field/"
        assert worker.headers["Content-Type"].startswith("text/javascript")
        assert manifest.headers["Content-Type"] == "application/manifest+json"
        assert manifest.json()["scope"] == "/field/"
        assert "云溪小镇" in manifest.json()["name"]


class TestWork:
    def test_gives_what_is_to_be_done_in_ones_own_area(self, made, walker, answered):
        elsewhere = made.open(title="溪东的事", longitude=120.015, latitude=30.265)
        cases.answer_case(by=made.by("officer"), at=made.at, case_id=elsewhere.pk, public_text="已清运")
        told = walker.get("/field/work.json")
        assert [(task["slug"], task["group"]) for task in told.json()["tasks"]] == [(answered.slug, "verify")]
        assert told.json()["owner"] == f"people.person:{made.people['walker'].pk}"
        assert [CODE, "垃圾满溢"] in [item for group in told.json()["categories"] for item in group["items"]]
        assert "no-store" in told.headers["Cache-Control"]

    def test_refuses_strangers_and_those_who_do_not_walk(self, made, enter):
        assert enter().get("/field/work.json").status_code == 401
        assert enter("resident").get("/field/work.json", headers={"Accept": "application/json"}).status_code == 403


class TestSync:
    def test_takes_a_find_once(self, made, walker):
        sent = item(made)
        first, again = walker.post("/field/sync/", sent | {"photos": [shot()]}), walker.post("/field/sync/", sent | {"photos": [shot()]})
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()
        case = Case.objects.get(number=first.json()["number"])
        assert (case.origin, case.title, case.category.code, case.area) == ("patrol", "路边垃圾桶满溢", CODE, made.areas["w1"])
        assert Case.objects.count() == 1

    def test_takes_a_check_once(self, made, walker, answered):
        sent = item(made, kind="verify", slug=answered.slug, passed="yes", text="现场已清洁")
        for _turn in range(2):
            assert walker.post("/field/sync/", sent | {"photos": [shot()]}).json()["state"] == "taken"
        answered.refresh_from_db()
        assert answered.state == "closed"
        assert Step.objects.filter(case=answered, act="verify_pass").count() == 1

    def test_lets_the_same_key_of_another_person_be_another_item(self, made, walker, enter):
        sent = item(made)
        assert walker.post("/field/sync/", sent).status_code == 200
        refused = enter("resident").post("/field/sync/", sent | {"owner": f"people.person:{made.people['resident'].pk}"})
        assert refused.status_code == 403
        assert Case.objects.count() == 1

    @pytest.mark.parametrize(
        ("fields", "status", "field"),
        [
            ({"key": "no-uuid"}, 400, "key"), ({"kind": "dance"}, 400, "kind"),
            ({"seen_at": ""}, 400, "seen_at"), ({"seen_at": "2026-11-20T08:50:00"}, 400, "seen_at"),
            ({"kind": "verify", "passed": "perhaps"}, 400, "passed"), ({"longitude": "east"}, 400, "longitude"), ({"latitude": "91"}, 400, "latitude"),
            ({"longitude": "nan"}, 400, "longitude"), ({"owner": "people.person:0"}, 409, "owner"), ({"category": "no-such"}, 409, "category"),
            ({"kind": "verify", "slug": "2026-99999", "passed": "yes"}, 409, "slug"), ({"kind": "answer", "slug": "no-slug"}, 409, "slug"),
        ],
    )  # fmt: skip
    def test_names_what_cannot_be_taken_and_keeps_nothing(self, made, walker, fields, status, field):
        answer = walker.post("/field/sync/", item(made) | fields)
        assert answer.status_code == status
        assert answer.json()["field"] == field
        assert answer.json()["title"]
        assert not Case.objects.exists()
        assert walker.post("/field/sync/", item(made)).status_code == 200  # the same without the fault

    def test_tells_who_was_first_and_takes_the_same_item_on_the_version_there_is(self, made, walker, answered):
        task = next(task for task in walker.get("/field/work.json").json()["tasks"] if task["slug"] == answered.slug)
        cases.raise_severity(by=made.by("dispatcher"), at=made.at, case_id=answered.pk, severity=3)
        sent = item(made, kind="verify", slug=answered.slug, passed="yes", version=task["version"])
        late = walker.post("/field/sync/", sent | {"photos": [shot()]})
        assert (late.status_code, late.json()["version"]) == (409, task["version"] + 1)
        assert "dispatcher" in late.json()["title"]
        assert walker.post("/field/sync/", sent | {"photos": [shot()], "version": late.json()["version"]}).json()["state"] == "taken"

    def test_wants_a_photo_of_a_check(self, made, walker, answered):
        sent = item(made, kind="verify", slug=answered.slug, passed="yes")
        refused = walker.post("/field/sync/", sent)
        assert (refused.status_code, refused.json()["field"]) == (409, "photos")
        assert walker.post("/field/sync/", sent | {"photos": [shot()]}).status_code == 200

    def test_refuses_more_photos_than_nine_and_what_is_no_photo(self, made, walker):
        many = walker.post("/field/sync/", item(made) | {"photos": [shot(f"{n}.jpg") for n in range(10)]})
        assert (many.status_code, many.json()["field"]) == (400, "photos")
        wrong = walker.post("/field/sync/", item(made) | {"photos": [SimpleUploadedFile("a.jpg", b"MZ no picture", "image/jpeg")]})
        assert wrong.status_code == 409
        assert not Case.objects.exists()

    def test_asks_strangers_to_sign_in_and_keeps_nothing(self, made, enter):
        assert enter().post("/field/sync/", item(made)).status_code == 401
        back = enter("walker").get("/field/sync/")
        assert (back.status_code, back["Location"]) == (302, "/field/")
        assert not Case.objects.exists()

    def test_does_not_let_a_handler_check_their_own_work(self, made, enter):
        case = made.open()
        cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="已清运")
        officer = enter("officer").post("/field/sync/", item(made, "officer", kind="verify", slug=case.slug, passed="yes", photos=[shot()]))
        assert officer.status_code == 403
        case.refresh_from_db()
        assert case.state == "answered"
        assert enter("walker").post("/field/sync/", item(made, kind="verify", slug=case.slug, passed="yes", photos=[shot()])).status_code == 200


class TestWhatTheAppAsksBefore:
    """What `sync` would refuse is told to the app beforehand: by what it needs, and by what may be sent at all."""

    def needs(self, enter):
        page = enter().get("/field/").content.decode()
        return json.loads(html.unescape(re.search(r'data-needs="([^"]*)"', page)[1]))

    def test_names_the_photos_that_a_check_needs_in_the_words_of_the_refusal(self, made, walker, enter, answered):
        needs = self.needs(enter)
        sent = item(made, kind="verify", slug=answered.slug, passed="yes")
        for photos, words in (([], needs["least"]["words"]), ([shot(f"{n}.jpg") for n in range(needs["most"]["photos"] + 1)], needs["most"]["words"])):
            refused = walker.post("/field/sync/", sent | {"photos": photos})
            assert (refused.json()["field"], refused.json()["title"]) == ("photos", words)
        fewest = [shot() for _n in range(needs["least"]["photos"]["verify"])]
        assert walker.post("/field/sync/", sent | {"photos": fewest}).status_code == 200

    def test_offers_a_check_only_to_those_from_whom_it_would_be_taken(self, walker, made, answered):
        def told():
            return [(task["may_send"], "须由他人核查" in task["detail"]) for task in walker.get("/field/work.json").json()["tasks"]]

        assert told() == [(True, False)]
        Case.objects.filter(pk=answered.pk).update(handler=made.people["walker"])
        assert told() == [(False, True)]
        assert walker.post("/field/sync/", item(made, kind="verify", slug=answered.slug, passed="yes", photos=[shot()])).status_code == 403

    def test_takes_a_result_of_a_case_that_nobody_has_begun(self, made, enter):
        """The station's officer stands before it: what would be refused because no button was pressed first is not asked of them."""
        organs.give_post(by=MAKER, at=made.at, person_id=made.people["officer"].pk, organ_id=made.organs["utilities"].pk, role="station_officer",
                         starts_on=date(2026, 1, 1))  # fmt: skip
        officer = enter("officer")
        case = made.open()
        sent = item(made, "officer", kind="answer", slug=case.slug, text="已清运")
        assert case.state == "assigned"
        [task] = [task for task in officer.get("/field/work.json").json()["tasks"] if task["slug"] == case.slug]
        assert task["may_send"]
        assert officer.post("/field/sync/", sent).status_code == 200
        case.refresh_from_db()
        assert (case.state, case.handler) == ("answered", made.people["officer"])

    def test_carries_what_was_reported_and_what_was_done_side_by_side(self, made, walker):
        def photo(colour):
            return attachments.add_attachment(by=made.by("resident"), at=made.at, content=picture(colour), name="a.jpg")

        before, after, between = photo("red"), photo("green"), photo("blue")
        case = made.open(attachment_ids=[before.pk])
        cases.answer_case(by=made.by("officer"), at=made.at, case_id=case.pk, public_text="已清运", attachment_ids=[after.pk])
        [task] = walker.get("/field/work.json").json()["tasks"]
        assert task["shots"] == [before.thumb_url, after.thumb_url]
        assert task["detail"].index(f'data-shot="{before.thumb_url}"') < task["detail"].index(f'data-shot="{after.thumb_url}"')
        assert between.thumb_url not in task["detail"]
        assert all(walker.get(address).status_code == 200 for address in task["shots"])

    def test_shows_the_time_and_the_date_of_one_clock(self, made, walker, answered):
        """The bar is of the step that the reader is on; the case's own due time stands beside the case's own bar only."""
        [clock] = Clock.objects.filter(case=answered, of="stage", ended_at=None)
        other = clock.due_at + timedelta(days=40)
        Case.objects.filter(pk=answered.pk).update(due_at=other)
        [task] = walker.get("/field/work.json").json()["tasks"]
        assert f"{timezone.localtime(clock.due_at):%m-%d}" in task["detail"]
        assert f"{timezone.localtime(other):%m-%d}" not in task["detail"]
