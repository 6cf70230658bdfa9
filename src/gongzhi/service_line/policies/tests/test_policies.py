"""Policies as acts: prepared, released by another, read, replaced, repealed, run out; who is told, and what answers a question."""

from datetime import date, timedelta

import pytest

from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.foundation.notices.models import Notice
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.ledger.models import Entry
from gongzhi.service_line.policies import letters, operations, queries
from gongzhi.service_line.policies.models import Policy
from gongzhi.service_line.policies.operations.releasing import NothingExpired, NotNumbered, TooEarly
from gongzhi.service_line.policies.tests.factories import LETTER, make_policy

DAY = timedelta(days=1)


@pytest.fixture
def made(town, noon):
    return make_town_with_list(noon)


class TestLetters:
    def test_are_cut_at_their_clauses_with_headings_apart(self):
        text = "云溪小镇用工补贴办法\n\n第一章　总则\n第一条 目的。\n（一）甲；\n（二）乙。\n\n第十二条之一　附则。\n第二章 其他\n第十三条　完。"
        assert letters.split(text) == [
            ("", "云溪小镇用工补贴办法"), ("", "第一章　总则"), ("第一条", "目的。\n（一）甲；\n（二）乙。"), ("第十二条之一", "附则。"), ("", "第二章 其他"),
            ("第十三条", "完。"),
        ]  # fmt: skip

    def test_without_clauses_are_cut_at_empty_lines(self):
        assert letters.split("甲\n乙\n\n \n丙") == [("", "甲\n乙"), ("", "丙")]
        assert letters.split(" \n ") == []

    def test_joined_again_are_cut_into_the_same(self):
        cut = letters.split(LETTER)
        assert letters.split(letters.joined(cut)) == cut
        assert len(cut) == 3


class TestReleasing:
    def test_takes_another_person_than_who_prepared_it(self, made, noon):
        prepared = operations.prepare_policy(
            by=made.by("member"), at=noon, code="own", title="自己起草", number="云〔2026〕1 号", organ_id=made.organs["committee"].pk,
            signed_on=noon.date(), valid_from=noon.date(), text=LETTER,
        )  # fmt: skip
        with pytest.raises(NotAllowed):
            operations.release_policy(by=made.by("member"), at=noon, policy_id=prepared.pk)
        assert not queries.policies(seen_by=ANYONE).exists()
        with pytest.raises(NotAllowed):
            operations.release_policy(by=made.by("officer"), at=noon, policy_id=prepared.pk)
        operations.release_policy(by=MAKER, at=noon, policy_id=prepared.pk)
        assert [one.code for one in queries.policies(seen_by=ANYONE)] == ["own"]
        fact = Entry.objects.get(kind="PolicyReleased").content
        assert fact["number"] == "云〔2026〕1 号"
        assert len(fact["digest"]) == 64

    def test_is_seen_by_its_unit_before_and_by_no_other(self, made, noon):
        make_policy(noon, release=False)
        assert queries.policies(seen_by=made.by("officer"), released=None).count() == 1
        assert queries.policies(seen_by=made.by("member"), released=None).count() == 1
        assert queries.policies(seen_by=made.by("enforcer"), released=None).count() == 0
        assert queries.policies(seen_by=made.by("resident"), released=None).count() == 0

    def test_changes_no_letter_afterwards(self, made, noon):
        policy = make_policy(noon)
        with pytest.raises(operations.AlreadyReleased):
            make_policy(noon, policy_id=policy.pk, release=False)
        with pytest.raises(operations.AlreadyReleased):
            operations.release_policy(by=MAKER, at=noon, policy_id=policy.pk)

    @pytest.mark.parametrize(
        ("given", "refusal", "field"),
        [
            ({"code": "Big"}, operations.BadCode, "code"), ({"code": "x" * 61}, operations.BadCode, "code"), ({"title": " "}, operations.NoTitle, "title"),
            ({"text": "\n"}, operations.NoText, "text"), ({"valid_until": date(2026, 10, 31)}, operations.Backwards, "valid_until"),
            ({"replaces": ["none"]}, queries.NoSuchPolicy, "replaces"), ({"code": "hiring"}, operations.CodeTaken, "code"),
            ({"number": "云溪管〔2026〕18  号"}, operations.NumberTaken, "number"),
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_stand(self, made, noon, given, refusal, field):
        make_policy(noon)
        fit = {"code": "x" * 60, "number": "云〔2026〕2 号", "valid_until": date(2026, 11, 1)}
        with pytest.raises(refusal) as caught:
            make_policy(noon, **(fit | given))
        assert caught.value.field == field
        assert make_policy(noon, **fit).code == "x" * 60

    def test_needs_its_number(self, made, noon):
        policy = make_policy(noon, number="", release=False)
        with pytest.raises(NotNumbered):
            operations.release_policy(by=MAKER, at=noon, policy_id=policy.pk)


class TestEnding:
    def test_comes_on_the_day_from_which_the_new_one_holds(self, made, noon):
        old = make_policy(noon)
        operations.link_policy(by=made.by("officer"), at=noon, policy_id=old.pk, kind="item", code="A-1", title="补贴申请")
        new = make_policy(noon, code="hiring-2", number="云溪管〔2026〕30 号", valid_from=date(2026, 12, 1), replaces=["hiring"])
        old.refresh_from_db()
        assert (old.ended_on, old.ended_how, old.ended_by_id) == (date(2026, 12, 1), "replaced", new.pk)
        assert old.state_on(date(2026, 11, 30)) == "in_force"
        assert old.state_on(date(2026, 12, 1)) == "ended"
        assert new.state_on(date(2026, 11, 30)) == "coming"
        fact = Entry.objects.get(kind="PolicyEnded").content
        assert (fact["links"], fact["by_code"], fact["since"]) == (["item:A-1"], "hiring-2", "2026-12-01")
        assert [(ring.state, ring.policy.code) for ring in queries.chain(seen_by=ANYONE, policy=queries.policy_for(seen_by=ANYONE, code="hiring-2"))] == [
            ("gone", "hiring"), ("now", "hiring-2"),
        ]  # fmt: skip

    def test_by_repeal_needs_a_reason_and_never_lies_in_the_past(self, made, noon):
        policy = make_policy(noon)
        today = date(2026, 11, 18)
        for by in ("officer", "resident"):
            with pytest.raises(NotAllowed):
                operations.repeal_policy(by=made.by(by), at=noon, policy_id=policy.pk, since=today, reason="x")
        with pytest.raises(operations.NoReasonToEnd):
            operations.repeal_policy(by=made.by("member"), at=noon, policy_id=policy.pk, since=today, reason=" ")
        with pytest.raises(TooEarly):
            operations.repeal_policy(by=made.by("member"), at=noon, policy_id=policy.pk, since=today - DAY, reason="x")
        policy = operations.repeal_policy(by=made.by("member"), at=noon, policy_id=policy.pk, since=today, reason="资金用完")
        assert policy.state_on(today) == "ended"
        with pytest.raises(operations.AlreadyEnded):
            operations.repeal_policy(by=made.by("member"), at=noon, policy_id=policy.pk, since=today, reason="再次")

    def test_comes_by_itself_the_day_after_the_last(self, made, noon):
        policy = make_policy(noon, valid_until=date(2026, 11, 18))
        assert queries.to_expire(seen_by=CLOCK, on=date(2026, 11, 18)) == []
        with pytest.raises(NothingExpired):
            operations.expire_policies(by=CLOCK, at=noon, policy_ids=[policy.pk])
        assert queries.to_expire(seen_by=CLOCK, on=date(2026, 11, 19)) == [policy.pk]
        with pytest.raises(NotAllowed):
            operations.expire_policies(by=made.by("member"), at=noon + DAY, policy_ids=[policy.pk])
        assert operations.expire_policies(by=CLOCK, at=noon + DAY, policy_ids=[policy.pk]) == 1
        policy.refresh_from_db()
        assert (policy.ended_on, policy.ended_how) == (date(2026, 11, 19), "expired")

    def test_is_told_to_those_whose_criteria_rest_on_it(self, made, noon):
        policy = make_policy(noon)
        operations.link_policy(by=MAKER, at=noon, policy_id=policy.pk, kind="criterion", code="small-firm", title="小微企业")
        operations.repeal_policy(by=MAKER, at=noon, policy_id=policy.pk, since=date(2026, 11, 20), reason="x")
        told = Notice.objects.filter(title__startswith="Criteria rest")
        assert [one.person_id for one in told] == [made.people["member"].pk]


class TestSubscriptions:
    def test_tell_by_topic_and_place_and_once(self, made, noon):
        for who, topic, area in (("resident", "work", None), ("neighbour", "health", None), ("officer", "", "east"), ("walker", "", "west")):
            operations.subscribe(by=made.by(who), at=noon, topic=topic, area_id=made.areas[area].pk if area else None)
        operations.subscribe(by=made.by("resident"), at=noon, topic="work")
        assert queries.subscriptions(seen_by=made.by("resident")).count() == 1
        make_policy(noon, area_id=made.areas["west"].pk)
        told = {one.person_id for one in Notice.objects.filter(kind="policies.PolicyReleased")}
        assert told == {made.people[who].pk for who in ("resident", "walker")}

    def test_are_for_who_has_signed_in_and_ended_by_who_made_them(self, made, noon):
        with pytest.raises(NotAllowed):
            operations.subscribe(by=ANYONE, at=noon)
        wish = operations.subscribe(by=made.by("resident"), at=noon)
        with pytest.raises(wish.DoesNotExist):
            operations.unsubscribe(by=made.by("neighbour"), at=noon, subscription_id=wish.pk)
        operations.unsubscribe(by=made.by("resident"), at=noon, subscription_id=wish.pk)
        assert not queries.subscriptions(seen_by=made.by("resident")).exists()


class TestAnswering:
    def test_finds_the_clause_with_its_reading_and_the_question(self, made, noon):
        policy = make_policy(noon)
        make_policy(noon, code="noise", number="云溪管〔2026〕19 号", title="夜间施工管理办法",
                    text="第一条　夜间十点后停止施工，抢修除外。", topics=["environment"])  # fmt: skip
        operations.publish_reading(by=made.by("officer"), at=noon, policy_id=policy.pk, gist="每招一人补 3,000 元。",
                                   plain={1: ("拿多少", "第一次给员工交社保的企业，每招一人补 3,000 元。")})  # fmt: skip
        asked = "员工去年就来了，今年才交社保，算吗？"
        operations.answer_question(by=made.by("officer"), at=noon, policy_id=policy.pk, text=asked, answer="算。", clause="第二条")
        found = queries.likely(seen_by=ANYONE, text="给员工交社保有没有补贴", on=noon.date())
        assert found[0].passage.kind in ("clause", "question")
        assert {one.passage.url.split("#")[0] for one in found} == {"/policies/hiring/"}
        assert 0 < found[0].covers <= 1
        assert queries.likely(seen_by=ANYONE, text="工地夜间施工太吵", on=noon.date())[0].passage.url == "/policies/noise/#c0"
        assert queries.likely(seen_by=ANYONE, text="zzz qqq", on=noon.date()) == []
        assert queries.likely(seen_by=ANYONE, text="，。", on=noon.date()) == []

    def test_stops_with_the_policy(self, made, noon):
        policy = make_policy(noon)
        assert queries.likely(seen_by=ANYONE, text="社会保险补贴", on=date(2026, 11, 19))
        operations.repeal_policy(by=MAKER, at=noon, policy_id=policy.pk, since=date(2026, 11, 20), reason="x")
        assert queries.likely(seen_by=ANYONE, text="社会保险补贴", on=date(2026, 11, 19))
        assert queries.likely(seen_by=ANYONE, text="社会保险补贴", on=date(2026, 11, 20)) == []

    def test_says_nothing_of_what_is_not_released(self, made, noon):
        policy = make_policy(noon, release=False)
        operations.publish_reading(by=MAKER, at=noon, policy_id=policy.pk, gist="x", plain={1: ("拿多少", "每人三千")})
        assert queries.likely(seen_by=ANYONE, text="社会保险补贴", on=noon.date()) == []

    def test_is_of_the_own_town_alone(self, made, noon, other_town):
        from gongzhi.kernel.towns import in_town

        make_policy(noon)
        with in_town(other_town.pk):
            assert queries.likely(seen_by=ANYONE, text="社会保险补贴", on=noon.date()) == []
            assert not Policy.objects.exists()

    def test_counts_whom_it_helped(self, made, noon):
        policy = make_policy(noon)
        question = operations.answer_question(by=MAKER, at=noon, policy_id=policy.pk, text="问", answer="答")
        assert operations.find_useful(by=ANYONE, at=noon, question_id=question.pk).useful == 1
        assert operations.find_useful(by=ANYONE, at=noon, question_id=question.pk).useful == 2
