"""A draft: asked about, each opinion answered, the result published before anything is decided."""

from datetime import date, timedelta

import pytest

from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import NotAllowed
from gongzhi.service_line.policies import operations, queries
from gongzhi.service_line.policies.operations.consulting import AlreadyTold, NoResult, NothingChosen, NothingSaid, TooLong, TooShort
from gongzhi.service_line.policies.tests.factories import LETTER, make_policy

CLOSES = date(2026, 11, 25)  # seven days after noon's


@pytest.fixture
def made(town, noon):
    return make_town_with_list(noon)


@pytest.fixture
def asked(made, noon):
    return operations.open_consultation(by=made.by("officer"), at=noon, code="noise", title="夜间施工办法（草案）", why="晚上太吵。",
                                        organ_id=made.organs["utilities"].pk, closes_on=CLOSES, text=LETTER)  # fmt: skip


def after(noon):
    return noon + timedelta(days=8)


class TestOpening:
    def test_is_for_the_unit_that_drafts_and_lasts_seven_days_at_least(self, made, noon):
        given = {"code": "x", "title": "草案", "why": "因为", "organ_id": made.organs["utilities"].pk, "closes_on": CLOSES, "text": LETTER}
        for who in ("enforcer", "resident"):
            with pytest.raises(NotAllowed):
                operations.open_consultation(by=made.by(who), at=noon, **given)
        with pytest.raises(TooShort):
            operations.open_consultation(by=made.by("officer"), at=noon, **(given | {"closes_on": CLOSES - timedelta(days=1)}))
        assert operations.open_consultation(by=made.by("officer"), at=noon, **given).sections.count() == 3
        with pytest.raises(operations.CodeTaken):
            operations.open_consultation(by=made.by("officer"), at=noon, **given)


class TestOpinions:
    def test_come_from_anybody_until_the_end_of_the_last_day(self, asked, noon):
        section = asked.sections.first()
        one = operations.give_opinion(by=ANYONE, at=noon, consultation_id=asked.pk, text="十点改九点，电话 13812345678", section_id=section.pk)
        assert "13812345678" not in one.text
        assert one.section == section
        last_minute = noon.replace(day=25, hour=15, minute=59)  # 23:59 in Shanghai
        operations.give_opinion(by=ANYONE, at=last_minute, consultation_id=asked.pk, text="同意")
        with pytest.raises(operations.NotOpen):
            operations.give_opinion(by=ANYONE, at=last_minute + timedelta(minutes=1), consultation_id=asked.pk, text="晚了")

    @pytest.mark.parametrize(("text", "refusal"), [(" ", NothingSaid), ("字" * 4001, TooLong)])
    def test_say_something_and_not_a_book(self, asked, noon, text, refusal):
        with pytest.raises(refusal):
            operations.give_opinion(by=ANYONE, at=noon, consultation_id=asked.pk, text=text)
        assert operations.give_opinion(by=ANYONE, at=noon, consultation_id=asked.pk, text="字" * 4000)


class TestResult:
    def test_waits_for_the_last_day_and_for_every_answer(self, made, asked, noon):
        ids = [operations.give_opinion(by=ANYONE, at=noon, consultation_id=asked.pk, text=text).pk for text in ("甲", "乙", "丙")]
        by = made.by("officer")
        with pytest.raises(operations.StillOpen):
            operations.publish_result(by=by, at=noon, consultation_id=asked.pk, result="x")
        with pytest.raises(NotAllowed):
            operations.answer_opinions(by=made.by("enforcer"), at=after(noon), consultation_id=asked.pk, opinion_ids=ids, taken="yes", reason="好")
        with pytest.raises(operations.NoReason):
            operations.answer_opinions(by=by, at=after(noon), consultation_id=asked.pk, opinion_ids=ids, taken="yes", reason=" ")
        with pytest.raises(NothingChosen):
            operations.answer_opinions(by=by, at=after(noon), consultation_id=asked.pk, opinion_ids=[], taken="yes", reason="好")
        operations.answer_opinions(by=by, at=after(noon), consultation_id=asked.pk, opinion_ids=ids[:2], taken="yes", reason="合理")
        with pytest.raises(operations.OpinionsWait):
            operations.publish_result(by=by, at=after(noon), consultation_id=asked.pk, result="x")
        operations.answer_opinions(by=by, at=after(noon), consultation_id=asked.pk, opinion_ids=ids[2:], taken="no", reason="法律另有规定")
        with pytest.raises(NoResult):
            operations.publish_result(by=by, at=after(noon), consultation_id=asked.pk, result=" ")
        told = operations.publish_result(by=by, at=after(noon), consultation_id=asked.pk, result="采纳两条。")
        assert told.state_on(CLOSES) == "told"
        assert queries.outcome(seen_by=ANYONE, consultation=told) == {"yes": 2, "partly": 0, "no": 1, "waiting": 0}
        with pytest.raises(AlreadyTold):
            operations.publish_result(by=by, at=after(noon), consultation_id=asked.pk, result="x")

    def test_comes_before_the_decision(self, made, asked, noon):
        policy = make_policy(noon, release=False, consultation_id=asked.pk)
        with pytest.raises(operations.ResultLacks):
            operations.release_policy(by=MAKER, at=after(noon), policy_id=policy.pk)
        operations.publish_result(by=made.by("officer"), at=after(noon), consultation_id=asked.pk, result="没有收到意见。")
        assert operations.release_policy(by=MAKER, at=after(noon), policy_id=policy.pk).is_released
