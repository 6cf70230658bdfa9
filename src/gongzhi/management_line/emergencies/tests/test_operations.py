"""Emergencies: who may do what, what levels give, what an alert calls for, and when a response may end."""

import copy
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from gongzhi.cases.models import Case
from gongzhi.foundation.notices.models import Notice
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import NotAllowed
from gongzhi.ledger.models import Entry
from gongzhi.management_line.emergencies import cap, operations, plans, queries, tasks
from gongzhi.management_line.emergencies.models import Emergency, EmergencyDuty, EmergencyEntry, EmergencyPlan, PublicAlert
from gongzhi.management_line.emergencies.tests.factories import MAKER, RAIN, make_ready_town
from gongzhi.management_line.emergencies.tests.test_cap import HEAD, INFO, alert

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def world(town, noon):
    return make_ready_town(noon)


@pytest.fixture
def made(world):
    return world[0]


@pytest.fixture
def plan(world):
    return world[1]


def declared(made, plan, level=3, **more):
    return operations.declare(**({"by": made.by("member"), "at": made.at, "plan_id": plan.pk, "level": level, "reason": "暴雨"} | more))


def codes(emergency):
    return set(EmergencyDuty.objects.filter(emergency=emergency).values_list("code", flat=True))


class TestPlans:
    def test_are_adopted_by_another_than_the_drafter_and_end_the_version_before(self, made, plan):
        second = operations.draft_plan(by=made.by("member"), at=made.at, code="rain", title="暴雨应急预案", definition=RAIN)
        assert second.version == 2
        with pytest.raises(NotAllowed):
            operations.adopt_plan(by=made.by("member"), at=made.at, plan_id=second.pk)
        with pytest.raises(NotAllowed):
            operations.adopt_plan(by=made.by("officer"), at=made.at, plan_id=second.pk)
        operations.adopt_plan(by=MAKER, at=made.at, plan_id=second.pk)
        assert dict(EmergencyPlan.objects.values_list("version", "state")) == {1: "ended", 2: "in_force"}

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            (lambda d: d.update(hazard="dragon"), "hazard"), (lambda d: d.pop("basis"), "basis"), (lambda d: d.update(more=1), "more"),
            (lambda d: d["levels"].update({"5": {}}), "levels.5"), (lambda d: d["levels"]["2"]["tasks"][0].update(minutes=0), "levels.2.tasks[1].minutes"),
            (lambda d: d["levels"]["2"]["tasks"][0].update(minutes=True), "minutes"), (lambda d: d["levels"]["3"]["tasks"][0].update(unit="nobody"), "nobody"),
            (lambda d: d["levels"]["2"]["tasks"].append({"code": "pumps", "unit": "station", "title": "x", "minutes": 5}), "pumps"),
            (lambda d: d["triggers"][0].update(level=1), "triggers[1].level"), (lambda d: d["triggers"][0].update(severity="Red"), "triggers[1].severity"),
            (lambda d: d.update(levels={"3": {"text": "黄", "tasks": []}}), "asks nothing"),
            (lambda d: d["levels"]["2"].update(places=[{"name": "x"}]), "capacity"),
        ],
    )  # fmt: skip
    def test_that_could_not_be_obeyed_are_refused_with_the_place(self, made, change, fault):
        definition = copy.deepcopy(RAIN)
        change(definition)
        with pytest.raises(operations.FaultyPlan) as refused:
            operations.draft_plan(by=made.by("officer"), at=made.at, code="x", title="x", definition=definition)
        assert fault in str(refused.value)

    def test_give_with_a_graver_level_what_the_lighter_ones_ask_too(self):
        assert [duty.code for duty in plans.parse(RAIN).duties_at(2)] == ["move", "duty", "pumps"]
        assert [duty.code for duty in plans.parse(RAIN).duties_at(3)] == ["duty", "pumps"]

    @pytest.mark.parametrize(
        ("event", "severity", "level"),
        [
            ("暴雨橙色", "Severe", 2), ("Heavy RAIN", "Extreme", 2), ("暴雨", "Moderate", 3), ("暴雨", "Minor", None), ("暴雨", "Unknown", None),
            ("大风", "Extreme", None),
        ],
    )
    def test_are_called_for_by_event_and_severity(self, event, severity, level):
        called = plans.parse(RAIN).called_for(event, severity)
        assert (called.level if called else None) == level


class TestResponse:
    def test_gives_the_tasks_of_its_level_and_tells_their_units(self, made, plan):
        emergency = declared(made, plan)
        assert (emergency.case.kind, emergency.case.state, emergency.case.lead) == ("emergency", "in_hand", made.organs["committee"])
        assert emergency.case.number.startswith("云溪急〔2026〕")
        assert codes(emergency) == {"duty", "pumps"}
        assert EmergencyDuty.objects.get(code="duty").due_at == made.at + 30 * MINUTE
        assert Notice.objects.filter(kind="emergency", person=made.people["enforcer"]).exists()
        assert emergency.report_due_at == made.at + 6 * HOUR

    def test_is_declared_by_those_who_command_once_and_by_a_plan_in_force(self, made, plan):
        for who in ("officer", "resident", "walker"):
            with pytest.raises(NotAllowed):
                declared(made, plan, by=made.by(who))
        with pytest.raises(operations.NoSuchLevel):
            declared(made, plan, level=1)
        with pytest.raises(operations.WordsMissing):
            declared(made, plan, reason=" ")
        declared(made, plan)
        with pytest.raises(operations.DeclaredAlready):
            declared(made, plan)
        operations.end_plan(by=made.by("member"), at=made.at, plan_id=plan.pk)
        with pytest.raises(operations.PlanNotInForce):
            declared(made, plan)

    def test_gives_when_raised_what_was_not_given_and_takes_nothing_away_when_lowered(self, made, plan):
        emergency = declared(made, plan)
        raised = operations.change_level(by=made.by("dispatcher"), at=made.at + HOUR, emergency_id=emergency.pk, level=2, reason="水位上涨")
        assert codes(emergency) == {"duty", "pumps", "move"}
        assert EmergencyDuty.objects.get(code="move").due_at == made.at + 2 * HOUR
        assert (raised.gravest, raised.report_due_at) == (2, made.at + 3 * HOUR)
        with pytest.raises(operations.SameLevel):
            operations.change_level(by=made.by("member"), at=made.at + HOUR, emergency_id=emergency.pk, level=2, reason="x")
        lowered = operations.change_level(by=made.by("member"), at=made.at + 2 * HOUR, emergency_id=emergency.pk, level=3, reason="雨停")
        assert (lowered.level, lowered.gravest) == (3, 2)
        assert EmergencyDuty.objects.filter(emergency=emergency).count() == 3

    def test_is_worked_on_by_the_unit_of_the_task_and_reported_on_once(self, made, plan):
        emergency = declared(made, plan)
        duty = EmergencyDuty.objects.get(emergency=emergency, code="pumps")
        with pytest.raises(NotAllowed):
            operations.take_duty(by=made.by("enforcer"), at=made.at, duty_id=duty.pk)
        operations.take_duty(by=made.by("officer"), at=made.at + MINUTE, duty_id=duty.pk)
        given = {"by": made.by("officer"), "at": duty.due_at, "duty_id": duty.pk, "done": True, "result": "泵都能开", "submission_key": "k1"}
        done = operations.end_duty(**given)
        assert (done.state, done.is_late(made.at + 9 * HOUR)) == ("done", False)  # exactly when it was due
        assert operations.end_duty(**given).pk == done.pk  # a phone that sends it again
        with pytest.raises(operations.EndedAlready):
            operations.end_duty(**(given | {"submission_key": "k2"}))

    def test_tells_those_who_command_what_cannot_be_done_and_why(self, made, plan):
        duty = EmergencyDuty.objects.get(emergency=declared(made, plan), code="pumps")
        with pytest.raises(operations.WordsMissing):
            operations.end_duty(by=made.by("officer"), at=made.at, duty_id=duty.pk, done=False, result=" ")
        operations.end_duty(by=made.by("officer"), at=made.at + HOUR, duty_id=duty.pk, done=False, result="道路中断")
        assert Notice.objects.filter(person=made.people["dispatcher"], title__contains="cannot do its task").exists()
        assert EmergencyDuty.objects.get(pk=duty.pk).is_late(made.at)

    def test_takes_more_tasks_than_the_plan_has(self, made, plan):
        emergency = declared(made, plan)
        operations.give_duty(by=made.by("member"), at=made.at, emergency_id=emergency.pk, organ_id=made.organs["station"].pk, title="送水到溪东", minutes=40)
        assert EmergencyDuty.objects.filter(emergency=emergency, title="送水到溪东", organ=made.organs["station"]).exists()
        with pytest.raises(operations.UnknownUnit):
            operations.give_duty(by=made.by("member"), at=made.at, emergency_id=emergency.pk, organ_id=10**9, title="x", minutes=4)

    def test_counts_people_by_place_and_its_report_says_so(self, made, plan):
        emergency = declared(made, plan, level=2)
        walker = made.by("walker")
        for n, (place, expected, arrived) in enumerate((("溪东小学", 30, 12), ("文化馆", 10, 14), ("溪东小学", 30, 29))):
            operations.write_log(by=walker, at=made.at + n * MINUTE, emergency_id=emergency.pk, sort="count", place=place, expected=expected, arrived=arrived)
        operations.write_log(by=walker, at=made.at + 4 * MINUTE, emergency_id=emergency.pk, text="河水漫过桥面", submission_key="a")
        operations.write_log(by=walker, at=made.at + 5 * MINUTE, emergency_id=emergency.pk, text="河水漫过桥面", submission_key="a")
        found = queries.situation(seen_by=CLOCK, emergency=emergency, at=made.at + HOUR)
        assert (found.expected, found.arrived, found.missing) == (40, 43, 1)  # one place with too many hides none
        report = operations.make_report(by=CLOCK, at=made.at + 2 * HOUR, emergency_id=emergency.pk).text
        assert "任务3项：完成0项，逾期未完成3项" in report
        assert "未清点到1人" in report
        assert report.count("河水漫过桥面") == 1

    @pytest.mark.parametrize("given", [{"expected": None, "arrived": 3}, {"expected": -1, "arrived": 3}, {"expected": 3, "arrived": None}])
    def test_takes_no_count_that_is_none(self, made, plan, given):
        with pytest.raises(operations.BadCount):
            operations.write_log(by=made.by("walker"), at=made.at, emergency_id=declared(made, plan).pk, sort="count", place="x", **given)

    def test_ends_only_when_everybody_is_accounted_for_or_it_is_said_all_the_same(self, made, plan):
        emergency = declared(made, plan)
        operations.write_log(by=made.by("walker"), at=made.at, emergency_id=emergency.pk, sort="count", place="溪东小学", expected=3, arrived=2)
        given = {"by": made.by("member"), "at": made.at + HOUR, "emergency_id": emergency.pk, "reason": "雨停水退"}
        with pytest.raises(operations.PeopleMissing):
            operations.stand_down(**given)
        operations.write_log(by=made.by("walker"), at=made.at + MINUTE, emergency_id=emergency.pk, sort="count", place="溪东小学", expected=3, arrived=3)
        ended = operations.stand_down(**given)
        assert (ended.is_current, Case.objects.get(pk=ended.case_id).stage) == (False, "review")
        assert set(EmergencyDuty.objects.values_list("state", flat=True)) == {"lifted"}
        for act in (
            lambda: operations.stand_down(**given), lambda: operations.write_log(by=made.by("walker"), at=made.at, emergency_id=emergency.pk, text="x"),
            lambda: operations.take_duty(by=made.by("officer"), at=made.at, duty_id=EmergencyDuty.objects.get(code="pumps").pk),
        ):  # fmt: skip
            with pytest.raises(operations.Over):
                act()

    def test_that_missing_people_may_end_when_it_is_said(self, made, plan):
        emergency = declared(made, plan)
        operations.write_log(by=made.by("walker"), at=made.at, emergency_id=emergency.pk, sort="count", place="溪东小学", expected=3, arrived=2)
        assert not operations.stand_down(by=made.by("member"), at=made.at, emergency_id=emergency.pk, reason="一人在外地", anyway=True).is_current

    def test_reports_by_itself_when_its_report_is_due_and_not_a_minute_before(self, made, plan, monkeypatch):
        emergency = declared(made, plan, level=2)
        for ago, count in ((MINUTE, 0), (timedelta(0), 1)):
            monkeypatch.setattr(tasks.timezone, "now", lambda ago=ago: made.at + 2 * HOUR - ago)
            tasks.report_situations.func(timestamp=0)
            assert EmergencyEntry.objects.filter(emergency=emergency, sort="report").count() == count

    def test_leaves_no_word_that_a_person_wrote_in_the_ledger(self, made, plan):
        emergency = declared(made, plan, reason="张三家进水")
        operations.write_log(by=made.by("walker"), at=made.at, emergency_id=emergency.pk, text="李四受伤")
        kept = str(list(Entry.objects.values_list("content", flat=True)))
        assert "张三" not in kept
        assert "李四" not in kept


class TestAlerts:
    def issue(self, made, **more):
        given = {"event": "暴雨", "severity": "Severe", "headline": "暴雨橙色预警", "headline_en": "Orange rain alert", "instruction": "不要涉水", "hours": 6}
        return operations.issue_alert(by=made.by("dispatcher"), at=made.at, **(given | more))

    def test_are_valid_messages_and_stand_for_everybody_until_they_expire(self, made, plan):
        issued = self.issue(made)
        assert cap.read(bytes(issued.content)).info("en").headline == "Orange rain alert"
        assert cap.read(bytes(issued.content)).remarks == ()
        assert queries.alerts_in_force(seen_by=ANYONE, at=made.at + 6 * HOUR - timedelta(seconds=1)) == [issued]
        assert queries.alerts_in_force(seen_by=ANYONE, at=made.at + 6 * HOUR) == []

    def test_are_for_those_who_may_and_last_a_week_at_most(self, made, plan):
        with pytest.raises(NotAllowed):
            operations.issue_alert(by=made.by("officer"), at=made.at, event="x", severity="Minor", headline="x")
        assert self.issue(made, hours=168).expires_at == made.at + 7 * 24 * HOUR
        for hours in (0, 169):
            with pytest.raises(operations.BadTimes):
                self.issue(made, hours=hours)

    def test_are_replaced_and_lifted_by_messages_that_name_them(self, made, plan):
        first = self.issue(made)
        second = self.issue(made, replaces_id=first.pk, headline="暴雨红色预警")
        assert cap.read(bytes(second.content)).references[0][1] == first.identifier
        assert queries.alerts_in_force(seen_by=ANYONE, at=made.at) == [second]
        lifted = operations.cancel_alert(by=made.by("member"), at=made.at, alert_id=second.pk)
        assert cap.read(bytes(lifted.content)).kind == "Cancel"
        assert queries.alerts_in_force(seen_by=ANYONE, at=made.at) == []

    def test_of_a_drill_are_seen_by_nobody_outside(self, made, plan):
        drill = declared(made, plan, is_drill=True)
        self.issue(made, emergency_id=drill.pk)
        assert queries.alerts_in_force(seen_by=ANYONE, at=made.at) == []
        assert len(queries.alerts_in_force(seen_by=made.by("walker"), at=made.at)) == 1

    def test_are_lifted_with_their_response(self, made, plan):
        emergency = declared(made, plan)
        self.issue(made, emergency_id=emergency.pk)
        operations.stand_down(by=made.by("member"), at=made.at + HOUR, emergency_id=emergency.pk, reason="雨停")
        assert queries.alerts_in_force(seen_by=ANYONE, at=made.at + HOUR) == []


def message(identifier="31.1", severity="Severe", kind="Alert", references="", status="Actual", expires="2026-11-18T20:00:00+08:00"):
    head = HEAD.replace("31.1", identifier).replace("<msgType>Alert", f"<msgType>{kind}").replace("Actual", status)
    head = head.replace("2026-07-01T08:00:00+08:00", "2026-11-18T11:00:00+08:00")
    if references:
        head += f"<references>{references}</references>"
    return alert(head + INFO.replace("Severe", severity).replace("<headline>", f"<expires>{expires}</expires><headline>"))


class TestAlertsOfASuperior:
    @pytest.fixture(autouse=True)
    def known_sender(self, world, town):
        territory.set_town_rules(by=MAKER, at=world[0].at, cap_senders=["met@example.org"])

    def take(self, made, content):
        return operations.take_alert(by=made.by("dispatcher"), at=made.at, content=content)

    def test_declare_by_themselves_what_the_plan_says_and_once(self, made, plan):
        _taken, is_new = self.take(made, message())
        assert is_new
        emergency = Emergency.objects.get()
        assert (emergency.level, emergency.is_drill) == (2, False)
        assert self.take(made, message())[1] is False
        assert Emergency.objects.count() == 1

    def test_raise_what_runs_lower_it_never_and_leave_the_rest_to_people(self, made, plan):
        self.take(made, message(severity="Moderate"))
        assert not Emergency.objects.exists()
        assert Notice.objects.filter(person=made.people["member"], title__contains="decide whether").exists()
        declared(made, plan)
        self.take(made, message("31.2"))
        assert Emergency.objects.get().level == 2
        self.take(made, message("31.3", severity="Moderate"))
        assert Emergency.objects.get().level == 2

    def test_are_refused_from_unknown_senders_and_when_they_are_none(self, made, plan):
        with pytest.raises(operations.UnknownSender):
            self.take(made, message().replace(b"met@example.org", b"fake@example.org"))
        with pytest.raises(operations.BadAlert, match="alert/status"):
            self.take(made, message(status="Real"))
        with pytest.raises(NotAllowed):
            operations.take_alert(by=made.by("resident"), at=made.at, content=message())
        assert not PublicAlert.objects.exists()

    def test_end_only_alerts_of_their_own_sender(self, made, plan):
        own = TestAlerts().issue(made)
        self.take(made, message())
        refers = f"met@example.org,31.1,2026-11-18T11:00:00+08:00 met@example.org,{own.identifier},2026-11-18T11:00:00+08:00"
        self.take(made, message("31.2", kind="Cancel", references=refers))
        assert PublicAlert.objects.get(identifier="31.1").state == "cancelled"
        assert queries.alerts_in_force(seen_by=ANYONE, at=made.at) == [own]

    def test_that_have_expired_are_kept_and_call_for_nothing(self, made, plan):
        self.take(made, message(expires="2026-11-18T12:00:00+08:00"))  # exactly now
        assert PublicAlert.objects.count() == 1
        assert not Emergency.objects.exists()

    def test_of_an_exercise_begin_a_drill(self, made, plan):
        self.take(made, message(status="Exercise"))
        assert Emergency.objects.get().is_drill
        assert Case.objects.get(kind="emergency").title.startswith("【演练】")


def test_no_two_responses_by_one_plan_even_side_by_side(world):
    made, plan = world
    first, other = declared(made, plan), made.open()
    with pytest.raises(IntegrityError), transaction.atomic():
        Emergency.objects.create(town_id=first.town_id, case=other, plan=plan, level=3, gravest=3, declared_at=made.at, level_since=made.at)
