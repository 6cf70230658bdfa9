"""Trees of $filter and $orderby into SQL, with kinds checked; nothing is worked out here but geometries.

Three rules keep answers plain: a comparison with nothing is false (`ne` is true, unless both are nothing), `not` turns false and nothing into true, and a
path through a link to many means "any of them, the same one in the whole filter".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.management_line.sensorthings import entities, shapes
from gongzhi.management_line.sensorthings.entities import SETS, Set
from gongzhi.management_line.sensorthings.faults import BadQuery, NotOffered, TooMuch, UnknownName, WrongKinds
from gongzhi.management_line.sensorthings.language import COMPARISON, Binary, Call, Literal, Node, Order, Path, Unary

MOST_JOINS = 12
_SIGNS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*"}
_PARTS = frozenset({"year", "month", "day", "hour", "minute"})
_ORDERED = {"number": "float8", "id": "bigint", "text": "text", "time": "timestamptz", "bool": "boolean", "json": "jsonb"}

Measured = Callable[[Set, str], Iterable[tuple[int, Any]]]  # (set, property) → (number, GeoJSON) of each entity


@dataclass(frozen=True, slots=True)
class Term:
    """A piece of SQL. kind: number, id (whole number), text, bool, time, date, clock, span, json, geo or null.

    `end`: of a time that may be an interval. `at`: where a geometry stands (alias of its row, set, property), or the geometry itself.
    """

    sql: str
    kind: str
    end: str = ""
    at: Any = None

    @property
    def last(self) -> str:
        return self.end or self.sql


class Compiler:
    """Compiles for one set, whose rows have the alias `e`. Joins and parameters gather here."""

    def __init__(self, of: Set, *, view: Callable[[Set], str], measured: Measured, at: datetime, params: dict[str, Any]) -> None:
        self.of, self.view, self.measured, self.at, self.params = of, view, measured, at, params
        self.joins: dict[tuple[str, str], str] = {}
        self.sets: dict[str, Set] = {"e": of}
        self.joined: list[str] = []
        self.loose: set[str] = set()  # rows that may not be there: behind a link to many
        self.is_many = False

    # ---- pieces
    def param(self, value: Any, kind: str) -> str:
        """Return a placeholder with its type."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"%({name})s::{kind}"

    def _join(self, alias: str, name: str) -> str:
        link = self.sets[alias].links[name]
        known = self.joins.get((alias, name))
        if known is not None:
            return known
        if len(self.joins) >= MOST_JOINS:
            raise TooMuch
        made = self.joins[(alias, name)] = f"e{len(self.joins)}"
        target = SETS[link.target]
        self.sets[made] = target
        self.is_many = self.is_many or link.is_many
        # what every row has is joined so that the planner may begin there
        how = "LEFT JOIN" if link.is_many or alias in self.loose else "JOIN"
        if how == "LEFT JOIN":
            self.loose.add(made)
        self.joined.append(f" {how} {self.view(target)} {made} ON {link.on.format(c=made, k=f'{alias}.{link.key}')}")
        return made

    def path(self, path: Path) -> Term:
        """Return what a path names; links are joined on the way."""
        alias, parts = "e", list(path.parts)
        while parts and parts[0] in self.sets[alias].links:
            link = self.sets[alias].links[parts[0]]
            if not link.is_many and len(parts) == 2 and parts[1] in ("id", "@iot.id"):
                return Term(f"{alias}.{link.key}", "id")  # without a join
            alias = self._join(alias, parts.pop(0))
        of = self.sets[alias]
        if not parts:
            raise UnknownName(owner=of.single, name=f"{path} (…/id)")
        name, *keys = parts
        if name in ("id", "@iot.id") and not keys:
            return Term(f"{alias}.id", "text" if of.name == "Observations" else "id", at=(alias, of, "id"))
        known = of.properties.get(name)
        if known is None:
            raise UnknownName(owner=of.single, name=name[:60])
        column = f'{alias}."{name}"'
        if keys:
            if known.kind not in ("json", "geo"):
                raise UnknownName(owner=f"{of.single}/{name}", name=keys[0][:60])
            return Term(f"jsonb_extract_path({column}, {', '.join(self.param(key, 'text') for key in keys)})", "json")
        if known.kind == "span":
            return Term(column, "time", end=f'coalesce({alias}."{name}_end", {column})')
        return Term(column, known.kind, at=(alias, of, name) if known.kind == "geo" else None)

    def term(self, node: Node) -> Term:
        """Return the SQL of any expression."""
        if isinstance(node, Path):
            return self.path(node)
        if isinstance(node, Literal):
            return self._literal(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Unary):
            if node.operator == "not":
                return Term(f"(({self.truth(node.operand)}) IS NOT TRUE)", "bool")
            inner = self.term(node.operand)
            if inner.kind == "span":
                return Term(f"(- {inner.sql})", "span")
            return Term(f"(- {self._as(inner, 'number', '-')})", "number")
        if node.operator in ("and", "or"):
            return Term(f"(({self.truth(node.left)}) {node.operator} ({self.truth(node.right)}))", "bool")
        left, right = self.term(node.left), self.term(node.right)
        if node.operator in COMPARISON:
            return self._compare(node.operator, left, right, node)
        return self._arithmetic(node.operator, left, right)

    def truth(self, node: Node) -> str:
        """Return the SQL of a condition."""
        return self._as(self.term(node), "bool", "$filter")

    def _literal(self, node: Literal) -> Term:
        value = node.value
        if node.kind == "number":
            return Term(self.param(value, "bigint"), "id") if isinstance(value, int) else Term(self.param(value, "float8"), "number")
        if node.kind == "time":
            begin, end = value
            return Term(self.param(begin, "timestamptz"), "time", end="" if end is None else self.param(end, "timestamptz"))
        if node.kind == "geo":
            return Term("", "geo", at=value)
        if node.kind == "null":
            return Term("NULL", "null")
        types = {"text": "text", "bool": "boolean", "date": "date", "clock": "time", "span": "interval"}
        return Term(self.param(value, types[node.kind]), node.kind)

    def _as(self, term: Term, kind: str, what: str) -> str:
        """Return a term as SQL of a kind; raise WrongKinds."""
        if term.kind == kind or term.kind == "null":
            return term.sql if term.kind != "null" else f"NULL::{'boolean' if kind == 'bool' else _ORDERED.get(kind, kind)}"
        if kind == "number" and term.kind == "id":
            return f"({term.sql})::float8"
        if term.kind == "json":
            if kind == "number":
                return f"CASE WHEN jsonb_typeof({term.sql}) = 'number' THEN ({term.sql} #>> '{{}}')::float8 END"
            if kind == "text":
                return f"CASE WHEN jsonb_typeof({term.sql}) = 'string' THEN {term.sql} #>> '{{}}' END"
            if kind == "bool":
                return f"CASE WHEN jsonb_typeof({term.sql}) = 'boolean' THEN ({term.sql} #>> '{{}}')::boolean END"
        raise WrongKinds(what=what)

    # ---- operators
    def _compare(self, operator: str, left: Term, right: Term, node: Binary) -> Term:
        if "null" in (left.kind, right.kind):
            other = right if left.kind == "null" else left
            if operator not in ("eq", "ne") or other.kind == "geo":
                raise WrongKinds(what=operator)
            nothing = "true" if other.kind == "null" else f"({other.sql} IS NULL)" if other.kind != "json" else f"(coalesce({other.sql}, 'null') = 'null')"
            return Term(nothing if operator == "eq" else f"(NOT {nothing})", "bool")
        if left.kind == right.kind == "time":
            return Term(_times(operator, left, right), "bool")
        if operator in ("eq", "ne") and (known := self._observation(left, right) or self._observation(right, left)):
            return Term(known if operator == "eq" else f"(NOT {known})", "bool")
        a, b = self._alike(operator, left, right)
        return Term(f"({a} IS DISTINCT FROM {b})" if operator == "ne" else f"({a} {_SIGNS[operator]} {b})", "bool")

    def _alike(self, operator: str, left: Term, right: Term) -> tuple[str, str]:
        """Return both sides as SQL of one kind."""
        kinds = {left.kind, right.kind}
        if kinds == {"id"}:
            return left.sql, right.sql
        if kinds == {"json"}:
            if operator not in ("eq", "ne"):
                raise WrongKinds(what=operator)
            return left.sql, right.sql
        for kind in ("number", "text", "bool"):
            if kind in kinds or (kind == "number" and "id" in kinds):
                return self._as(left, kind, operator), self._as(right, kind, operator)
        if len(kinds) == 1 and kinds <= {"date", "clock", "span"}:
            return left.sql, right.sql
        raise WrongKinds(what=operator)

    def _observation(self, path: Term, text: Term) -> str:
        """Return what an Observation's id means, so that it is found by its key; "" where it is not compared with a text."""
        if path.kind != "text" or path.at is None or text.kind != "text" or text.at is not None or not text.sql.startswith("%("):
            return ""
        try:
            meant = entities.observation_id(self.params[text.sql[2 : text.sql.index(")")]])
        except ValueError:
            return "false"
        alias = path.at[0]
        return f"({alias}.datastream_id = {self.param(meant.series_id, 'bigint')} AND {alias}.measured_at = {self.param(meant.moment, 'timestamptz')})"

    def _arithmetic(self, operator: str, left: Term, right: Term) -> Term:
        kinds = (left.kind, right.kind)
        if operator in ("add", "sub") and kinds == ("time", "span"):
            sign = _ARITHMETIC[operator]
            return Term(f"({left.sql} {sign} {right.sql})", "time", end=f"({left.end} {sign} {right.sql})" if left.end else "")
        if operator == "add" and kinds == ("span", "time"):
            return self._arithmetic(operator, right, left)
        if operator == "sub" and kinds == ("time", "time"):
            return Term(f"({left.sql} - {right.sql})", "span")
        if operator in ("add", "sub") and kinds == ("span", "span"):
            return Term(f"({left.sql} {_ARITHMETIC[operator]} {right.sql})", "span")
        one, other = self._as(left, "number", operator), self._as(right, "number", operator)
        if operator == "div":
            return Term(f"({one} / nullif({other}, 0))", "number")
        if operator == "mod":
            return Term(f"(mod(({one})::numeric, nullif({other}, 0)::numeric)::float8)", "number")
        return Term(f"({one} {_ARITHMETIC[operator]} {other})", "number")

    # ---- functions
    def _call(self, node: Call) -> Term:
        name = node.name
        if name in shapes.RELATIONS or name in ("geo.distance", "geo.length", "st_relate"):
            return self._geometry(node)
        given = [self.term(argument) for argument in node.arguments]
        if name in _TEXTS:
            return self._text(name, given)
        if name in ("round", "floor", "ceiling"):
            inner = self._as(given[0], "number", name)
            # halves go away from nought, as the standard says; float8's own rounding takes them to the even number
            return Term(f"(round(({inner})::numeric)::float8)" if name == "round" else f"({'ceil' if name == 'ceiling' else name}({inner}))", "number")
        if name == "now":
            return Term(self.param(self.at, "timestamptz"), "time")
        if name in ("mindatetime", "maxdatetime"):
            return Term("'-infinity'::timestamptz" if name == "mindatetime" else "'infinity'::timestamptz", "time")
        if name in _BETWEEN:
            left, right = given
            if (left.kind, right.kind) != ("time", "time"):
                raise WrongKinds(what=name)
            return Term(_BETWEEN[name](left, right), "bool")
        return self._clock(name, given[0])

    def _text(self, name: str, given: list[Term]) -> Term:
        if name == "substring":
            text, places = self._as(given[0], "text", name), [self._as(term, "number", name) for term in given[1:]]
            cut = f"substr({text}, (greatest({places[0]}, 0) + 1)::integer"
            return Term(f"({cut}, greatest({places[1]}, 0)::integer))" if len(places) > 1 else f"({cut}))", "text")
        words = [self._as(term, "text", name) for term in given]
        pattern, kind = _TEXTS[name]
        return Term(pattern.format(*words), kind)

    def _clock(self, name: str, given: Term) -> Term:
        """Parts of a moment, which is read in UTC; dates and clocks have their own parts."""
        sql = f"({given.sql} AT TIME ZONE 'UTC')" if given.kind == "time" else given.sql
        if name in ("date", "time") and given.kind == "time":
            return Term(f"({sql}::{name})", "date" if name == "date" else "clock")
        if name == "totaloffsetminutes" and given.kind == "time":
            return Term(f"(CASE WHEN {given.sql} IS NOT NULL THEN 0::float8 END)", "number")
        fits = {"time"} | ({"date"} if name in ("year", "month", "day") else {"clock"})
        if given.kind not in fits or name in ("date", "time", "totaloffsetminutes"):
            raise WrongKinds(what=name)
        if name in _PARTS:
            return Term(f"(extract({name} FROM {sql})::float8)", "number")
        seconds = f"extract(second FROM {sql})"
        return Term(f"(floor({seconds})::float8)" if name == "second" else f"(({seconds} - floor({seconds}))::float8)", "number")

    def _geometry(self, node: Call) -> Term:
        """Work a function of geometries out for each entity beforehand; the SQL then looks the answer up by the entity's number."""
        name, pattern, arguments = node.name, "", list(node.arguments)
        if name == "st_relate":
            last = arguments.pop()
            if not isinstance(last, Literal) or last.kind != "text":
                raise WrongKinds(what=name)
            pattern = last.value
        given = [self.term(argument) for argument in arguments]
        if any(term.kind != "geo" for term in given):
            raise WrongKinds(what=name)
        held = [term for term in given if isinstance(term.at, tuple)]
        if len(held) > 1:
            raise NotOffered(name=f"{name}({', '.join(map(str, arguments))})")
        kind = "float8" if name in ("geo.distance", "geo.length") else "boolean"

        def work_out(shape: Any) -> Any:
            return _reckon(name, [shape if isinstance(term.at, tuple) else term.at for term in given], pattern)

        if not held:
            return Term(self.param(work_out(None), kind), "number" if kind == "float8" else "bool")
        alias, of, column = held[0].at
        numbers, answers = [], []
        for number, content in self.measured(of, column):
            shape = shapes.from_geojson(content)
            if shape is not None:
                numbers.append(number)
                answers.append(work_out(shape))
        sql = f"(SELECT g.a FROM unnest({self.param(numbers, 'bigint[]')}, {self.param(answers, f'{kind}[]')}) AS g(n, a) WHERE g.n = {alias}.id)"
        return Term(sql, "number" if kind == "float8" else "bool")

    # ---- order
    def order(self, terms: list[Order]) -> list[tuple[str, str, bool]]:
        """Return (SQL, type, descending) of each term and then of the keys, so that the order is one and the same each time."""
        found = []
        for term in terms:
            sql = self.path(term.path)
            if sql.kind not in _ORDERED or self.is_many:
                raise BadQuery(part=f"$orderby={term.path}")
            found.append((sql.sql, _ORDERED[sql.kind], term.descending))
        turn = bool(terms) and terms[-1].descending
        return found + [(f'e."{key}"', "timestamptz" if key == "measured_at" else "bigint", turn) for key in self.of.keys]


_TEXTS: Mapping[str, tuple[str, str]] = {
    "substringof": ("(strpos({1}, {0}) > 0)", "bool"), "contains": ("(strpos({0}, {1}) > 0)", "bool"),
    "startswith": ("(starts_with({0}, {1}))", "bool"), "endswith": ("(right({0}, char_length({1})) = {1})", "bool"),
    "length": ("(char_length({0})::float8)", "number"), "indexof": ("((strpos({0}, {1}) - 1)::float8)", "number"),
    "tolower": ("(lower({0}))", "text"), "toupper": ("(upper({0}))", "text"), "trim": ("(btrim({0}, E' \\t\\n\\r'))", "text"),
    "concat": ("({0} || {1})", "text"), "substring": ("", "text"),
}  # fmt: skip

_BETWEEN: Mapping[str, Callable[[Term, Term], str]] = {
    "before": lambda a, b: f"({a.last} < {b.sql})",
    "after": lambda a, b: f"({a.sql} > {b.last})",
    "meets": lambda a, b: f"({a.last} = {b.sql} OR {a.sql} = {b.last})",
    "during": lambda a, b: f"({a.sql} >= {b.sql} AND {a.last} <= {b.last})",
    "overlaps": lambda a, b: f"({a.sql} <= {b.last} AND {a.last} >= {b.sql})",
    "starts": lambda a, b: f"({a.sql} = {b.sql})",
    "finishes": lambda a, b: f"({a.last} = {b.last})",
}


def _times(operator: str, a: Term, b: Term) -> str:
    """Return the comparison of moments or intervals: one is less than another when it has ended before that begins."""
    if operator in ("eq", "ne"):
        same = f"({a.sql} = {b.sql} AND {a.last} = {b.last})"
        return same if operator == "eq" else f"({same} IS NOT TRUE AND NOT ({a.sql} IS NULL AND {b.sql} IS NULL))"
    sign = _SIGNS[operator]
    if operator in ("lt", "le"):
        # the beginning is compared too, which an index knows
        return f"({a.last} {sign} {b.sql} AND {a.sql} {sign} {b.sql})" if a.end else f"({a.sql} {sign} {b.sql})"
    return f"({a.sql} {sign} {b.last})"


def _reckon(name: str, given: list[Any], pattern: str) -> Any:
    if name == "geo.length":
        return float(given[0].length)
    one, other = given
    if name == "geo.distance":
        found = float(one.distance(other))
        return None if found != found else found  # of an empty geometry
    if name == "st_relate":
        try:
            return shapes.relates(one, other, pattern)
        except ValueError as error:
            raise BadQuery(part=pattern[:40]) from error
    return bool(shapes.RELATIONS[name](one, other))


def after(order: list[tuple[str, str, bool]], values: list[Any], compiler: Compiler) -> str:
    """Return the condition "comes after these values in this order"; PostgreSQL puts nothing last, first where it descends."""
    ways: list[str] = []
    same: list[str] = []
    for (sql, kind, descending), value in zip(order, values, strict=True):
        mark = None if value is None else compiler.param(value, kind)
        if mark is None:
            later = f"{sql} IS NOT NULL" if descending else ""
        else:
            later = f"{sql} < {mark}" if descending else f"({sql} > {mark} OR {sql} IS NULL)"
            if sql.startswith('e."') and sql[3:-1] in compiler.of.keys:
                later = f"{sql} {'<' if descending else '>'} {mark}"
        if later:
            ways.append(" AND ".join([*same, later]))
        same.append(f"{sql} IS NULL" if mark is None else f"{sql} = {mark}")
    bound = ""
    sql, kind, descending = order[0]
    first = sql[3:-1] if sql.startswith('e."') else ""
    if values[0] is not None and (first in compiler.of.keys or (first == "phenomenonTime" and compiler.of.name == "Observations")):
        bound = f"{sql} {'<=' if descending else '>='} {compiler.param(values[0], kind)} AND "  # what an index can begin with
    return f"({bound}({' OR '.join(f'({way})' for way in ways)}))" if ways else "false"


