"""Criteria as acts, pages and over the API: drafted, tried, adopted, read and asked by everybody."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from gongzhi.cases.tests.test_views import enter, made  # noqa: F401 - fixtures
from gongzhi.foundation.criteria import language, operations, queries
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.models import Criterion, CriterionVersion
from gongzhi.foundation.criteria.subjects import Field, Sort, Subject
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.ledger.models import Entry

BY = system("tests")
OLD = {"all": [{"field": "birth", "years": ">=", "value": 70}, {"field": "lives_alone", "is": "=", "value": True}]}


@pytest.fixture
def begun(town, noon):
    """Return a criterion with an empty first draft."""
    return operations.define_criterion(
        by=BY, at=noon, code="old-alone", title="70 岁以上独居", subject="resident", source="《居家养老服务办法》", clause="第八条",
    )  # fmt: skip


def adopt(criterion, at, definition=None, valid_from=None):
    if definition is not None:
        operations.draft_criterion(by=BY, at=at, criterion_id=criterion.pk, definition=definition)
    operations.try_criterion(by=BY, at=at, criterion_id=criterion.pk)
    return operations.adopt_criterion(
        by=BY, at=at, criterion_id=criterion.pk, valid_from=valid_from or territory.day_of(seen_by=BY, at=at)
    )


class TestDrafting:
    def test_keeps_what_can_be_read_and_names_every_fault_of_the_rest(self, begun, noon):
        draft = operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition=OLD)
        with pytest.raises(operations.BadDefinition) as caught:
            operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition={"all": [{"field": "wealth", "is": "=", "value": 1}]})
        assert "/all/0" in str(caught.value)
        draft.refresh_from_db()
        assert draft.definition == OLD

    @pytest.mark.parametrize(
        ("given", "refusal"),
        [
            ({"code": "Old"}, operations.BadCode), ({"code": "旧"}, operations.BadCode), ({"code": "x" * 41}, operations.BadCode),
            ({"title": " "}, operations.NoTitle), ({"source": ""}, operations.NoSource), ({"subject": "ghost"}, operations.NoSubject),
            ({"code": "old-alone"}, operations.CodeTaken),
        ],
    )  # fmt: skip
    def test_refuses_what_has_no_name_source_or_subject(self, begun, noon, given, refusal):
        fit = {"code": "other", "title": "x", "subject": "resident", "source": "y"}
        with pytest.raises(refusal):
            operations.define_criterion(by=BY, at=noon, **(fit | given))
        assert Criterion.objects.count() == 1

    def test_begins_the_next_version_and_leaves_the_adopted_one(self, begun, noon):
        first = adopt(begun, noon, OLD)
        second = operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition={"any": OLD["all"]})
        first.refresh_from_db()
        assert (first.number, second.number, first.definition, second.source) == (1, 2, OLD, "《居家养老服务办法》")

    def test_is_for_those_who_may(self, begun, noon):
        stranger = Actor(kind="person", person_id=1)
        for act in (
            lambda: operations.draft_criterion(by=stranger, at=noon, criterion_id=begun.pk, definition=OLD),
            lambda: operations.try_criterion(by=stranger, at=noon, criterion_id=begun.pk),
            lambda: operations.adopt_criterion(by=stranger, at=noon, criterion_id=begun.pk, valid_from=noon.date()),
            lambda: operations.set_parameter(by=stranger, at=noon, code="x", title="x", value=1, valid_from=noon.date(), source="y"),
        ):
            with pytest.raises(NotAllowed):
                act()


class TestTrying:
    def test_counts_whom_it_meets_and_what_is_missing(self, begun, noon):
        operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition=OLD)
        found = operations.try_criterion(by=BY, at=noon, criterion_id=begun.pk)
        assert (found.total, found.made, found.faults) == (2_000, True, 0)
        assert found.yes > 0 < found.unknown
        assert found.missing == ((str(registry.subject("resident").field("lives_alone").title), found.unknown),)

    def test_asks_the_register_where_one_brings_rows(self, begun, noon, monkeypatch):
        rows = [{"birth": date(1950, 1, 1), "lives_alone": True}, {"birth": date(1950, 1, 1)}, {"birth": "soon", "lives_alone": True}]
        monkeypatch.setattr(registry, "_subjects", dict(registry._subjects))
        registry.supply("resident", lambda *, seen_by, on, most: rows, [Field("tall", "tall", Sort.FLAG)])
        assert registry.subject("resident").field("tall")
        operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition=OLD)
        found = operations.try_criterion(by=BY, at=noon, criterion_id=begun.pk)
        assert (found.yes, found.no, found.unknown, found.made, found.faults) == (1, 0, 2, False, 1)

    def test_keeps_numbers_only(self, begun, noon):
        operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition=OLD)
        found = operations.try_criterion(by=BY, at=noon, criterion_id=begun.pk)
        entry = Entry.objects.filter(kind="CriterionTried").get()
        assert entry.content == {"code": "old-alone", "number": 1, "yes": found.yes, "no": found.no, "unknown": found.unknown}
        assert not entry.is_public


class TestAdopting:
    def test_comes_after_a_trial_of_what_is_adopted(self, begun, noon):
        day = territory.day_of(seen_by=BY, at=noon)
        operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition=OLD)
        with pytest.raises(operations.NotTried):
            operations.adopt_criterion(by=BY, at=noon, criterion_id=begun.pk, valid_from=day)
        operations.try_criterion(by=BY, at=noon, criterion_id=begun.pk)
        operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition={"any": OLD["all"]})
        with pytest.raises(operations.NotTried):
            operations.adopt_criterion(by=BY, at=noon, criterion_id=begun.pk, valid_from=day)
        assert adopt(begun, noon).adopted_at == noon

    def test_never_reaches_back_nor_before_the_version_before(self, begun, noon):
        day = territory.day_of(seen_by=BY, at=noon)
        with pytest.raises(operations.Backwards):
            adopt(begun, noon, OLD, valid_from=day - timedelta(days=1))
        adopt(begun, noon, OLD, valid_from=day + timedelta(days=10))
        with pytest.raises(operations.Backwards):
            adopt(begun, noon, {"any": OLD["all"]}, valid_from=day + timedelta(days=9))
        second = adopt(begun, noon, valid_from=day + timedelta(days=10))
        assert queries.version_on(seen_by=BY, criterion=begun, on=day + timedelta(days=10)) == second
        assert queries.version_on(seen_by=BY, criterion=begun, on=day + timedelta(days=9)) is None

    def test_refuses_what_asks_nothing_and_what_is_not_drafted(self, begun, noon):
        with pytest.raises(operations.AsksNothing):
            adopt(begun, noon)
        adopt(begun, noon, OLD)
        with pytest.raises(operations.NothingDrafted):
            operations.adopt_criterion(by=BY, at=noon, criterion_id=begun.pk, valid_from=noon.date())

    def test_refuses_a_field_that_was_withdrawn_and_judges_old_versions_on(self, noon, town, monkeypatch):
        monkeypatch.setattr(registry, "_subjects", dict(registry._subjects))
        registry.register(Subject("thing", "Thing", (Field("mark", "mark", Sort.FLAG),), samples=lambda on: [{"mark": True}]))
        rule = {"field": "mark", "is": "=", "value": True}
        criterion = operations.define_criterion(by=BY, at=noon, code="marked", title="marked", subject="thing", source="x")
        version = adopt(criterion, noon, rule)
        registry._subjects["thing"] = Subject("thing", "Thing", (Field("mark", "mark", Sort.FLAG, withdrawn=noon.date()),), samples=lambda on: [])
        with pytest.raises(operations.BadDefinition, match="mark"):
            operations.draft_criterion(by=BY, at=noon, criterion_id=criterion.pk, definition=rule)
        assert queries.judge(seen_by=BY, version=version, values={"mark": True}, on=noon.date()).answer is True
        assert queries.judge(seen_by=BY, version=version, values={}, on=noon.date()).answer is None


class TestParameters:
    def test_hold_from_their_day_in_every_criterion(self, town, noon):
        day = territory.day_of(seen_by=BY, at=noon)
        for value, since in ((900, day - timedelta(days=300)), ("1000.5", day)):
            operations.set_parameter(
                by=BY, at=noon, code="minimum", title="最低生活保障标准", unit="CNY/month", value=value, valid_from=since, source="公告"
            )
        criterion = operations.define_criterion(by=BY, at=noon, code="low", title="低收入", subject="resident", source="x")
        version = adopt(criterion, noon, {"field": "income_per_head", "is": "<", "value": {"parameter": "minimum"}})
        for on, wanted in ((day - timedelta(days=1), False), (day, True)):
            assert queries.judge(seen_by=BY, version=version, values={"income_per_head": 1_000}, on=on).answer is wanted

    @pytest.mark.parametrize(
        ("given", "refusal"),
        [
            ({"value": "1_0"}, operations.BadAmount), ({"value": "0.00001"}, operations.BadAmount), ({"value": 10**14}, operations.BadAmount),
            ({"unit": "furlong"}, operations.BadUnit), ({"source": " "}, operations.NoSource), ({"code": "X"}, operations.BadCode), ({"title": ""},
            operations.NoTitle),
        ],
    )  # fmt: skip
    def test_refuse_what_is_no_value(self, town, noon, given, refusal):
        fit = {"code": "m", "title": "m", "unit": "CNY", "value": 5, "valid_from": noon.date(), "source": "x"}
        with pytest.raises(refusal):
            operations.set_parameter(by=BY, at=noon, **(fit | given))
        kept = operations.set_parameter(by=BY, at=noon, **(fit | {"value": "0.0001"}))
        assert kept.value == Decimal("0.0001")
        with pytest.raises(operations.BadUnit):
            operations.set_parameter(by=BY, at=noon, **(fit | {"unit": "CNY10k"}))


class TestWhoSees:
    def test_everybody_sees_what_is_adopted_and_nobody_else_a_draft(self, begun, noon):
        assert list(queries.criteria(seen_by=ANYONE)) == []
        adopt(begun, noon, OLD)
        operations.draft_criterion(by=BY, at=noon, criterion_id=begun.pk, definition={"any": OLD["all"]})
        assert [one.code for one in queries.criteria(seen_by=ANYONE)] == ["old-alone"]
        assert [one.number for one in queries.versions(seen_by=ANYONE, criterion=begun)] == [1]
        assert queries.draft_of(seen_by=ANYONE, criterion=begun) is None

    def test_another_town_sees_none(self, begun, noon, other_town):
        adopt(begun, noon, OLD)
        with in_town(other_town.pk):
            assert CriterionVersion.objects.count() == 0


class TestPages:
    def test_lead_from_a_draft_to_a_criterion_that_everybody_may_ask(self, made, enter):  # noqa: F811
        member = enter("member")
        new = {"title": "独居老人", "code": "alone", "subject": "resident", "source": "办法", "clause": "第八条"}
        assert member.post("/administration/criteria/new/", new).status_code == 302
        here = "/administration/criteria/of/alone/"
        assert "出生日期" in member.get(here).content.decode()
        assert member.get(f"{here}?field=birth&place=").status_code == 200
        add = {"what": "add", "place": ""}
        assert member.post(here, add | {"field": "birth", "op": "years >=", "value": "70"}).status_code == 302
        assert member.post(here, add | {"field": "lives_alone", "op": "yes"}).status_code == 302
        assert member.post(here, add | {"field": "children", "op": "=", "value": "0", "birth_below": "18"}).status_code == 302
        assert member.post(here, add | {"field": "ask", "words": "没有子女同住"}).status_code == 302
        assert member.post(here, add | {"field": "employment", "op": "in", "value": ["retired", "none"]}).status_code == 302
        assert member.post(here, {"what": "remove", "place": "all/3"}).status_code == 302
        draft = CriterionVersion.objects.get()
        assert draft.definition["all"][2] == {
            "count": "children", "where": {"all": [{"field": "birth", "years": "<", "value": 18}]}, "is": "=", "value": "0"
        }  # fmt: skip
        assert [one.get("field", one.get("count")) for one in draft.definition["all"]] == ["birth", "lives_alone", "children", "employment"]
        wrong = member.post(here, add | {"field": "birth", "op": "years >=", "value": "seventy"})
        assert wrong.status_code == 422
        assert "seventy" in wrong.content.decode()
        assert member.post(here, {"what": "try"}).status_code == 302
        assert enter("").get("/criteria/alone/").status_code == 404
        day = territory.day_of(seen_by=ANYONE, at=CriterionVersion.objects.get().tried_at)
        assert member.post(here, {"what": "adopt", "valid_from": day.isoformat()}).status_code == 302
        anybody = enter("")
        assert "独居老人" in anybody.get("/criteria/").content.decode()
        own = {"f_birth": "1950-01-01", "f_lives_alone": "yes", "f_children": "0", "f_employment": "retired"}
        told = anybody.post("/criteria/alone/", own)
        assert told.status_code == 200
        assert told.context["reason"].answer is True
        assert anybody.post("/criteria/alone/", own | {"f_lives_alone": ""}).context["reason"].answer is None
        bad = anybody.post("/criteria/alone/", own | {"f_children": "yesterday"})
        assert bad.status_code == 422
        assert bad.context["form"].errors.keys() == {"f_children"}

    def test_of_drafting_are_closed_to_others(self, made, enter):  # noqa: F811
        for path in ("", "new/", "values/"):
            assert enter("officer").get(f"/administration/criteria/{path}").status_code == 403

    def test_set_values(self, made, enter):  # noqa: F811
        given = {"code": "m", "title": "标准", "unit": "CNY/month", "value": "945.5", "valid_from": "2026-01-01", "source": "公告"}
        member = enter("member")
        assert member.post("/administration/criteria/values/", given | {"value": "x"}).status_code == 422
        assert member.post("/administration/criteria/values/", given).status_code == 302
        assert "945.5" in member.get("/administration/criteria/values/").content.decode()


class TestApi:
    def test_judges_one_and_says_why(self, begun, noon):
        adopt(begun, noon, OLD)
        client = Client()

        def ask(body):
            answer = client.post("/api/v1/criteria/old-alone/judge", json.dumps(body), content_type="application/json")
            return answer.status_code, answer.json()

        on = noon.date().isoformat()
        status, told = ask({"values": {"birth": "1950-01-01", "lives_alone": True}, "on": on})
        assert (status, told["answer"], [one["answer"] for one in told["parts"]]) == (200, "yes", ["yes", "yes"])
        status, told = ask({"values": {"birth": "1950-01-01"}, "on": on})
        assert (told["answer"], len(told["missing"])) == ("unknown", 1)
        status, told = ask({"values": {"birth": "then", "wealth": 5}, "on": on})
        assert (status, {one["field"] for one in told["errors"]}) == (422, {"values.birth", "values.wealth"})
        assert ask({"values": {}, "on": "2020-01-01"})[0] == 404
        assert client.get("/api/v1/criteria", {"on": on}).json()[0]["definition"] == OLD

    def test_names_the_subjects_and_their_fields(self, town):
        told = {one["code"]: one for one in Client().get("/api/v1/criteria/subjects").json()}
        assert {"resident", "firm"} <= told.keys()
        assert next(one for one in told["resident"]["fields"] if one["code"] == "children")["fields"] == ["birth", "in_school"]


def test_samples_fit_their_fields():
    from gongzhi.foundation.criteria.judging import faults_of

    for subject in registry.subjects():
        if subject.samples:
            assert all(not faults_of(subject, row) for row in subject.samples(date(2026, 11, 30))), subject.code
            assert list(subject.samples(date(2026, 11, 30))) == list(subject.samples(date(2026, 11, 30)))
            assert language.read({"all": []}, subject)
