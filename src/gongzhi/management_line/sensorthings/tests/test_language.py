"""The language of questions: never a crash, and the database's answer is that of plain Python over the same rows."""

import contextlib
import math
import string
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import DataError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.kernel.operation import Refused
from gongzhi.management_line.sensorthings import language, moments
from gongzhi.management_line.sensorthings.compiling import Compiler
from gongzhi.management_line.sensorthings.entities import SETS, Link, Property, Set
from gongzhi.management_line.sensorthings.language import Binary, Call, Literal, Path, Unary

# ---- rows that are in Python and in the database --------------------------------------------------------------------
BASE = datetime(2026, 11, 18, 23, 59, 58, 250_000, tzinfo=UTC)
ROWS = [
    {"id": 1, "n": 0.0, "m": 2.5, "s": "Alpha", "t": BASE, "u": (BASE, None), "b": True},
    {"id": 2, "n": -2.5, "m": None, "s": "beta gamma", "t": BASE - timedelta(days=40), "u": (BASE, BASE + timedelta(hours=2)), "b": False},
    {"id": 3, "n": 7.0, "m": -0.5, "s": "", "t": None, "u": (BASE - timedelta(days=1), BASE), "b": None},
    {"id": 4, "n": None, "m": 3.0, "s": None, "t": BASE + timedelta(seconds=2), "u": (BASE + timedelta(days=1), None), "b": True},
    {"id": 5, "n": 1e9, "m": 1.5, "s": "化学 需氧量 ", "t": datetime(2024, 2, 29, tzinfo=UTC), "u": (BASE + timedelta(hours=1), BASE + timedelta(hours=3)),
     "b": False},
]  # fmt: skip


def _sql(row):
    def put(value, kind):
        if value is None:
            return f"NULL::{kind}"
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        return f"'{text}'::{kind}"

    begin, end = row["u"]
    return (
        f"({row['id']}::bigint, {put(row['n'], 'float8')}, {put(row['m'], 'float8')}, {put(row['s'], 'text')}, {put(row['t'], 'timestamptz')},"
        f" {put(begin, 'timestamptz')}, {put(end, 'timestamptz')}, {put(row['b'], 'boolean')})"
    )


ROWS_SET = Set(
    "Rows", "Row",
    {"n": Property("number"), "m": Property("number"), "s": Property("text"), "t": Property("time"), "u": Property("span"), "b": Property("bool")},
    {"Self": Link("Rows", "id", "{c}.id = {k}", "Self")},
    "SELECT * FROM (VALUES " + ", ".join(map(_sql, ROWS)) + ') AS v(id, n, m, s, t, u, "u_end", b)',
)  # fmt: skip


def ask(tree):
    """Return the numbers of the rows that the database finds."""
    compiler = Compiler(ROWS_SET, view=lambda of: of.view(1, unused=True), measured=lambda of, name: [], at=BASE, params={})
    with patch.dict(SETS, {"Rows": ROWS_SET}):
        condition = compiler.truth(tree)
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT asked")
        try:
            cursor.execute(f"SELECT e.id FROM {ROWS_SET.view(1, unused=True)} e{''.join(compiler.joined)} WHERE {condition} ORDER BY 1", compiler.params)
            return [row[0] for row in cursor.fetchall()]
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT asked")


# ---- the same in Python ---------------------------------------------------------------------------------------------
def half_away(value):
    return math.copysign(math.floor(abs(value) + 0.5), value)


PLAIN = {
    "contains": lambda a, b: b in a, "substringof": lambda a, b: a in b, "startswith": lambda a, b: a.startswith(b), "endswith": lambda a, b: a.endswith(b),
    "length": len, "indexof": lambda a, b: a.find(b), "tolower": str.lower, "toupper": str.upper, "trim": lambda a: a.strip(" \t\n\r"),
    "concat": lambda a, b: a + b, "substring": lambda a, *b: a[max(int(b[0]), 0) :][: max(int(b[1]), 0) if len(b) > 1 else None],
    "year": lambda a: a.year, "month": lambda a: a.month, "day": lambda a: a.day, "hour": lambda a: a.hour, "minute": lambda a: a.minute,
    "second": lambda a: a.second, "fractionalseconds": lambda a: a.microsecond / 1e6, "round": half_away, "floor": math.floor, "ceiling": math.ceil,
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b if b else None,
    "mod": lambda a, b: math.fmod(a, b) if b else None,
}  # fmt: skip


def plain(node, row):
    """Return what an expression is for a row; nothing is None, times are (begin, last)."""
    if isinstance(node, Literal):
        return (node.value[0], node.value[1] or node.value[0]) if node.kind == "time" else node.value
    if isinstance(node, Path):
        value = row[node.parts[-1]]
        if node.parts[-1] == "u":
            return (value[0], value[1] or value[0])
        return (value, value) if node.parts[-1] == "t" and value is not None else value
    if isinstance(node, Unary):
        inner = plain(node.operand, row)
        return inner is not True if node.operator == "not" else None if inner is None else -inner
    if isinstance(node, Call):
        if node.name == "now":
            return (BASE, BASE)
        found = [plain(argument, row) for argument in node.arguments]
        if None in found:
            return None
        return PLAIN[node.name](*[value[0] if isinstance(value, tuple) else value for value in found])
    left, right = plain(node.left, row), plain(node.right, row)
    if node.operator in ("and", "or"):
        return (left is True and right is True) if node.operator == "and" else (left is True or right is True)
    if node.operator in PLAIN:
        return None if left is None or right is None else PLAIN[node.operator](left, right)
    if node.operator == "ne":
        return left != right
    if left is None or right is None:
        return left is right and node.operator == "eq" and Literal("null", None) in (node.left, node.right)
    if isinstance(left, tuple):
        return {
            "eq": left == right, "lt": left[1] < right[0], "le": left[1] <= right[0] and left[0] <= right[0], "gt": left[0] > right[1],
            "ge": left[0] >= right[1],
        }[node.operator]  # fmt: skip
    return {"eq": left == right, "lt": left < right, "le": left <= right, "gt": left > right, "ge": left >= right}[node.operator]


# ---- expressions ----------------------------------------------------------------------------------------------------
numbers = st.one_of(st.integers(-40, 40), st.sampled_from([0.5, 1.5, 2.5, -0.5, 1e9])).map(
    lambda value: Unary("-", Literal("number", -value)) if value < 0 else Literal("number", value)
)
texts = st.sampled_from(["", "a", "beta", "Alpha", "需氧", " ", "o'clock", "gamma"]).map(lambda value: Literal("text", value))
times = st.sampled_from([
    (BASE, None), (BASE - timedelta(days=40), None), (datetime(2024, 2, 29, tzinfo=UTC), None), (BASE - timedelta(hours=3), BASE + timedelta(hours=2)),
]).map(lambda value: Literal("time", value))  # fmt: skip


def paths(*names):
    return st.sampled_from([Path((name,)) for name in names] + [Path(("Self", name)) for name in names])


def call(name, *arguments):
    return st.tuples(*arguments).map(lambda given: Call(name, given))


moment_expr = st.one_of(paths("t", "u"), times, st.just(Call("now", ())))
text_expr = st.recursive(
    st.one_of(paths("s"), texts),
    lambda inner: st.one_of(call("tolower", inner), call("toupper", inner), call("trim", inner), call("concat", inner, inner),
                            call("substring", inner, st.integers(0, 4).map(lambda value: Literal("number", value)))), max_leaves=4,
)  # fmt: skip
number_expr = st.recursive(
    st.one_of(paths("n", "m"), numbers, call("length", text_expr), call("indexof", text_expr, text_expr),
              *[call(name, moment_expr) for name in ("year", "month", "day", "hour", "minute", "second", "fractionalseconds")]),
    lambda inner: st.one_of(call("round", inner), call("floor", inner), call("ceiling", inner), inner.map(lambda value: Unary("-", value)),
                            st.builds(Binary, st.sampled_from(["add", "sub", "mul", "div", "mod"]), inner, inner)), max_leaves=5,
)  # fmt: skip
comparisons = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])
condition = st.recursive(
    st.one_of(
        st.builds(Binary, comparisons, number_expr, number_expr), st.builds(Binary, comparisons, text_expr, text_expr),
        st.builds(Binary, comparisons, moment_expr, moment_expr),
        st.builds(Binary, st.sampled_from(["eq", "ne"]), paths("n", "m", "s", "t", "b"), st.just(Literal("null", None))),
        st.builds(Binary, st.sampled_from(["eq", "ne"]), paths("b"), st.sampled_from([Literal("bool", True), Literal("bool", False)])),
        *[call(name, text_expr, text_expr) for name in ("contains", "substringof", "startswith", "endswith")], paths("b"),
    ),
    lambda inner: st.one_of(st.builds(Binary, st.sampled_from(["and", "or"]), inner, inner), inner.map(lambda value: Unary("not", value))), max_leaves=6,
)  # fmt: skip


def write(node):
    """Return an expression as a client would write it."""
    if isinstance(node, Literal):
        if node.kind == "text":
            return "'" + node.value.replace("'", "''") + "'"
        if node.kind == "time":
            return moments.write_span(*node.value)
        return {None: "null", True: "true", False: "false"}[node.value] if node.kind in ("null", "bool") else repr(node.value)
    if isinstance(node, Path):
        return str(node)
    if isinstance(node, Call):
        return f"{node.name}({','.join(map(write, node.arguments))})"
    if isinstance(node, Unary):
        return f"not ({write(node.operand)})" if node.operator == "not" else f"(- ({write(node.operand)}))"
    return f"({write(node.left)} {node.operator} {write(node.right)})"


@pytest.mark.django_db
class TestFilters:
    @settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(tree=condition)
    def test_find_what_python_finds(self, tree):
        read = language.read_filter(write(tree))
        try:
            expected = [row["id"] for row in ROWS if plain(read, row) is True]
        except OverflowError:
            return
        with contextlib.suppress(DataError):  # beyond float8: the caller is told so
            assert ask(read) == expected, write(tree)

    @settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from([
            "n", "s", "t", "u", "b", "Self/", "id", "eq", "gt", "and", "or", "not", "(", ")", ",", "'", "'a'", "1", "-", ".5", "null", "true", "contains",
            "year(", "geo.distance(", "geography'POINT(1 2)'", "2026-11-18T00:00:00Z", "2026-11-18", "duration'PT1H'", "mul", "div", "round(", "substring(",
            "now()", "/", "@iot.id", "12:30", "st_relate("]), max_size=14).map(" ".join),
    ))  # fmt: skip
    def test_of_any_text_are_answered_or_refused(self, text):
        with contextlib.suppress(Refused, DataError):
            ask(language.read_filter(text))


class TestOptions:
    @settings(max_examples=500, deadline=None)
    @given(given=st.dictionaries(st.sampled_from(["$filter", "$orderby", "$select", "$expand", "$top", "$skip", "$count", "$resultFormat", "$skiptoken"]),
                                 st.text(alphabet=string.printable + "需$;", max_size=40), max_size=4))  # fmt: skip
    def test_of_any_text_are_read_or_refused(self, given):
        try:
            options = language.read_options(given)
        except Refused:
            return
        assert options.size >= 0

    def test_expand_inside_of_each_other(self):
        text = "Datastreams($filter=name eq 'a;b,c)';$expand=Observations($top=1;$orderby=phenomenonTime desc);$count=true),Locations/Things"
        options = language.read_options({"$expand": text})
        inner = options.expand["Datastreams"]
        assert inner.count
        assert write(inner.filter) == "(name eq 'a;b,c)')"
        assert inner.expand["Observations"].top == 1
        assert inner.expand["Observations"].order[0].descending
        assert set(options.expand["Locations"].expand) == {"Things"}

    @pytest.mark.parametrize("text", ["(" * 500 + "n" + ")" * 500, "n" + " add 1" * 400 + " eq 1", "not " * 300 + "b", "x" * 7000])
    def test_without_end_are_refused(self, text):
        with pytest.raises(Refused):
            language.read_filter(text)

    def test_arithmetic_binds_as_the_standard_says(self):
        tree = language.read_filter("not n add 2 mul 3 eq 7 and b or s eq 'x'")
        assert write(tree) == "((not ((((n add (2 mul 3)) eq 7))) and b) or (s eq 'x'))".replace("((((n", "(((n").replace("7)))", "7))")

    @pytest.mark.parametrize(("text", "inside", "rest"), [
        ("Datastream/id eq 3 and result gt 1", "(id eq 3)", "(result gt 1)"), ("result gt 1", None, "(result gt 1)"),
        ("Datastream/id eq 3 or result gt 1", None, "((Datastream/id eq 3) or (result gt 1))"),
        ("(Datastream/id eq 3 or Datastream/Thing/name eq 'x') and b and 1 eq 1", "((id eq 3) or (Thing/name eq 'x'))", "(b and (1 eq 1))"),
    ])  # fmt: skip
    def test_is_parted_at_a_link(self, text, inside, rest):
        found = language.behind(language.read_filter(text), "Datastream")
        assert tuple(part and write(part) for part in found) == (inside, rest)
