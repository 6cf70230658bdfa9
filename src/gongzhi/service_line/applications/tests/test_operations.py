"""Matters and applications: what is refused beside what is done."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.cases.models import Case, Clock, Task
from gongzhi.cases.operations._steps import Missing
from gongzhi.cases.operations.catalogue import BadDefinition
from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.papers import queries as papers
from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.takers import takers
from gongzhi.service_line.applications import operations, queries
from gongzhi.service_line.applications.models import Filing, ItemVersion, Material, Notice, ServiceItem
from gongzhi.service_line.applications.operations.filing import NotAnswered, UnknownPaper
from gongzhi.service_line.applications.operations.handling import NothingNamed, WhyAgain
from gongzhi.service_line.applications.takers import rows
from gongzhi.service_line.applications.tests.factories import ANSWERS, file, make_town, matter, offer, paper

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BRANCHES = [
    {"code": "fire", "unit": "enforcement", "title": {"zh": "消防意见"}, "days": 3},
    {"code": "noise", "unit": "centre", "title": {"zh": "噪声意见"}, "days": 5},
]


@pytest.fixture
def made(town, noon):
    return make_town(noon)


def decide(made, who, filing, result, at=None, **more):
    return cases.decide_case(by=made.by(who), at=at or made.at + HOUR, case_id=filing.case_id, result=result, **more)


def grant(made, filing, at=None, who="officer", **more):
    return operations.grant(by=made.by(who), at=at or made.at + 2 * HOUR, case_id=filing.case_id, **more)


def supply(made, filing, at=None):
    return operations.add_material(by=made.by("resident"), at=at or made.at + HOUR, case_id=filing.case_id, code="report", attachment_ids=[paper(made)])


def marked(at):
    for _round in range(9):
        due = case_queries.clocks_to_mark(seen_by=CLOCK, at=at)
        if not due:
            return
        cases.mark_overdue(by=CLOCK, at=at, clock_ids=due)


def fresh(filing):
    return Filing.objects.select_related("case", "version").get(pk=filing.pk)


class TestDraftAndAdopt:
    def test_is_offered_when_the_committee_adopted_it_and_not_before(self, made):
        operations.draft_item(by=made.by("officer"), at=made.at, content_of=matter(code="JY-09", title={"zh": "新事项"}))
        assert "JY-09" not in {item.code for item in queries.offered(seen_by=ANYONE)}
        with pytest.raises(NotAllowed):
            operations.adopt_item(by=made.by("officer"), at=made.at, code="JY-09")
        adopted = operations.adopt_item(by=made.by("member"), at=made.at, code="JY-09")
        assert "JY-09" in {item.code for item in queries.offered(seen_by=ANYONE)}
        assert adopted.procedure.variant == "JY-09"
        assert adopted.procedure.definition["limit"] == {"amount": 10, "unit": "working_days"}

    def test_is_made_by_its_own_department_only(self, made):
        with pytest.raises(NotAllowed):
            operations.draft_item(by=made.by("enforcer"), at=made.at, content_of=matter(code="JY-09"))
        with pytest.raises(operations.CodeTaken):
            operations.draft_item(by=made.by("enforcer"), at=made.at, content_of=matter(unit="enforcement"))

    @pytest.mark.parametrize(("change", "fault"), [
        ({"promised": 21}, "longer than the statutory"), ({"basis": ""}, "basis"), ({"family": "x"}, "family"), ({"pattern": "parallel"}, "at least two"),
        ({"materials": [{"code": "a", "title": "A", "when": {"nothing": 1}}]}, "no such field"), ({"pattern": "promise"}, "promises"), ({"extra": 1}, "extra"),
    ])  # fmt: skip
    def test_names_every_fault(self, made, change, fault):
        with pytest.raises(operations.BadItem, match=fault):
            operations.draft_item(by=made.by("officer"), at=made.at, content_of=matter(code="JY-09", **change))

    def test_refuses_a_department_that_the_town_has_not_when_it_is_adopted(self, made):
        operations.draft_item(by=made.by("officer"), at=made.at, content_of=matter(code="JY-09", branches=[{"code": "a", "unit": "nobody", "title": "A"}]))
        with pytest.raises(BadDefinition, match="nobody"):
            operations.adopt_item(by=made.by("member"), at=made.at, code="JY-09")

    def test_leaves_running_applications_on_their_version(self, made):
        filing = file(made)
        operations.draft_item(by=made.by("officer"), at=made.at, content_of=matter(promised=5, materials=[], form=[]))
        operations.adopt_item(by=made.by("member"), at=made.at, code="JY-02")
        decide(made, "officer", filing, "admit")
        assert Clock.objects.get(case=filing.case, of="case").amount == 10
        assert len(fresh(filing).version.form) == 5
        assert file(made, values={}, materials={}).version.number == 2
        assert file(made, values=dict(ANSWERS), version=1).version.number == 1


class TestFile:
    def test_opens_a_case_with_sealed_answers_and_no_clock_before_admission(self, made):
        filing = file(made)
        case = filing.case
        assert (case.kind, case.stage, case.lead_id, case.visibility, case.due_at) == (
            "application",
            "receive",
            made.organs["utilities"].pk,
            "restricted",
            None,
        )
        assert "桂花" not in str(bytes(filing.values_sealed))
        assert json.loads(sealing.unseal(filing.values_sealed, "filing-values"))["values"] == ANSWERS
        assert "办" in case.number

    def test_names_every_answer_that_is_wrong_and_every_paper_that_lacks(self, made):
        with pytest.raises(operations.AnswersWrong) as wrong:
            file(made, values={"sells": ["drinks"], "phone": "1"})
        assert list(wrong.value.faults) == ["shop", "bar_area", "phone"]
        with pytest.raises(operations.MaterialsMissing) as lacking:
            file(made, values=ANSWERS | {"sells": ["drinks"], "bar_area": 3}, materials={})
        assert list(lacking.value.missing) == ["layout", "bar_plan"]
        assert not Case.objects.filter(kind="application").exists()

    def test_is_one_however_often_it_is_sent(self, made):
        one, other = file(made, submission_key="a" * 20), file(made, submission_key="a" * 20)
        assert one.pk == other.pk
        assert file(made, submission_key="b" * 20).pk != one.pk

    def test_is_for_who_is_signed_in_and_for_a_firm_by_who_speaks_for_it(self, made):
        with pytest.raises(NotAllowed):
            operations.file_application(by=ANYONE, at=made.at, code="JY-02", values=dict(ANSWERS))
        firm = made.organs["firm"].pk
        with pytest.raises(NotAllowed):
            file(made, organ_id=firm)
        filing = file(made, "contact", organ_id=firm)
        assert (filing.applicant_kind, filing.case.raised_for_id) == ("firm", firm)
        offer(made, code="QY-01", applicants=["firm"])
        with pytest.raises(operations.ChooseFirm):
            file(made, code="QY-01")

    def test_does_not_take_the_papers_of_others(self, made):
        theirs = paper(made, "neighbour")
        with pytest.raises(UnknownPaper):
            file(made, materials={"layout": [theirs]})

    def test_is_seen_by_its_applicant_and_its_department_and_by_nobody_else(self, made):
        filing = file(made)
        for who in ("resident", "officer"):
            assert queries.filing_of(seen_by=made.by(who), case=filing.case) is not None
        for who in ("neighbour", "enforcer", "member", "contact"):
            assert queries.filing_of(seen_by=made.by(who), case=filing.case) is None
        assert queries.filing_of(seen_by=ANYONE, case=filing.case) is None

    def test_is_counted_apart_where_it_was_filed_at_the_window(self, made):
        told = {"at": made.at, "code": "JY-02", "values": dict(ANSWERS), "name": "张三", "phone": "13900001111"}
        with pytest.raises(NotAllowed):
            operations.file_at_window(by=made.by("resident"), materials={"layout": [paper(made)]}, **told)
        filing, code = operations.file_at_window(by=made.by("officer"), materials={"layout": [paper(made, "officer")]}, **told)
        assert case_queries.follow_by_code(seen_by=ANYONE, code=code).case.pk == filing.case_id
        assert (filing.way, filing.window_by) == ("window", made.by("officer").ref)
        assert filing.case.raised_by_id not in (None, made.people["officer"].pk)


class TestCorrection:
    def test_names_all_at_once_and_goes_on_when_all_is_there(self, made):
        filing = file(made)
        ask = {"by": made.by("officer"), "at": made.at + HOUR, "case_id": filing.case_id}
        with pytest.raises(NothingNamed):
            operations.ask_correction(**ask, missing=[])
        with pytest.raises(NotAllowed):
            operations.ask_correction(**ask | {"by": made.by("enforcer")}, missing=["layout"])
        operations.ask_correction(**ask, missing=["layout", "phone"], says={"layout": "没标灶台到排烟口的距离"})
        case = Case.objects.get(pk=filing.case_id)
        assert (case.stage, case.waits_for, case.due_at) == ("correct", "applicant", None)
        assert "没标灶台" in case.steps.order_by("-pk").first().public_text
        with pytest.raises(NotAllowed):
            operations.correct_filing(by=made.by("officer"), at=made.at, case_id=filing.case_id, materials={"layout": [paper(made)]})
        with pytest.raises(NotAnswered):
            operations.correct_filing(by=made.by("resident"), at=made.at + DAY, case_id=filing.case_id)
        mend = {"by": made.by("resident"), "at": made.at + DAY, "case_id": filing.case_id, "materials": {"layout": [paper(made)]}}
        with pytest.raises(operations.AnswersWrong):
            operations.correct_filing(**mend, values={"phone": "1"})
        operations.correct_filing(**mend, values={"phone": "13800000000"})
        assert Case.objects.get(pk=filing.case_id).stage == "receive"
        values, _sources = queries.values_of(seen_by=made.by("resident"), filing=fresh(filing))
        assert values == ANSWERS | {"phone": "13800000000"}
        assert list(Material.objects.filter(code="layout").order_by("pk").values_list("state", flat=True)) == ["replaced", "given"]

    def test_counts_a_second_notice_and_wants_its_reason(self, made):
        filing = file(made)
        ask = {"by": made.by("officer"), "case_id": filing.case_id, "missing": ["layout"]}
        operations.ask_correction(**ask, at=made.at + HOUR)
        operations.correct_filing(by=made.by("resident"), at=made.at + DAY, case_id=filing.case_id, materials={"layout": [paper(made)]})
        with pytest.raises(WhyAgain):
            operations.ask_correction(**ask, at=made.at + DAY)
        operations.ask_correction(**ask, at=made.at + DAY, text="第一次没有看出比例尺不对")
        assert list(Notice.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
        assert queries.board(seen_by=ANYONE, month=made.at.date().replace(day=1), at=made.at + DAY).second_notices == 1

    def test_is_admitted_by_silence_after_five_working_days_and_not_a_minute_before(self, made):
        filing = file(made)
        end = Clock.objects.get(case=filing.case, of="timed").due_at
        marked(end - timedelta(minutes=1))
        assert Case.objects.get(pk=filing.case_id).stage == "receive"
        marked(end)
        case = Case.objects.get(pk=filing.case_id)
        assert (case.stage, case.due_at is not None) == ("decide", True)

    def test_is_not_asked_for_after_admission(self, made):
        filing = file(made)
        decide(made, "officer", filing, "admit")
        with pytest.raises(NotAllowed):
            operations.ask_correction(by=made.by("officer"), at=made.at + DAY, case_id=filing.case_id, missing=["layout"])


class TestGrant:
    def test_waits_for_what_was_allowed_to_follow(self, made):
        filing = file(made)
        decide(made, "officer", filing, "admit")
        with pytest.raises(operations.StillLacking):
            grant(made, filing)
        with pytest.raises(NotAllowed):
            operations.add_material(by=made.by("neighbour"), at=made.at, case_id=filing.case_id, code="report", attachment_ids=[1])
        supply(made, filing)
        grant(made, filing)
        case = Case.objects.get(pk=filing.case_id)
        assert (case.state, case.result, case.result_type) == ("closed", "grant", "positive")

    def test_gives_the_result_out_as_a_paper_of_whoever_applied(self, made):
        form = [{"code": "name", "title": {"zh": "姓名"}, "kind": "text", "from": "person.name"}]
        offer(made, code="ZM-01", pattern="instant", promised=1, statutory=5, materials=[], form=form, years=5)
        filing = file(made, code="ZM-01", materials={}, values={"name": "王秀兰"})
        grant(made, filing, text="准予。")
        (given,) = papers.papers_of_case(seen_by=made.by("resident"), case_id=filing.case_id)
        assert (given.title, given.valid_until.isoformat()) == ("食品经营许可证", "2031-11-18")

    def test_is_not_offered_as_a_bare_result_beside_its_own_act(self, made):
        filing = file(made)
        decide(made, "officer", filing, "admit")
        offered = {one.code for one in case_queries.results_now(seen_by=made.by("officer"), case=Case.objects.get(pk=filing.case_id))}
        assert "grant" not in offered
        assert "refuse" in offered

    def test_asks_departments_side_by_side_and_waits_for_each(self, made):
        offer(made, code="GH-01", pattern="parallel", branches=BRANCHES, materials=[])
        filing = file(made, code="GH-01", materials={})
        decide(made, "officer", filing, "admit")
        fire, noise = Task.objects.filter(case=filing.case).order_by("pk")
        assert (fire.organ_id, noise.organ_id) == (made.organs["enforcement"].pk, made.organs["centre"].pk)
        with pytest.raises(NotAllowed):
            grant(made, filing)
        own = Case.objects.get(pk=filing.case_id).due_at
        cases.stop_task(by=made.by("enforcer"), at=made.at + DAY, task_id=fire.pk, ground="correction", basis="消防法", reason="等新图纸")
        assert Case.objects.get(pk=filing.case_id).due_at == own
        cases.resume_task(by=made.by("enforcer"), at=made.at + 2 * DAY, task_id=fire.pk)
        for who, task in (("enforcer", fire), ("dispatcher", noise)):
            cases.answer_join(by=made.by(who), at=made.at + 2 * DAY, task_id=task.pk, result="合格", verdict="agreed")
        assert Case.objects.get(pk=filing.case_id).stage == "decide"
        grant(made, filing, at=made.at + 3 * DAY)

    def test_refuses_with_reason_and_clause_only(self, made):
        filing = file(made)
        decide(made, "officer", filing, "admit")
        with pytest.raises(Missing):
            decide(made, "officer", filing, "refuse", public_text="不符合")
        decide(made, "officer", filing, "refuse", public_text="不符合", clause="食品安全法第三十三条")
        assert fresh(filing).result_type == "negative"

    def test_done_at_once_has_one_stage_and_its_own_day(self, made):
        offer(made, code="JB-01", pattern="instant", promised=1, statutory=5, materials=[])
        filing = file(made, code="JB-01", materials={})
        assert (filing.case.stage, filing.case.due_at is not None) == ("decide", True)
        operations.ask_correction(by=made.by("officer"), at=made.at + HOUR, case_id=filing.case_id, missing=["phone"])
        case = Case.objects.get(pk=filing.case_id)
        assert case.is_stopped
        operations.correct_filing(by=made.by("resident"), at=made.at + 9 * DAY, case_id=filing.case_id, values={"phone": "13800000000"})
        grant(made, filing, at=made.at + 9 * DAY + HOUR)
        assert (fresh(filing).on_promised, fresh(filing).days) == (True, 0)

    def test_on_a_promise_only_where_it_was_agreed_to(self, made):
        offer(made, code="CN-01", pattern="promise", promise={"zh": "条件都做到"}, materials=[])
        with pytest.raises(operations.PromiseNeeded):
            file(made, code="CN-01", materials={})
        assert file(made, code="CN-01", materials={}, promise=True).promised

    def test_a_renewal_without_an_answer_is_deemed_renewed_and_counted_as_silent(self, made):
        offer(made, code="YX-01", pattern="renewal", materials=[])
        filing = file(made, code="YX-01", materials={})
        decide(made, "officer", filing, "admit")
        due = Case.objects.get(pk=filing.case_id).due_at
        marked(due - timedelta(seconds=1))
        assert Case.objects.get(pk=filing.case_id).is_open
        marked(due)
        settled = fresh(filing)
        assert (settled.case.result, settled.result_type, settled.by_clock, settled.on_promised) == ("deemed", "positive", True, False)


class TestBundle:
    def test_opens_its_parts_and_ends_with_the_last_of_them(self, made):
        offer(made, code="A-1", pattern="instant", promised=1, statutory=5, materials=[], form=[SHOP_FIELD])
        offer(made, code="A-2", pattern="instant", promised=1, statutory=5, form=[], materials=REPORT)
        offer(made, code="YJS-01", pattern="bundle", parts=["A-1", "A-2"])
        filing = file(made, code="YJS-01")
        parts = list(Filing.objects.filter(case__part_of_id=filing.case_id).order_by("pk"))
        assert [part.item.code for part in parts] == ["A-1", "A-2"]
        assert queries.values_of(seen_by=CLOCK, filing=parts[0])[0] == {"shop": "桂花巷小馆"}
        supply_report(made, parts[1])
        grant(made, parts[0])
        assert Case.objects.get(pk=filing.case_id).is_open
        grant(made, parts[1])
        assert (fresh(filing).case.state, fresh(filing).case.result, fresh(filing).by_clock) == ("closed", "all_granted", False)

    def test_is_partly_granted_where_one_part_is_refused(self, made):
        offer(made, code="A-1", pattern="instant", promised=1, statutory=5, materials=[], form=[])
        offer(made, code="A-2", pattern="instant", promised=1, statutory=5, materials=[], form=[])
        offer(made, code="YJS-01", pattern="bundle", parts=["A-1", "A-2"], materials=[])
        filing = file(made, code="YJS-01", materials={})
        one, other = Filing.objects.filter(case__part_of_id=filing.case_id).order_by("pk")
        grant(made, one)
        decide(made, "officer", other, "refuse", public_text="不符合", clause="第三条")
        assert fresh(filing).case.result == "some_granted"

    def test_has_parts_that_are_offered(self, made):
        operations.draft_item(by=made.by("officer"), at=made.at, content_of=matter(code="YJS-01", pattern="bundle", parts=["A-1", "A-2"]))
        with pytest.raises(operations.BadItem, match="A-1"):
            operations.adopt_item(by=made.by("member"), at=made.at, code="YJS-01")


REPORT = [{"code": "layout", "title": {"zh": "厨房布局图"}}, {"code": "report", "title": {"zh": "油烟检测报告"}, "later": True}]
SHOP_FIELD = {"code": "shop", "title": {"zh": "店名"}, "kind": "text"}


def supply_report(made, filing):
    operations.add_material(by=made.by("resident"), at=made.at + HOUR, case_id=filing.case_id, code="report", attachment_ids=[paper(made)])


class TestBoard:
    def test_counts_with_fraction_and_denominator(self, made):
        month = made.at.date().replace(day=1)
        on_time, late, gone, _waiting = file(made), file(made), file(made), file(made)
        operations.file_at_window(
            by=made.by("officer"), at=made.at, code="JY-02", values=dict(ANSWERS), name="张三", materials={"layout": [paper(made, "officer")]}
        )
        for filing in (on_time, late):
            decide(made, "officer", filing, "admit")
            supply(made, filing)
        grant(made, on_time)
        cases.withdraw_case(by=made.by("resident"), at=made.at + HOUR, case_id=gone.case_id, reason="不办了")
        due = Case.objects.get(pk=late.case_id).due_at
        marked(due)
        grant(made, late, at=due + HOUR, on_paper=True)
        board = queries.board(seen_by=ANYONE, month=month, at=due + HOUR)
        assert (board.whole.filed, board.whole.online, board.withdrawn) == (5, 4, 1)
        assert (board.whole.decided, board.whole.on_promised, board.whole.on_statutory) == (1, 1, 1)
        december = queries.board(seen_by=ANYONE, month=due.date().replace(day=1), at=due + HOUR)
        assert (december.whole.decided, december.whole.decided_online, december.whole.on_promised, december.whole.on_statutory) == (1, 0, 0, 1)
        assert [(one.why, one.title) for one in december.exceptions] == [("late", "食品经营许可")]
        assert all("桂花" not in one.title for one in december.exceptions)

    def test_says_nothing_of_a_town_where_nothing_was_filed(self, made):
        board = queries.board(seen_by=ANYONE, month=made.at.date().replace(day=1), at=made.at)
        assert (board.whole.filed, board.whole.filed_online.percent, board.exceptions) == (0, None, [])


class TestSearch:
    @pytest.mark.parametrize("words", ["开饭馆", "我想开个饭馆", "餐饮证", "食品经营", "jy-02", "food business"])
    def test_finds_by_everyday_words(self, made, words):
        offer(made, code="ZZ-09", title={"zh": "户口迁移"}, words=["迁户口"], summary={"zh": "迁入迁出"})
        assert queries.search(seen_by=ANYONE, text=words)[0].item.code == "JY-02"

    def test_finds_nothing_in_nonsense(self, made):
        assert queries.search(seen_by=ANYONE, text="飞机票") == []


class TestImport:
    ROWS = ({"department": "区民政局", "main_item": "殡葬", "name": "殡葬服务", "item_code": "511A-1", "task_type": "20"},)

    def test_takes_rows_as_drafts_and_accounts_for_every_one(self, made):
        rows = [*self.ROWS, self.ROWS[0] | {"item_code": ""}, self.ROWS[0] | {"item_code": "x", "department": "别的局"}]
        told = operations.import_items(by=MAKER, at=made.at, rows=rows, units={"区民政局": "utilities"})
        assert (told.added, told.known, [(row, name) for row, name, _why in told.refused]) == (1, 0, [(3, "item_code"), (4, "department")])
        again = operations.import_items(by=MAKER, at=made.at, rows=rows, units={"区民政局": "utilities"})
        assert (again.added, again.known) == (0, 1)
        item = ServiceItem.objects.get(origin_code="511A-1")
        assert (item.state, ItemVersion.objects.get(item=item).power) == ("draft", "service")
        with pytest.raises(operations.BadItem):
            operations.adopt_item(by=made.by("member"), at=made.at, code=item.code)

    def test_is_for_the_administrator(self, made):
        with pytest.raises(NotAllowed):
            operations.import_items(by=made.by("officer"), at=made.at, rows=self.ROWS, units={})


class TestTakers:
    def test_reads_a_list_by_the_names_of_its_columns(self, made, tmp_path):
        path = tmp_path / "items.csv"
        path.write_text('department,main_item,name,item_code,task_type\n区民政局,殡葬,"殡葬服务,含火化",511A-1,20\n', encoding="utf-8")
        told: list[str] = []
        takers()["items"].take({"file": path, "units": None, "unit": "utilities", "family": "business"}, made.at, told.append)
        assert (json.loads(told[0])["added"], ItemVersion.objects.get(item__origin_code="511A-1").title) == (1, "殡葬服务,含火化")

    def test_takes_a_real_list_whole(self, made):
        path = Path("/work/shared/data/service_items/items.csv")
        if not path.exists():
            pytest.skip("the shared data is not on this machine")
        listed = list(rows(path))
        told = operations.import_items(by=MAKER, at=made.at, rows=listed, units={row["department"]: "utilities" for row in listed})
        assert told.added + told.known + len(told.refused) == len(listed) > 600
        assert told.added > 600
