import pytest

from gongzhi.evaluation.formula import BadFormula, parse, work_out
from gongzhi.kernel.figures import DeclaredTwice, Figure, declare, known

FLAG = Figure(code="t.flag", title="", text="", sort="flag", read=lambda **_: ())
AMOUNT = Figure(code="t.amount", title="", text="", sort="amount", read=lambda **_: ())
KNOWN = {"t.flag": FLAG, "t.amount": AMOUNT}


class TestParse:
    @pytest.mark.parametrize("text", ["share(t.flag)", " median( t.amount ) ", "mean(t.amount)", "count(t.flag)", "sum(t.amount) / count(t.flag)"])
    def test_reads(self, text):
        assert parse(text, KNOWN).part.figure in KNOWN

    @pytest.mark.parametrize(
        ("text", "reason", "about"),
        [
            ("share(t.none)", "unknown_figure", "t.none"), ("best(t.flag)", "unknown_aggregate", "best"), ("share(t.amount)", "unfit", "share(t.amount)"),
            ("median(t.flag)", "unfit", "median(t.flag)"), ("t.flag", "unreadable", "t.flag"), ("", "unreadable", ""),
            ("sum(t.amount) / count(t.none)", "unknown_figure", "t.none"), ("count(t.flag)/count(t.flag)/count(t.flag)", "unreadable", None),
            ("__import__('os')", "unreadable", None),
        ],
    )  # fmt: skip
    def test_names_what_is_wrong_and_with_what(self, text, reason, about):
        with pytest.raises(BadFormula) as told:
            parse(text, KNOWN)
        assert told.value.reason == reason
        assert about is None or told.value.about == about


class TestWorkOut:
    def test_gives_each_aggregate(self):
        values = {"t.flag": [1, 1, 0, 1], "t.amount": [1, 2, 9]}
        told = {
            text: work_out(parse(text, KNOWN), values).value
            for text in ("share(t.flag)", "median(t.amount)", "mean(t.amount)", "count(t.flag)", "sum(t.amount)")
        }
        assert told == {"share(t.flag)": 0.75, "median(t.amount)": 2, "mean(t.amount)": 4, "count(t.flag)": 4, "sum(t.amount)": 12}
        assert work_out(parse("sum(t.amount) / count(t.flag)", KNOWN), values).value == 3

    def test_of_nothing_and_by_nothing_is_nothing(self):
        assert work_out(parse("share(t.flag)", KNOWN), {"t.flag": []}) is None
        assert work_out(parse("sum(t.amount) / count(t.flag)", KNOWN), {"t.amount": [1], "t.flag": []}) is None


class TestDeclare:
    def test_refuses_another_figure_of_the_same_code(self):
        code = "cases.on_time"
        with pytest.raises(DeclaredTwice):
            declare(Figure(code=code, title="", text="", sort="flag", read=lambda **_: ()))
        assert known()[code].sort == "flag"
