"""A benefit as data: what it may say, and every fault with its place."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from gongzhi.foundation.criteria import masks
from gongzhi.foundation.criteria.judging import judge
from gongzhi.foundation.criteria.town_subjects import FIRM
from gongzhi.registers.benefits import definitions, matching, packing
from gongzhi.registers.benefits.definitions import BadBenefit, read

DAY = date(2026, 11, 18)
RENT = {
    "code": "rent", "title": "小微企业房租补贴", "for": "firm", "source": "《小微企业扶持办法》", "clause": "第三条", "way": "unasked", "amount": "5000.00",
    "every": "year", "from": "2026-01-01", "until": "2026-12-31",
    "criteria": {"all": [{"field": "size", "is": "in", "value": ["small", "micro"]}, {"field": "staff", "is": "<", "value": 20},
        {"field": "turnover", "is": "<=", "value": 2000}]},
}  # fmt: skip


def faults(**change):
    raw = {name: value for name, value in (RENT | change).items() if value is not ...}
    with pytest.raises(BadBenefit) as told:
        read(raw)
    return dict(told.value.faults)


class TestRead:
    def test_a_benefit_is_read_with_its_amount_days_and_conditions(self):
        one = read(RENT)
        assert (one.cents, one.starts_on, one.ends_on, len(one.conditions)) == (500_000, date(2026, 1, 1), date(2026, 12, 31), 3)
        assert [read(RENT | {"every": every}).period_of(DAY) for every in ("year", "month", "once")] == ["2026", "2026-11", "once"]
        assert one.holds_on(date(2026, 12, 31))
        assert not one.holds_on(date(2027, 1, 1))

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"amount": "5000.001"}, "amount"), ({"amount": 1.005}, "amount"), ({"amount": "0"}, "amount"), ({"amount": ...}, "amount"),
            ({"rate": {"of": "tax", "percent": 5}}, "amount"), ({"until": "2025-12-31"}, "until"), ({"from": ...}, "from"), ({"from": "2026-02-30"}, "from"),
            ({"criteria": {"field": "stuff", "is": "=", "value": 1}}, "criteria"),
            ({"criteria": {"all": [{"field": "staff", "is": "<", "value": 9}, {"field": "stuff", "is": "=", "value": 1}]}}, "criteria/all/1"),
            ({"criteria": {"all": []}}, "criteria"), ({"for": "dog"}, "for"), ({"code": "A b"}, "code"), ({"clause": ""}, "clause"),
            ({"budget": "x"}, "budget"),
            ({"not_with": ["rent"]}, "not_with"), ({"not_with": "tax"}, "not_with"), ({"together": {"group": "g"}}, "together"), ({"colour": "red"}, "colour"),
            ({"amount": ..., "rate": {"of": "staff", "percent": 5}}, "rate/of"), ({"amount": ..., "rate": {"of": "tax", "percent": 0}}, "rate/percent"),
            ({"criteria": {"ask": "moved", "words": "是否已迁入"}}, "way"),
        ],
    )  # fmt: skip
    def test_every_fault_is_told_with_its_place(self, change, place):
        assert place in faults(**change)

    def test_faults_of_a_list_name_the_benefit(self):
        with pytest.raises(BadBenefit) as told:
            definitions.read_all({"benefits": [RENT, RENT | {"amount": "1.001"}, RENT | {"until": "2020-01-01", "code": "old"}]})
        assert {place for place, _words in told.value.faults} == {"benefits/1/amount", "benefits/2/until"}
        with pytest.raises(BadBenefit) as told:
            definitions.read_all([RENT, RENT])
        assert told.value.faults[0][0] == "benefits/1/code"

    def test_a_rate_is_exact_and_rounded_half_up_to_the_cent(self):
        one = read({name: value for name, value in RENT.items() if name != "amount"} | {"rate": {"of": "tax", "percent": "12.5", "most": "20000.00"}})
        assert one.rate is not None
        assert one.rate.cents(int(Decimal("3.2") * 10_000)) == 400_000  # 12.5 % of 3.2 万元
        assert one.rate.cents(int(Decimal("0.0001") * 10_000)) == 13  # 0.125 yuan: up
        assert one.rate.cents(10**9) == 2_000_000
        assert Fraction(one.rate.percent) == Fraction(25, 2)


def firm(**values):
    return {"size": "micro", "staff": 9, "turnover": 300} | values


class TestMatch:
    def states(self, rows, *benefits):
        made = matching.match([read(one, key=place) for place, one in enumerate(benefits)], masks.Table(rows), on=DAY)
        return made, [[matching.WORDS[state] for state in row] for row in made.states.tolist()]

    def test_entitled_nearly_and_not(self):
        rows = [firm(), firm(turnover=None), firm(staff=20), firm(staff=20, size="large"), {}, firm(staff=None, size="large")]
        _made, (states,) = self.states(rows, RENT)
        assert states == ["entitled", "nearly", "nearly", "not", "nearly", "not"]

    def test_the_bits_say_what_the_judge_says(self):
        rows = [firm(), firm(turnover=None), firm(staff=20, size="large"), {}]
        made, _states = self.states(rows, RENT)
        for row, values in enumerate(rows):
            for bit, condition in enumerate(made.benefits[0].conditions):
                answer = judge(condition, values, on=DAY).answer
                assert bool(int(made.yes[0, row]) >> bit & 1) is (answer is True)
                assert bool(int(made.no[0, row]) >> bit & 1) is (answer is False)
        kept = packing.unpacked(packing.packed(made)[0])
        assert [(one.version, one.is_entitled, one.cents, packing.bits(one.yes, 3)) for one in kept] == [(0, True, 500_000, [True, True, True])]

    def test_of_two_that_exclude_each_other_the_greater_is_had(self):
        small = RENT | {"code": "small", "amount": "300.00", "not_with": ["rent"]}
        made, states = self.states([firm(), firm(staff=30)], RENT, small)
        assert states == [["entitled", "nearly"], ["beside", "nearly"]]
        assert made.cents[:, 0].tolist() == [500_000, 0]

    @pytest.mark.parametrize(("most", "cents"), [("9000.00", [500_000, 400_000]), ("5000.00", [500_000, 0]), ("4999.99", [499_999, 0])])
    def test_a_group_comes_to_no_more_than_its_limit(self, most, cents):
        tied = {"together": {"group": "house", "most": most}}
        made, states = self.states([firm()], RENT | tied, RENT | tied | {"code": "heating", "amount": "4500.00"})
        assert made.cents[:, 0].tolist() == cents
        assert states[1][0] == ("entitled" if cents[1] else "beside")

    def test_without_the_field_of_its_rate_nothing_is_paid_and_it_is_nearly(self):
        rate = {name: value for name, value in RENT.items() if name != "amount"} | {"rate": {"of": "tax", "percent": 10}}
        made, (states,) = self.states([firm(), firm(tax=Decimal("2.5"))], rate)
        assert states == ["nearly", "entitled"]
        assert made.cents[0].tolist() == [0, 250_000]


class TestTheCommand:
    YAML = """
benefits:
  - code: rent
    title: 房租补贴
    for: firm
    source: 《办法》
    clause: 第三条
    amount: 5000.00
    every: year
    from: 2026-01-01
    criteria:
      all:
        - {field: size, is: in, value: [small, micro]}
        - {field: staff, is: "<", value: 20}
"""

    def run(self, tmp_path, capfdbinary, yaml=YAML, csv="name,size,staff\n甲,micro,9\n乙,large,9\n丙,micro,\n"):
        import orjson

        (tmp_path / "b.yaml").write_text(yaml, encoding="utf-8")
        (tmp_path / "f.csv").write_text(csv, encoding="utf-8")
        call_command("match", str(tmp_path / "b.yaml"), "--firms", str(tmp_path / "f.csv"), "--on", "2026-11-18", "--lang", "en")
        return [orjson.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    def test_a_line_a_firm_and_benefit_with_each_clause_and_its_value(self, tmp_path, capfdbinary):
        lines = self.run(tmp_path, capfdbinary)
        assert [(line["firm"], line["answer"]) for line in lines] == [("甲", "yes"), ("乙", "no"), ("丙", "unknown")]
        assert lines[0]["yuan"] == "5000.00"
        assert lines[1]["clauses"][0] == {"words": "Size class is one of micro, small", "answer": "no", "value": "large"}
        assert lines[2]["clauses"][1]["value"] is None

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [("5000.00", "5000.001", "benefits/0/amount"), ("field: staff", "field: stuff", "benefits/0/criteria/all/1"),
         ("from: 2026-01-01", "from: 2026-01-01\n    until: 2025-01-01", "benefits/0/until"), ("benefits:", "benefits: [", "b.yaml")],
    )  # fmt: skip
    def test_a_bad_benefit_is_refused_with_the_place(self, tmp_path, capfdbinary, old, new, place):
        with pytest.raises(CommandError) as told:
            self.run(tmp_path, capfdbinary, self.YAML.replace(old, new))
        assert place in str(told.value)

    @pytest.mark.parametrize(
        ("csv", "place"),
        [("name,sice\n甲,x\n", "1:sice"), ("name,staff\n甲,1.23456\n", "2:staff"), ("name,size\n甲,huge\n", "2:size"), ("name,size\n甲\n", "2")],
    )
    def test_a_bad_row_is_refused_with_the_place(self, tmp_path, capfdbinary, csv, place):
        with pytest.raises(CommandError) as told:
            self.run(tmp_path, capfdbinary, csv=csv)
        assert str(told.value).startswith(place)


def test_the_fields_that_the_registers_fill_are_declared():
    with translation.override("en"):
        assert {"founded", "moved_in", "industry", "size", "areas", "staff", "turnover", "tax", "research"} <= {one.code for one in FIRM.fields}
