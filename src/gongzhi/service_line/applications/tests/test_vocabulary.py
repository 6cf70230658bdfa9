"""The form: one vocabulary for page and API, every fault named."""

import pytest
from django.http import QueryDict
from jsonschema import Draft202012Validator

from gongzhi.service_line.applications import vocabulary
from gongzhi.service_line.applications.tests.factories import ANSWERS, SHOP

FIELDS = vocabulary.read(SHOP["form"])


def judged(**change):
    return vocabulary.judge(FIELDS, {**ANSWERS, **change})


class TestSchema:
    def test_is_one_of_2020_12_with_its_conditions(self):
        schema = vocabulary.schema(FIELDS)
        Draft202012Validator.check_schema(schema)
        assert schema["required"] == ["shop", "sells", "phone"]
        validator = Draft202012Validator(schema)
        assert validator.is_valid(ANSWERS)
        assert not validator.is_valid(ANSWERS | {"sells": ["drinks"]})
        assert validator.is_valid(ANSWERS | {"sells": ["drinks"], "bar_area": 3})


class TestJudge:
    def test_takes_good_answers_as_they_are(self):
        assert judged() == (ANSWERS, {})

    def test_names_each_field_that_is_wrong_once_in_the_order_of_the_form(self):
        _kept, faults = vocabulary.judge(FIELDS, {"sells": ["drinks", "cold"], "phone": "123"})
        assert list(faults) == ["shop", "sells", "bar_area", "phone"]
        assert all(faults.values())

    @pytest.mark.parametrize(("area", "good"), [(2.9, False), (3, True), (3.0, True), ("3", False)])
    def test_holds_a_number_to_its_limit_exactly(self, area, good):
        _kept, faults = judged(sells=["drinks"], bar_area=area)
        assert ("bar_area" not in faults) is good

    def test_drops_what_is_not_asked_before_it_judges(self):
        kept, faults = judged(bar_area="nonsense")
        assert (faults, "bar_area" in kept) == ({}, False)

    def test_refuses_a_field_that_the_form_has_not(self):
        assert list(judged(nonsense=1)[1]) == ["nonsense"]

    @pytest.mark.parametrize(("pattern", "good", "bad"), [
        ("credit_code", "91330110MA2B0001XL", "91330110MA2B0001X0"), ("id_card", "110101199003077790", "110101199003077791"),
        ("phone", "0571-88000000", "8800"), ("postcode", "311100", "3111"), ("email", "a@b.cn", "a b"),
    ])  # fmt: skip
    def test_knows_its_named_patterns_and_their_check_digits(self, pattern, good, bad):
        from gongzhi.registers.firms.codes import check_character

        if pattern == "credit_code":
            good = good[:17] + check_character(good[:17])
            bad = good[:17] + ("0" if good[17] != "0" else "1")
        if pattern == "id_card":
            from gongzhi.registers.residents.numbers import check_digit

            good = good[:17] + check_digit(good[:17])
            bad = good[:17] + ("0" if good[17] != "0" else "1")
        fields = vocabulary.read([{"code": "x", "title": "X", "pattern": pattern}])
        assert vocabulary.judge(fields, {"x": good})[1] == {}
        assert list(vocabulary.judge(fields, {"x": bad})[1]) == ["x"]

    def test_takes_what_a_register_gave_masked_as_it_is(self):
        fields = vocabulary.read([{"code": "x", "title": "X", "pattern": "id_card", "from": "person.number"}])
        assert vocabulary.judge(fields, {"x": "3301**********0028"}, frozenset({"x"})) == ({"x": "3301**********0028"}, {})
        assert vocabulary.judge(fields, {"x": "3301**********0028"})[1]

    def test_refuses_a_day_that_does_not_exist(self):
        fields = vocabulary.read([{"code": "x", "title": "X", "kind": "date"}])
        assert vocabulary.judge(fields, {"x": "2026-02-28"})[1] == {}
        assert vocabulary.judge(fields, {"x": "2026-02-30"})[1]


class TestTyped:
    def test_reads_what_a_page_sends(self):
        posted = QueryDict("shop=桂花巷小馆&sells=hot&sells=drinks&bar_area=４.5&phone=139 1234 0117")
        found = vocabulary.typed(FIELDS, posted)
        assert (found["sells"], found["bar_area"], found["phone"]) == (["hot", "drinks"], 4.5, "13912340117")
        assert vocabulary.judge(FIELDS, found)[1] == {}

    def test_keeps_what_cannot_be_read_for_the_schema_to_refuse(self):
        found = vocabulary.typed(FIELDS, QueryDict("shop=a&sells=drinks&bar_area=vier&phone=13912340117"))
        assert found["bar_area"] == "vier"
        assert list(vocabulary.judge(FIELDS, found)[1]) == ["bar_area"]


class TestRead:
    @pytest.mark.parametrize("raw", [
        [{"code": "Bad Code", "title": "X"}], [{"code": "a"}], [{"code": "a", "title": "X"}, {"code": "a", "title": "X"}],
        [{"code": "a", "title": "X", "kind": "file"}], [{"code": "a", "title": "X", "kind": "choice"}], [{"code": "a", "title": "X", "pattern": "(a+)+$"}],
        [{"code": "a", "title": "X", "when": {"b": 1}}], [{"code": "a", "title": "X", "least": 3, "most": 2}], "text",
        [{"code": "a", "title": "X", "kind": "choice", "choices": {"y": "Y"}}, {"code": "b", "title": "X", "when": {"a": "n"}}],
    ])  # fmt: skip
    def test_refuses_a_form_that_could_not_be_filled_in(self, raw):
        with pytest.raises(vocabulary.BadForm):
            vocabulary.read(raw)
