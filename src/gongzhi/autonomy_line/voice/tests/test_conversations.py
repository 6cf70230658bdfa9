"""Conversations: acts, who may see what, pages, API."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from gongzhi.autonomy_line.voice import operations, picture, queries, tasks
from gongzhi.autonomy_line.voice.models import Conversation, Statement, Voice
from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.ledger.models import Entry
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
TEXTS = ["夜市要搬", "十点半收摊", "垃圾当晚清", "取消夜市", "装灯再搬", "用喇叭", "抽签定摊位", "每周歇一天"]


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def made(town, now):
    towns.forget()
    return make_town_with_list(now)


@pytest.fixture
def enter(made):
    return partial(browser_of, made)


def ask(now, **more):
    organ = organs.open_organs(seen_by=ANYONE, on=now.date())[0]
    given = {
        "code": "market", "question": "夜市搬不搬？", "why": "定去处", "organ_id": organ.pk, "closes_at": now + timedelta(days=7), "statements": TEXTS,
    } | more  # fmt: skip
    return operations.open_conversation(by=MAKER, at=now, **given)


@pytest.fixture
def asked(made, now):
    return ask(now)


def person(now, name="乙"):
    one = people.register_person(by=MAKER, at=now, kind="resident", public_name=name)
    return organs.actor_for_person(seen_by=ANYONE, person_id=one.pk, at=now)


def camps(quiet=30, traders=20):
    """Return sheets of two camps who agree on the third statement."""
    one = {1: 1, 2: 1, 3: 1, 4: -1, 5: 1, 6: -1, 7: 1, 8: 1}
    other = {1: -1, 2: -1, 3: 1, 4: -1, 5: -1, 6: 1, 7: -1, 8: -1}
    return [dict(one) for _n in range(quiet)] + [dict(other) for _n in range(traders)]


class TestOpen:
    def test_begins_with_shown_statements_and_leaves_a_fact(self, asked, now):
        assert [one.text for one in queries.statements(seen_by=ANYONE, conversation=asked)] == TEXTS
        assert asked.is_open_at(now)
        assert not asked.is_open_at(asked.closes_at)
        assert Entry.objects.filter(kind__endswith="ConversationOpened").exists()

    @pytest.mark.parametrize(("change", "refusal"), [
        ({"code": "Big One"}, operations.BadCode), ({"code": "desk"}, operations.BadCode), ({"question": " "}, operations.NoQuestion),
        ({"why": ""}, operations.NoPurpose), ({"statements": TEXTS[:4]}, operations.TooFew), ({"statements": [TEXTS[0]] * 9}, operations.TooFew),
        ({"statements": ["长" * 141, *TEXTS]}, operations.TooLong),
    ])  # fmt: skip
    def test_refuses_what_cannot_be_asked(self, made, now, change, refusal):
        with pytest.raises(refusal):
            ask(now, **change)
        assert not Conversation.objects.exists()

    def test_is_open_for_a_day_at_least(self, made, now):
        with pytest.raises(operations.TooShort):
            ask(now, closes_at=now + timedelta(hours=23, minutes=59))
        assert ask(now, closes_at=now + timedelta(days=1)).pk

    def test_only_a_post_that_allows_it_opens_one(self, made, now):
        with pytest.raises(NotAllowed):
            operations.open_conversation(by=made.by("resident"), at=now, code="x", question="?", why="w", organ_id=1, closes_at=now, statements=TEXTS)


class TestStances:
    def test_the_last_word_counts_once_for_each_person(self, asked, made, now):
        by = made.by("resident")
        operations.take_stance(by=by, at=now, conversation_id=asked.pk, number=1, value=1)
        voice = operations.take_stance(by=by, at=now, conversation_id=asked.pk, number=1, value=-1)
        assert (voice.said, voice.latest, Voice.objects.count()) == ({"1": -1}, 1, 1)

    def test_refuses_the_closing_moment_nobody_and_what_is_not_shown(self, asked, made, now):
        take = partial(operations.take_stance, conversation_id=asked.pk, number=1, value=1)
        with pytest.raises(operations.Closed):
            take(by=made.by("resident"), at=asked.closes_at)
        with pytest.raises(NotAllowed):
            take(by=ANYONE, at=now)
        with pytest.raises(operations.NotShown):
            take(by=made.by("resident"), at=now, number=99)
        with pytest.raises(operations.NoStance):
            take(by=made.by("resident"), at=now, value=2)
        assert take(by=made.by("resident"), at=asked.closes_at - timedelta(seconds=1)).said == {"1": 1}

    def test_nobody_sees_what_another_said(self, asked, made, now):
        operations.take_stance(by=made.by("resident"), at=now, conversation_id=asked.pk, number=1, value=1)
        assert queries.voice_of(seen_by=made.by("resident"), conversation=asked).said == {"1": 1}
        for other in (made.by("dispatcher"), person(now), ANYONE, CLOCK):
            assert queries.voice_of(seen_by=other, conversation=asked) is None

    def test_the_next_statement_is_one_not_spoken_to(self, asked, made, now):
        by = made.by("resident")
        seen = set()
        for _n in TEXTS:
            card = queries.card_for(seen_by=by, conversation=asked)
            seen.add(card.statement.number)
            operations.take_stance(by=by, at=now, conversation_id=asked.pk, number=card.statement.number, value=0)
        assert seen == set(range(1, 9))
        card = queries.card_for(seen_by=by, conversation=asked)
        assert (card.statement, card.done, card.total) == (None, 8, 8)


class TestStatements:
    def test_waits_until_somebody_else_has_read_it(self, asked, made, now):
        by = made.by("resident")
        made_one = operations.write_statement(by=by, at=now, conversation_id=asked.pk, text="  要有  公厕，电话13812345678 ")
        assert (made_one.number, made_one.state) == (9, "waiting")
        assert "13812345678" not in made_one.text
        assert made_one not in queries.statements(seen_by=ANYONE, conversation=asked)
        assert made_one in queries.written_by(seen_by=by, conversation=asked)
        operations.judge_statement(by=MAKER, at=now, statement_id=made_one.pk, shown=True)
        assert made_one in queries.statements(seen_by=ANYONE, conversation=asked)

    def test_is_left_out_with_a_reason_only_and_the_writer_reads_it(self, asked, made, now):
        by = made.by("resident")
        one = operations.write_statement(by=by, at=now, conversation_id=asked.pk, text="骂人的话")
        with pytest.raises(operations.NoReason):
            operations.judge_statement(by=MAKER, at=now, statement_id=one.pk, shown=False, reason=" ")
        operations.judge_statement(by=MAKER, at=now, statement_id=one.pk, shown=False, reason="针对个人")
        assert queries.written_by(seen_by=by, conversation=asked).get().reason == "针对个人"
        assert one not in queries.statements(seen_by=person(now), conversation=asked)
        with pytest.raises(operations.NotShown):
            operations.take_stance(by=by, at=now, conversation_id=asked.pk, number=one.number, value=1)

    def test_nobody_judges_their_own(self, asked, made, now):
        member = made.by("member")
        one = operations.write_statement(by=member, at=now, conversation_id=asked.pk, text="我写的")
        with pytest.raises(NotAllowed):
            operations.judge_statement(by=member, at=now, statement_id=one.pk, shown=True)
        assert one not in queries.waiting(seen_by=member)
        with pytest.raises(NotAllowed):
            operations.judge_statement(by=made.by("resident"), at=now, statement_id=one.pk, shown=True)

    def test_is_short_new_and_not_too_many(self, asked, made, now):
        write = partial(operations.write_statement, by=made.by("resident"), at=now, conversation_id=asked.pk)
        with pytest.raises(operations.NothingWritten):
            write(text="  ")
        with pytest.raises(operations.TooLong):
            write(text="字" * 141)
        with pytest.raises(operations.SaidAlready):
            write(text=TEXTS[0])
        assert len(write(text="字" * 140).text) == 140
        for number in range(operations.MOST_A_PERSON - 1):
            write(text=f"第 {number} 句")
        with pytest.raises(operations.TooMany):
            write(text="再来一句")
        with pytest.raises(operations.Closed):
            write(text="晚了", at=asked.closes_at)


class TestMap:
    def test_shows_groups_and_common_ground_and_no_person(self, asked, made, now):
        operations.bring_voices(by=MAKER, at=now, conversation_id=asked.pk, voices=camps())
        drawn = operations.draw_map(by=CLOCK, at=now, conversation_id=asked.pk)
        assert [group["size"] for group in drawn.picture["groups"]] == [30, 20]
        assert {(row["number"], row["direction"]) for row in drawn.picture["common"]} == {(3, 1), (4, -1)}
        assert all(row["shares"] == [100, 100] for row in drawn.picture["common"])
        assert drawn.picture["dividing"][0]["shares"] in ([100, 0], [0, 100])
        assert {key for group in drawn.picture["groups"] for key in group} == {"size", "x", "y", "rx", "ry", "points", "typical"}

    def test_groups_of_fewer_than_five_are_not_shown(self, asked, made, now):
        operations.bring_voices(by=MAKER, at=now, conversation_id=asked.pk, voices=camps(quiet=30, traders=picture.LEAST - 1))
        drawn = operations.draw_map(by=CLOCK, at=now, conversation_id=asked.pk)
        assert [group["size"] for group in drawn.picture["groups"]] == [30]

    def test_is_drawn_again_by_the_clock_only_where_something_was_said(self, asked, made, now):
        assert queries.stale(seen_by=CLOCK) == []
        operations.take_stance(by=made.by("resident"), at=now, conversation_id=asked.pk, number=1, value=1)
        assert queries.stale(seen_by=CLOCK) == [asked.pk]
        tasks.draw_maps(0)
        assert queries.stale(seen_by=CLOCK) == []

    def test_a_statement_taken_out_later_is_on_no_map(self, asked, made, now):
        operations.bring_voices(by=MAKER, at=now, conversation_id=asked.pk, voices=camps())
        drawn = operations.draw_map(by=CLOCK, at=now, conversation_id=asked.pk)
        out = Statement.objects.get(conversation=asked, number=3)
        operations.judge_statement(by=MAKER, at=now, statement_id=out.pk, shown=False, reason="重复")
        assert [one.number for one in queries.shared(seen_by=ANYONE, conversation=drawn, rows=drawn.picture["common"])] == [4]


class TestPages:
    def test_say_and_see_before_and_after(self, asked, enter, made, now):
        operations.bring_voices(by=MAKER, at=now, conversation_id=asked.pk, voices=camps())
        operations.draw_map(by=CLOCK, at=now, conversation_id=asked.pk)
        assert "夜市搬不搬" in enter().get("/voice/").content.decode()
        assert "voice/market/map" in enter().get("/voice/market/").content.decode()
        assert "垃圾当晚清" not in enter().get("/voice/market/map/").content.decode()
        client = enter("resident")
        sent = client.post("/voice/market/", {"number": "1", "value": "yes"})
        assert sent.status_code == 302
        assert Voice.objects.get(person_id=made.people["resident"].pk).said == {"1": 1}
        page = client.get("/voice/market/map/").content.decode()
        assert "垃圾当晚清" in page
        assert page.count("<ellipse") == 2
        assert "?number=1" in client.get("/voice/market/").content.decode()

    def test_who_has_not_signed_in_is_led_there_and_back(self, asked, enter):
        sent = enter().post("/voice/market/", {"number": "1", "value": "yes"})
        assert sent.headers["Location"] == "/sign-in/?next=%2Fvoice%2Fmarket%2F"
        assert not Voice.objects.exists()

    def test_write_and_judge(self, asked, enter, made):
        resident, member = enter("resident"), enter("member")
        assert resident.post("/voice/market/write/", {"text": "字" * 200}).status_code == 422
        resident.post("/voice/market/write/", {"text": "要有公厕"})
        one = Statement.objects.get(text="要有公厕")
        assert "要有公厕" in member.get("/voice/desk/").content.decode()
        member.post("/voice/desk/", {"statement": one.pk, "what": "out", "reason": ""})
        one.refresh_from_db()
        assert one.is_waiting
        member.post("/voice/desk/", {"statement": one.pk, "what": "out", "reason": "说过了"})
        assert "说过了" in resident.get("/voice/market/").content.decode()
        assert resident.get("/voice/desk/").status_code == 403

    def test_ask_everybody_from_the_desk(self, made, enter, now):
        member = enter("member")
        organ = organs.open_organs(seen_by=ANYONE, on=now.date())[0]
        given = {"question": "公交加不加班？", "code": "bus", "why": "定班次", "organ_id": organ.pk, "closes_on": (now + timedelta(days=9)).date().isoformat(),
                 "statements": "\n".join(TEXTS)}  # fmt: skip
        assert member.post("/voice/desk/new/", given | {"statements": "一句"}).status_code == 422
        assert member.post("/voice/desk/new/", given).headers["Location"] == "/voice/bus/"

    def test_what_is_not_there_is_not_found(self, made, enter):
        assert enter().get("/voice/none/").status_code == 404
        assert enter().get("/voice/none/map/").status_code == 404


class TestApi:
    def test_reads_says_and_writes(self, asked, enter, now):
        client = enter("resident")
        assert client.get("/api/v1/conversations/market/map").status_code == 409
        send = partial(client.post, content_type="application/json")
        assert send("/api/v1/conversations/market/stances", json.dumps({"number": 1, "stance": "agree"})).json() == {"number": 1, "stance": "agree"}
        assert send("/api/v1/conversations/market/stances", json.dumps({"number": 1, "stance": "maybe"})).status_code == 422
        assert client.get("/api/v1/conversations/market/map").json()["groups"] == []
        written = send("/api/v1/conversations/market/statements", json.dumps({"text": "要有公厕"}))
        assert (written.status_code, written.json()["state"]) == (201, "waiting")
        assert len(client.get("/api/v1/conversations/market/statements").json()) == 9
        assert len(enter().get("/api/v1/conversations/market/statements").json()) == 8
        assert enter().get("/api/v1/conversations").json()[0]["people"] == 1
        assert enter().post("/api/v1/conversations/market/stances", json.dumps({"number": 1, "stance": "agree"}),
                            content_type="application/json").status_code in (401, 403)  # fmt: skip
