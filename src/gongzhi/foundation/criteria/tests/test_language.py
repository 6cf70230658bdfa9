"""The language of conditions: its logic, exactness, dates and faults; one judged as many are."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.foundation.criteria import dates, editing, language, units
from gongzhi.foundation.criteria.judging import both, either, judge, opposite
from gongzhi.foundation.criteria.language import BadCriterion, BadValue, Parameter
from gongzhi.foundation.criteria.masks import judge_many
from gongzhi.foundation.criteria.subjects import Field, Sort, Subject

CHILD = (Field("born", "born", Sort.DATE), Field("at_school", "at school", Sort.FLAG), Field("weight", "weight", Sort.NUMBER, unit="kg"))
PERSON = Subject(
    "tester", "Tester",
    (
        Field("birth", "born", Sort.DATE, span_title="age"), Field("income", "income", Sort.NUMBER, unit="CNY/month"), Field("alone", "lives alone", Sort.FLAG),
        Field("status", "status", Sort.CHOICE, choices={"student": "student", "retired": "retired", "employed": "employed"}),
        Field("tags", "tags", Sort.CHOICES, choices={"a": "A", "b": "B", "c": "C"}), Field("place", "place", Sort.CODES), Field("trade", "trade", Sort.CODE),
        Field("children", "children", Sort.LIST, fields=CHILD), Field("old", "old", Sort.FLAG, withdrawn=date(2026, 1, 1)),
    ),
)  # fmt: skip
TODAY = date(2026, 11, 30)
LOW = Parameter("low", "low income", "CNY/year", ((date(2025, 1, 1), Fraction(12_000)), (date(2026, 7, 1), Fraction(24_000)), (date(2027, 1, 1), None)))
PARAMETERS = {"low": LOW}


def read(raw, **more):
    return language.read(raw, PERSON, PARAMETERS, **more)


def answer(raw, on=TODAY, **values):
    node = read(raw)
    one = judge(node, values, on=on, parameters=PARAMETERS)
    (yes, no), _table = judge_many([node], [values], on=on, parameters=PARAMETERS)[0][0], None
    assert (bool(yes[0]), bool(no[0])) == (one.answer is True, one.answer is False)
    return one.answer


THREE = st.sampled_from([True, False, None])


class TestLogic:
    @given(st.lists(THREE))
    def test_keeps_the_laws_of_de_morgan(self, answers):
        assert opposite(both(answers)) == either([opposite(one) for one in answers])
        assert opposite(either(answers)) == both([opposite(one) for one in answers])

    @given(THREE, THREE, THREE)
    def test_is_a_lattice(self, a, b, c):
        assert both([a, either([a, b])]) == a == either([a, both([a, b])])
        assert both([a, either([b, c])]) == either([both([a, b]), both([a, c])])
        assert both([a, b]) == both([b, a])
        assert both([a, both([b, c])]) == both([both([a, b]), c])
        assert opposite(opposite(a)) == a
        assert (both([]), either([])) == (True, False)

    @given(st.lists(THREE), st.data())
    def test_never_takes_an_answer_back_when_more_is_known(self, answers, data):
        more = [data.draw(st.booleans()) if one is None else one for one in answers]
        for together in (both, either):
            known = together(answers)
            assert known is None or together(more) == known


class TestBoundaries:
    @pytest.mark.parametrize(
        ("op", "below", "at", "above"),
        [
            ("<", True, False, False),
            ("<=", True, True, False),
            (">", False, False, True),
            (">=", False, True, True),
            ("=", False, True, False),
            ("!=", True, False, True),
        ],
    )
    def test_are_exact(self, op, below, at, above):
        for value, wanted in (("1999.9999", below), ("2000", at), (Decimal("2000.00"), at), (2000, at), (2000.0001, above)):
            assert answer({"field": "income", "is": op, "value": 2000}, income=value) is wanted, value

    def test_are_exact_where_a_unit_makes_a_fraction(self):
        clause = {"field": "income", "is": "<=", "value": 10_000, "unit": "CNY/year"}  # 833.333… a month
        assert answer(clause, income="833.3333") is True
        assert answer(clause, income="833.3334") is False
        assert answer({**clause, "is": "="}, income="833.3333") is False
        assert answer({**clause, "is": "!="}, income="833.3333") is True

    def test_of_ages_lie_on_the_birthday(self):
        clause = {"field": "birth", "years": ">=", "value": 70}
        assert answer(clause, birth="1956-11-30") is True
        assert answer(clause, birth="1956-12-01") is False
        assert answer({**clause, "years": "<"}, birth="1956-12-01") is True
        assert answer({"field": "birth", "months": ">=", "value": 6}, on=date(2026, 8, 31), birth="2026-02-28") is True

    @pytest.mark.parametrize(("on", "age"), [("2026-02-27", 17), ("2026-02-28", 18), ("2026-03-01", 18), ("2028-02-28", 19), ("2028-02-29", 20)])
    def test_of_leap_days_lie_on_the_last_of_february(self, on, age):
        day = date.fromisoformat(on)
        assert dates.since(date(2008, 2, 29), day, "years") == age
        assert answer({"field": "birth", "years": "=", "value": age}, on=day, birth="2008-02-29") is True
        assert answer({"field": "birth", "years": ">", "value": age}, on=day, birth="2008-02-29") is False

    DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))

    @given(DAYS, DAYS, st.sampled_from(dates.MEASURES), st.integers(0, 150))
    def test_latest_is_the_other_way_round_of_since(self, born, on, measure, count):
        assert (born.toordinal() <= dates.latest(on, count, measure)) == (dates.since(born, on, measure) >= count)

    def test_hold_at_the_ends_of_the_calendar(self):
        for born in ("0001-01-01", "9999-12-31"):
            for op in language.ORDER:
                assert answer({"field": "birth", "years": op, "value": 60_000}, birth=born) is (op in ("<", "<=", "!="))


class TestParameters:
    def test_hold_from_their_day(self):
        clause = {"field": "income", "is": "<=", "value": {"parameter": "low"}}
        assert answer(clause, on=date(2026, 6, 30), income=1001) is False
        assert answer(clause, on=date(2026, 7, 1), income=1001) is True
        assert answer(clause, on=date(2026, 7, 1), income="2000") is True
        assert answer(clause, on=date(2026, 7, 1), income="2000.0001") is False

    @pytest.mark.parametrize("on", [date(2024, 12, 31), date(2027, 1, 1)])
    def test_are_unknown_where_none_holds(self, on):
        reason = judge(read({"field": "income", "is": "<=", "value": {"parameter": "low"}}), {"income": 1}, on=on, parameters=PARAMETERS)
        assert reason.answer is None
        assert "low income" in reason.missing[0]


class TestUnknown:
    RULE = {"all": [{"field": "birth", "years": ">=", "value": 70}, {"field": "alone", "is": "=", "value": True}]}

    def test_says_what_is_missing(self):
        reason = judge(read(self.RULE), {"birth": "1950-01-01"}, on=TODAY)
        assert (reason.answer, reason.missing, reason.word) == (None, ("lives alone",), "unknown")

    def test_is_no_unknown_where_it_does_not_matter(self):
        reason = judge(read(self.RULE), {"birth": "2000-01-01"}, on=TODAY)
        assert (reason.answer, reason.missing) == (False, ())

    def test_is_what_does_not_fit_its_field(self):
        assert answer({"field": "income", "is": ">", "value": 0}, income="1_000") is None
        (masks, table) = judge_many([read({"field": "income", "is": ">", "value": 0})], [{"income": 5}, {"income": "²"}, {"income": 7}], on=TODAY)
        assert masks[0][0].tolist() == [True, False, True]
        assert [(fault.row, fault.field) for fault in table.faults] == [(1, "income")]

    def test_of_a_list_lies_between_what_is_sure_and_what_may_be(self):
        rule = {"count": "children", "where": {"field": "born", "years": "<", "value": 18}, "is": ">=", "value": 2}
        minor, grown, unknown = {"born": "2020-05-05"}, {"born": "1990-05-05"}, {"born": None}
        assert answer(rule, children=[minor, minor]) is True
        assert answer(rule, children=[minor, unknown]) is None
        assert answer(rule, children=[minor, grown]) is False
        assert answer(rule, children=[]) is False
        assert answer(rule, children=None) is None
        assert answer({**rule, "is": "="}, children=[minor, minor, minor, unknown]) is False

    def test_of_what_a_person_confirms_waits_for_them(self):
        node = read({"ask": "form", "words": "The form was filled."})
        assert judge(node, {}, on=TODAY).answer is None
        assert judge(node, {}, on=TODAY, confirmed={"form": False}).answer is False


class TestFaults:
    @pytest.mark.parametrize(
        "raw",
        [
            None, [], {}, {"all": {}}, {"all": [], "any": []}, {"field": "none", "is": "=", "value": 1}, {"field": "income", "is": "in", "value": [1]},
            {"field": "income", "is": "=", "value": "1_0"}, {"field": "income", "is": "=", "value": True}, {"field": "income", "is": "=",
            "value": float("nan")},
            {"field": "income", "is": "=", "value": 1, "unit": "kg"}, {"field": "income", "is": "=", "value": 10**14}, {"field": "income", "is": "=",
            "value": "9" * 5000},
            {"field": "income", "years": "=", "value": 1}, {"field": "birth", "is": ">", "value": "2026-02-30"}, {"field": "birth", "years": ">", "value": 1.5},
            {"field": "birth", "years": ">", "value": -1}, {"field": "birth", "years": ">", "months": ">", "value": 1}, {"field": "birth", "years": ">=",
            "value": {"parameter": "low"}},
            {"field": "status", "is": "in", "value": ["pope"]}, {"field": "status", "is": "in", "value": []}, {"field": "status", "is": "in",
            "value": "student"},
            {"field": "tags", "is": "has", "value": "z"}, {"field": "alone", "is": "=", "value": 1}, {"field": "alone", "is": "=", "value": None},
            {"field": "income", "is": "=", "value": {"parameter": "none"}}, {"field": "income", "is": "=", "value": 1, "colour": "red"},
            {"count": "income", "is": "=", "value": 1}, {"count": "children", "where": {"field": "income", "is": "=", "value": 1}, "is": "=", "value": 1},
            {"ask": "", "words": "x"}, {"ask": "x", "words": " "}, {"not": []},
        ],
    )  # fmt: skip
    def test_are_told_with_their_place(self, raw):
        with pytest.raises(BadCriterion) as caught:
            read({"all": [{"any": [raw]}]})
        assert all(fault.startswith("/all/0/any/0") for fault in caught.value.faults)

    def test_are_all_told_at_once(self):
        with pytest.raises(BadCriterion) as caught:
            read({"all": [{"field": "a", "is": "=", "value": 1}, {"field": "b", "is": "=", "value": 1}]})
        assert len(caught.value.faults) == 2

    def test_end_what_is_too_deep_or_too_long(self):
        deep = {"all": []}
        for _level in range(40):
            deep = {"not": deep}
        for raw in (deep, {"all": [{"all": []}] * 10_000}):
            with pytest.raises(BadCriterion):
                read(raw)

    def test_are_fields_that_are_withdrawn_for_new_versions_only(self):
        raw = {"field": "old", "is": "=", "value": True}
        read(raw)
        read(raw, on=date(2025, 12, 31))
        with pytest.raises(BadCriterion, match="old"):
            read(raw, on=date(2026, 1, 1))

    def test_of_units_of_another_quantity(self):
        with pytest.raises(units.BadUnit):
            units.factor("CNY/month", "CNY")
        assert units.factor("mu", "ha") == Fraction(1, 15)
        assert units.factor("CNY10k/year", "CNY/month") == Fraction(2500, 3)

    @pytest.mark.parametrize("raw", ["²", "1e5_", "nan", "inf", "", " ", "1 000", "１２", [], {}, True])
    def test_of_numbers(self, raw):
        about = PERSON.field("income")
        if raw == "":
            assert language.held(about, raw) is None
            return
        with pytest.raises(BadValue):
            language.held(about, raw)


MONEY = st.one_of(st.none(), st.integers(0, 50).map(lambda n: n * 100), st.decimals(0, 5_000, places=2))
DAY = st.dates(date(1930, 1, 1), date(2027, 1, 1))
CHILDREN = st.fixed_dictionaries({"born": st.one_of(st.none(), DAY), "at_school": THREE, "weight": st.one_of(st.none(), st.integers(2, 90))})
ROW = st.fixed_dictionaries({
    "birth": st.one_of(st.none(), DAY), "income": MONEY, "alone": THREE, "status": st.sampled_from([None, "student", "retired", "employed"]),
    "tags": st.one_of(st.none(), st.frozensets(st.sampled_from("abc"))), "place": st.one_of(st.none(), st.frozensets(st.sampled_from(["1", "2", "3"]))),
    "trade": st.sampled_from([None, "C26", "C17"]), "children": st.one_of(st.none(), st.lists(CHILDREN, max_size=3)),
})  # fmt: skip
OPS = st.sampled_from(language.ORDER)
LEAF = st.one_of(
    st.builds(lambda op, n: {"field": "birth", "years": op, "value": n}, OPS, st.integers(0, 99)),
    st.builds(lambda op, n: {"field": "birth", "months": op, "value": n}, OPS, st.integers(0, 999)),
    st.builds(lambda op, day: {"field": "birth", "is": op, "value": day.isoformat()}, OPS, DAY),
    st.builds(lambda op, n, unit: {"field": "income", "is": op, "value": n, "unit": unit}, OPS, st.integers(0, 60_000), st.sampled_from(["CNY/month",
    "CNY/year"])),
    st.builds(lambda op: {"field": "income", "is": op, "value": {"parameter": "low"}}, OPS),
    st.builds(lambda value: {"field": "alone", "is": "=", "value": value}, st.booleans()),
    st.builds(lambda op, v: {"field": "status", "is": op, "value": v}, st.sampled_from(["in", "not_in"]), st.lists(st.sampled_from(["student", "retired"]),
    min_size=1)),
    st.builds(lambda op, v: {"field": "place", "is": op, "value": v}, st.sampled_from(["has_any", "has_none"]), st.lists(st.sampled_from(["1", "9"]),
    min_size=1)),
    st.builds(lambda op, v: {"field": "tags", "is": op, "value": v}, st.sampled_from(["has", "has_not"]), st.sampled_from("abc")),
    st.builds(
        lambda op, n, age: {"count": "children", "where": {"any": [{"field": "born", "years": "<", "value": age}, {"field": "at_school", "is": "=",
        "value": True}]}, "is": op, "value": n},
        OPS, st.integers(0, 3), st.integers(0, 30),
    ),
)  # fmt: skip
RULE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)), st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=8,
)  # fmt: skip


class TestMany:
    @given(st.lists(RULE, min_size=1, max_size=4), st.lists(ROW, max_size=12), st.dates(date(2024, 1, 1), date(2028, 3, 1)))
    @settings(deadline=None)
    def test_are_judged_as_one_by_one(self, rules, rows, on):
        nodes = [read(raw) for raw in rules]
        masks, table = judge_many(nodes, rows, on=on, parameters=PARAMETERS)
        assert not table.faults
        for node, (yes, no) in zip(nodes, masks, strict=True):
            wanted = [judge(node, row, on=on, parameters=PARAMETERS).answer for row in rows]
            assert [True if y else False if n else None for y, n in zip(yes, no, strict=True)] == wanted

    @given(RULE, ROW, st.data())
    @settings(deadline=None)
    def test_keep_their_answer_when_more_is_known(self, rule, row, data):
        node = read(rule)
        before = judge(node, row, on=TODAY, parameters=PARAMETERS)
        full = data.draw(ROW)
        after = judge(node, {name: full[name] if value is None else value for name, value in row.items()}, on=TODAY, parameters=PARAMETERS)
        assert before.answer is None or after.answer is before.answer
        assert (before.answer is None) == bool(before.missing)

    @given(RULE)
    def test_have_words(self, rule):
        for node in language.walk(read(rule)):
            assert language.words(node, PARAMETERS, TODAY)


class TestEditing:
    DEFINITION = {"all": [{"ask": "a", "words": "A"}, {"any": [{"ask": "b", "words": "B"}]}]}

    def test_changes_one_place(self):
        more = editing.add(self.DEFINITION, "all/1", {"ask": "c", "words": "C"})
        assert more["all"][1]["any"][1]["ask"] == "c"
        assert editing.remove(more, "all/1/any/0")["all"][1]["any"] == [{"ask": "c", "words": "C"}]
        assert editing.turn(more, "")["any"]
        assert editing.negate(editing.negate(more, "all/0"), "all/0") == more
        assert editing.remove(editing.negate(more, "all/0"), "all/0/not") == editing.remove(more, "all/0")
        assert self.DEFINITION["all"][1] == {"any": [{"ask": "b", "words": "B"}]}

    @pytest.mark.parametrize("place", ["all/9", "any/0", "all/x", "all/-1", "all/0/any/0", "all/²"])
    def test_knows_no_other_place(self, place):
        with pytest.raises(editing.NoSuchPlace):
            editing.remove(self.DEFINITION, place)
