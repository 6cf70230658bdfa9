"""A question to a unit: asked, answered in public, asked on, closed by the clock, found by the next who asks."""

from datetime import timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.models import Case, Clock
from gongzhi.foundation.notices.models import Notice
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import NotAllowed
from gongzhi.service_line.openness import operations, queries
from gongzhi.service_line.openness.models import Enquiry
from gongzhi.service_line.openness.tests.factories import make_open_town, mark
from gongzhi.service_line.policies import queries as policies

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = "0123456789abcdef"


@pytest.fixture
def made(town, noon):
    return make_open_town(noon)


def ask(made, by=ANYONE, **more):
    given = {"organ_id": made.organs["utilities"].pk, "text": "路灯坏了找谁修？我家门口的路灯不亮。"} | more
    return operations.ask(by=by, at=made.at, **given)


def answer(made, case, text="打 0571-8800 0131，当天到场。", at=None):
    at = at or made.at + HOUR
    cases.accept_case(by=made.by("officer"), at=at, case_id=case.pk)
    return cases.answer_case(by=made.by("officer"), at=at, case_id=case.pk, public_text=text)


class TestAsking:
    def test_goes_to_the_named_unit_with_five_working_days(self, made):
        case, code = ask(made)
        assert (case.kind, case.lead_id, case.state, case.visibility) == ("enquiry", made.organs["utilities"].pk, "assigned", "public")
        assert case.number.startswith("云溪询〔2026〕")
        assert case.title == "路灯坏了找谁修？"
        assert (case.due_at - made.at) == 7 * DAY  # Wednesday noon and five working days
        assert len(code) == 19
        held = case_queries.follow_by_code(seen_by=ANYONE, code=code)
        assert held.case == case

    def test_shows_no_code_to_who_signed_in_and_tells_them_of_the_answer(self, made):
        case, code = ask(made, by=made.by("resident"))
        assert code == ""
        answer(made, case)
        assert Notice.objects.filter(person_id=made.people["resident"].pk, case_id=case.pk).exists()

    @pytest.mark.parametrize(
        ("given", "refusal", "field"),
        [({"text": " \n"}, operations.NothingAsked, "text"), ({"organ_id": 0}, operations.NobodyToAsk, "organ"),
         ({"submission_key": "short"}, operations.KeyTooShort, "submission_key")],
    )  # fmt: skip
    def test_refuses_what_nobody_could_answer(self, made, given, refusal, field):
        with pytest.raises(refusal) as caught:
            ask(made, **given)
        assert caught.value.field == field
        with pytest.raises(operations.NobodyToAsk):
            ask(made, organ_id=made.organs["firm"].pk)
        assert not Enquiry.objects.exists()

    def test_sent_twice_is_one_and_another_text_under_its_key_is_refused(self, made):
        first = ask(made, submission_key=KEY)
        assert ask(made, submission_key=KEY) == first
        with pytest.raises(operations.KeyUsed):
            ask(made, submission_key=KEY, text="别的问题")
        assert Enquiry.objects.count() == 1

    def test_masks_numbers_that_others_would_read(self, made):
        case, _code = ask(made, text="请打我电话 13812345678，路灯坏了")
        assert "13812345678" not in case.text + case.title


class TestAnswering:
    def test_is_public_and_found_by_the_next_who_asks(self, made):
        case, _code = ask(made)
        on = made.at.date()
        assert policies.likely(seen_by=ANYONE, text="路灯不亮", on=on) == []
        answer(made, case)
        found = policies.likely(seen_by=ANYONE, text="小区门口路灯不亮怎么办", on=on)
        assert [one.passage.url for one in found] == [f"/enquiries/{case.slug}/"]
        assert "当天到场" in found[0].passage.text
        assert [one.case_id for one in queries.answered(seen_by=ANYONE)] == [case.pk]

    def test_stays_with_whoever_asked_in_private(self, made):
        case, code = ask(made, is_private=True)
        answer(made, case)
        assert policies.likely(seen_by=ANYONE, text="路灯不亮", on=made.at.date()) == []
        assert not queries.answered(seen_by=ANYONE).exists()
        for who in (ANYONE, made.by("neighbour")):
            with pytest.raises(Case.DoesNotExist):
                queries.case_of(seen_by=who, slug=case.slug)
        held = case_queries.follow_by_code(seen_by=ANYONE, code=code)
        assert queries.case_of(seen_by=held.actor, slug=case.slug) == case

    def test_goes_on_when_asked_on_and_closes_by_itself_after_a_week(self, made):
        case, code = ask(made)
        answer(made, case)
        raiser = case_queries.follow_by_code(seen_by=ANYONE, code=code).actor
        with pytest.raises(NotAllowed):
            cases.decide_case(by=made.by("neighbour"), at=made.at + 2 * HOUR, case_id=case.pk, result="ask_on", public_text="x")
        cases.decide_case(by=raiser, at=made.at + 2 * HOUR, case_id=case.pk, result="ask_on", public_text="晚上也来吗？")
        answer(made, case, "晚上八点前都来。", at=made.at + 3 * HOUR)
        turns = queries.thread(seen_by=ANYONE, case=Case.objects.get(pk=case.pk))
        assert [(turn.is_answer, turn.text) for turn in turns] == [
            (False, case.text), (True, "打 0571-8800 0131，当天到场。"), (False, "晚上也来吗？"), (True, "晚上八点前都来。"),
        ]  # fmt: skip
        assert "晚上八点前" in policies.likely(seen_by=ANYONE, text="路灯不亮", on=made.at.date())[0].passage.text
        due = Clock.objects.get(case=case, of="timed", ended_at__isnull=True).due_at
        mark(due - timedelta(minutes=1))
        assert Case.objects.get(pk=case.pk).state == "answered"
        mark(due)
        assert Case.objects.get(pk=case.pk).state == "closed"
        cases.rate_case(by=raiser, at=due + HOUR, case_id=case.pk, level=5, party_id=next(iter(raiser.party_ids)))

    def test_of_another_unit_is_passed_on_on_the_same_clock(self, made):
        case, _code = ask(made)
        cases.return_case(by=made.by("officer"), at=made.at + HOUR, case_id=case.pk, reason="归执法队", clause="A-parking")
        case = cases.assign_case(by=made.by("dispatcher"), at=made.at + 2 * HOUR, case_id=case.pk, organ_id=made.organs["enforcement"].pk)
        assert (case.stage, case.lead_id) == ("reply", made.organs["enforcement"].pk)
        assert case.due_at - made.at == 7 * DAY

    def test_shows_the_officer_what_may_answer(self, made):
        first, _code = ask(made)
        answer(made, first)
        second, _code = ask(made, text="小区路灯又不亮了，找谁修？")
        told = queries.enquiry_dossier(seen_by=made.by("officer"), case=second)
        assert [one.passage.url for one in told["likely"]] == [f"/enquiries/{first.slug}/"]
        assert queries.enquiry_dossier(seen_by=ANYONE, case=second)["likely"] == []

    def test_is_published_by_the_system_alone(self, made):
        case, _code = ask(made)
        with pytest.raises(NotAllowed):
            operations.publish_answer(by=made.by("officer"), at=made.at, case_id=case.pk)
        with pytest.raises(NotAllowed):
            operations.ask(by=Actor(kind="person", person_id=1, scopes=frozenset({"town:read"})), at=made.at, organ_id=made.organs["utilities"].pk, text="x")
