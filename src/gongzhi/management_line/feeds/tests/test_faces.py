"""Feeds' pages and API: set up, mapped, tried; who may; and the passwords nobody reads again."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.organs import operations as organs
from gongzhi.kernel.actors import system
from gongzhi.management_line.feeds import definitions, operations, queries
from gongzhi.management_line.feeds.book import Message
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import Feed, Mapping
from gongzhi.management_line.feeds.topics import overlap
from gongzhi.management_line.sensing.models import Reading
from gongzhi.management_line.sensing.tests.factories import browser_of, make_station
from gongzhi.portal.middleware import towns

BY = system("feeds")
FIELDS = {"code": "cloud", "name": "平台", "host": "mqtt.example", "port": "8883", "tls": "on", "username": "u", "password": "secret-word",
          "topic": "town/iot/+/up\n\nother/#", "qos": "1", "session_hours": "24"}  # fmt: skip
YAML = "- {topic: 'town/iot/{station}/up', time: ts, values: [{path: cod, factor: w01018, unit: ug/L}]}"


@pytest.fixture
def world(town):
    towns.forget()
    return make_station(timezone.now().replace(microsecond=0))


@pytest.fixture
def enter(world):
    return partial(browser_of, world[0])


@pytest.fixture
def administrator(world, enter):
    at = timezone.now() - timedelta(hours=1)
    organs.give_post(by=MAKER, at=at, organ_id=next(iter(world[0].organs.values())).pk, person_id=world[0].people["officer"].pk,
                     role="administrator", starts_on=at.date())  # fmt: skip
    return enter("officer")


@pytest.fixture
def feed(world):
    at = timezone.now()
    made = operations.define_feed(by=MAKER, at=at, code="cloud", name="平台", host="mqtt.example", topic="town/iot/+/up", password="secret-word")
    operations.keep_mappings(by=MAKER, at=at, feed_id=made.pk, definitions=definitions.read(YAML))
    return made


def put(browser, path, body):
    return browser.put(f"/api/v1{path}", json.dumps(body), content_type="application/json")


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize(("who", "status"), [("", 302), ("resident", 403), ("officer", 200)])
    def test_are_for_officers(self, enter, feed, who, status):
        browser = enter(who)
        for path in ("", "cloud/", "cloud/mapping/", "cloud/refused/"):
            assert browser.get(f"/stations/feeds/{path}").status_code == status

    def test_a_feed_is_set_up_mapped_and_switched_by_the_administrator(self, administrator):
        made = administrator.post("/stations/feeds/new/", FIELDS)
        assert (made.status_code, made.headers["Location"]) == (302, "/stations/feeds/cloud/mapping/")
        feed = Feed.objects.get()
        assert feed.topics == ["town/iot/+/up", "other/#"]
        assert (feed.tls, feed.session_seconds, queries.password_of(seen_by=BY, feed=feed)) == (True, 86_400, "secret-word")
        assert administrator.post("/stations/feeds/cloud/mapping/", {"act": "save", "definitions": YAML}).status_code == 302
        assert Mapping.objects.get().definition["time"] == "ts"
        changed = {name: value for name, value in FIELDS.items() if name not in ("code", "username", "password")} | {"host": "other.example"}
        assert administrator.post("/stations/feeds/cloud/edit/", changed).status_code == 422  # the password was given for another broker
        feed.refresh_from_db()
        assert feed.host != "other.example"
        assert administrator.post("/stations/feeds/cloud/edit/", changed | {"password": "secret-word"}).status_code == 302
        feed.refresh_from_db()
        assert (feed.host, feed.username, queries.password_of(seen_by=BY, feed=feed)) == ("other.example", "u", "secret-word")
        assert administrator.post("/stations/feeds/cloud/", {"act": "off"}).status_code == 302
        assert administrator.post("/stations/feeds/cloud/", {"act": "password", "username": "v", "password": "another-word"}).status_code == 302
        feed.refresh_from_db()
        assert (feed.is_active, feed.username, queries.password_of(seen_by=BY, feed=feed)) == (False, "v", "another-word")
        assert "another-word" not in administrator.get("/stations/feeds/cloud/").content.decode()

    def test_a_second_feed_of_the_same_short_name_is_refused_at_its_field(self, administrator, feed):
        answer = administrator.post("/stations/feeds/new/", FIELDS)
        assert answer.status_code == 422
        assert "已有使用这个短名的接入" in answer.content.decode()
        assert Feed.objects.get().host == "mqtt.example"

    @pytest.mark.parametrize(("field", "value", "words"), [
        ("topic", "a/#/b", "#"), ("topic", "a/#\na/b", "重叠"), ("port", "0", "1"), ("authority", "nonsense", "PEM"), ("host", " ", ""),
        ("session_hours", "900", "720"),
    ])  # fmt: skip
    def test_a_fault_is_named_and_nothing_is_lost(self, administrator, field, value, words):
        answer = administrator.post("/stations/feeds/new/", FIELDS | {field: value})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert f"id_{field}_error" in page
        assert words in page
        assert 'value="平台"' in page
        assert not Feed.objects.exists()

    def test_a_supervisor_may_try_but_not_set_up(self, enter, feed):
        browser = enter("supervisor")
        assert browser.get("/stations/feeds/new/").status_code == 403
        assert browser.post("/stations/feeds/cloud/mapping/", {"act": "save", "definitions": YAML}).status_code == 403
        tried = browser.post("/stations/feeds/cloud/mapping/", {"act": "try", "definitions": YAML, "topic": "town/iot/outlet/up", "payload": '{"cod": 5000}'})
        assert tried.status_code == 200
        assert not Reading.objects.exists()

    @pytest.mark.parametrize(("topic", "payload", "words"), [
        ("town/iot/outlet/up", '{"cod": 5000, "ts": "%(now)s"}', "5 mg/L"), ("town/iot/nowhere/up", '{"cod": 5000, "ts": "%(now)s"}', "没有站点"),
        ("town/iot/outlet/up", '{"cod": "x", "ts": "%(now)s"}', "不是数"), ("town/iot/outlet/up", "{", "JSON"), ("town/else", "{}", "没有映射与这个主题相符"),
        ("town/iot/outlet/up", '{"cod": 1, "ts": "2001-01-01T00:00:00Z"}', "十年"),
    ])  # fmt: skip
    def test_a_trial_says_what_would_be_kept_or_why_not(self, enter, feed, topic, payload, words):
        given = {"act": "try", "definitions": YAML, "topic": topic, "payload": payload % {"now": timezone.now().isoformat()} if "%(" in payload else payload}
        answer = enter("officer").post("/stations/feeds/cloud/mapping/", given)
        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert not Reading.objects.exists()

    def test_a_mapping_that_cannot_be_read_is_named_by_its_line(self, enter, feed):
        answer = enter("officer").post("/stations/feeds/cloud/mapping/", {"act": "try", "definitions": "- topic: [\n", "topic": "t"})
        assert answer.status_code == 422
        assert "第 2 行" in answer.content.decode()

    def test_a_refused_message_can_be_tried_again(self, enter, feed):
        at = timezone.now()
        message = Message("town/iot/nowhere/up", b'{"cod": 7, "ts": 1}', at)
        operations.take_messages(by=BY, at=at, book=queries.book_of(seen_by=BY, feed_id=feed.pk), messages=[message])
        browser = enter("officer")
        kept = queries.refused_messages(seen_by=BY, feed_id=feed.pk).get()
        assert kept.reason in browser.get("/stations/feeds/cloud/refused/").content.decode()
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        english = browser.get("/stations/feeds/cloud/refused/").content.decode()
        assert "a reading is kept from ten years back to a day ahead" in english
        assert kept.reason not in english
        told = browser.get("/api/v1/feeds/cloud/refused").json()["rows"][0]["reason"]
        assert told == "a reading is kept from ten years back to a day ahead"
        del browser.cookies[settings.LANGUAGE_COOKIE_NAME]
        again = browser.get(f"/stations/feeds/cloud/mapping/?refused={kept.pk}").content.decode()
        assert "town/iot/nowhere/up" in again
        assert "&quot;cod&quot;: 7" in again


@pytest.mark.django_db
class TestApi:
    BODY = {"name": "平台", "host": "mqtt.example", "topics": ["town/iot/+/up"], "password": "secret-word"}

    def test_does_what_pages_do(self, administrator):
        assert put(administrator, "/feeds/cloud", self.BODY).status_code == 201
        changed = put(administrator, "/feeds/cloud", {**self.BODY, "port": 8883, "password": None})
        assert (changed.status_code, changed.json()["port"], changed.json()["has_password"]) == (200, 8883, True)
        assert "secret" not in changed.content.decode()
        assert put(administrator, "/feeds/cloud/mappings", definitions.read(YAML)).json() == definitions.read(YAML)
        wrong = put(administrator, "/feeds/cloud/mappings", [{"topic": "a/#/b", "format": "xml"}])
        assert wrong.status_code == 422
        assert {fault["field"] for fault in wrong.json()["errors"]} >= {"topic", "format"}
        body = {"topic": "town/iot/outlet/up", "payload": json.dumps({"cod": 5000, "ts": timezone.now().timestamp()})}
        tried = administrator.post("/api/v1/feeds/cloud/trial", json.dumps(body), content_type="application/json").json()
        assert [(row["station"], row["factor"], row["is_kept"]) for row in tried["rows"]] == [("outlet", "w01018", True)]
        assert administrator.get("/api/v1/feeds/cloud/refused").json() == {"rows": [], "after": ""}
        assert [one["code"] for one in administrator.get("/api/v1/feeds").json()] == ["cloud"]

    def test_is_closed_to_those_who_may_not(self, enter, feed):
        resident = enter("resident")
        assert resident.get("/api/v1/feeds").status_code == 403
        assert put(resident, "/feeds/cloud", self.BODY).status_code == 403
        assert put(enter("supervisor"), "/feeds/cloud", self.BODY).status_code == 403
        assert put(enter("officer"), "/feeds/cloud", self.BODY).status_code == 200


class TestDefinitions:
    def test_come_back_as_they_were_written(self):
        kept = definitions.read(YAML)
        assert definitions.read(definitions.write(kept)) == kept

    @pytest.mark.parametrize("text", ["", "7", "- 7", "topic: [", "a: &a [1]\nb: *a", "[]", "- {x: !!python/object:os.system {}}"])
    def test_that_are_none_are_refused(self, text):
        with pytest.raises(BadMapping):
            definitions.read(text)


@pytest.mark.parametrize(("one", "other", "does"), [
    ("a/#", "a/b", True), ("a/+", "a/b/c", False), ("+/b", "a/+", True), ("#", "$SYS/x", False), ("a/b", "a/b", True), ("a/#", "a", True),
    ("a/+/c", "a/b/d", False), ("$share/g/a/b", "a/+", True), ("+/x", "$SYS/x", False), ("$SYS/#", "$SYS/x", True),
])  # fmt: skip
def test_filters_that_would_bring_a_message_twice_are_known(one, other, does):
    assert overlap(one, other) is does
    assert overlap(other, one) is does
