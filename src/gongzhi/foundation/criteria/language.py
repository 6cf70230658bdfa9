"""The language of conditions: what a definition may say, how it is read, its faults, its words. Pure.

A definition is plain data:

    {"all": […]}  {"any": […]}  {"not": {…}}                          of conditions
    {"field": "birth", "years": ">=", "value": 70}                     completed years (months, days) since a date
    {"field": "income", "is": "<=", "value": 2000, "unit": "CNY/month"}
    {"field": "income", "is": "<=", "value": {"parameter": "low_income"}}   a value that the town sets by date
    {"field": "status", "is": "in", "value": ["student", "apprentice"]}
    {"count": "children", "where": {…}, "is": ">=", "value": 2}        how many records of a list meet a condition
    {"ask": "moved", "words": "You have lived here for a year."}       what no register holds and a person confirms

Numbers are compared exactly: a field has at most four decimals, thresholds are fractions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from gongzhi.foundation.criteria import units
from gongzhi.foundation.criteria.dates import MEASURES
from gongzhi.foundation.criteria.subjects import Field, Sort, Subject

PLACES = 10_000  # four decimals
MOST_NUMBER = 10**13
MOST_DEPTH, MOST_NODES, MOST_VALUES = 12, 500, 5_000
ORDER = ("=", "!=", "<", "<=", ">", ">=")
ONE, SEVERAL = ("=", "!=", "in", "not_in"), ("has", "has_not", "has_any", "has_none")
OPS: dict[Sort, tuple[str, ...]] = {
    Sort.NUMBER: ORDER, Sort.DATE: ORDER, Sort.FLAG: ("=",), Sort.CHOICE: ONE, Sort.CODE: ONE, Sort.CHOICES: SEVERAL, Sort.CODES: SEVERAL, Sort.LIST: (),
}  # fmt: skip
OP_WORDS = {
    "=": gettext_lazy("is"), "!=": gettext_lazy("is not"), "<": gettext_lazy("is below"), "<=": gettext_lazy("is at most"), ">": gettext_lazy("is above"),
    ">=": gettext_lazy("is at least"), "in": gettext_lazy("is one of"), "not_in": gettext_lazy("is none of"), "has": gettext_lazy("includes"),
    "has_not": gettext_lazy("does not include"), "has_any": gettext_lazy("includes one of"), "has_none": gettext_lazy("includes none of"),
}  # fmt: skip
DATE_OP_WORDS = {"<": gettext_lazy("is before"), "<=": gettext_lazy("is not after"), ">": gettext_lazy("is after"), ">=": gettext_lazy("is not before")}


class BadCriterion(ValueError):
    """A definition cannot be used; `faults` are sentences, each with the place it is about."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class BadValue(ValueError):
    """A value does not fit its field."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A value that holds by date: a parameter of the town, in its own unit, multiplied into the field's."""

    code: str
    factor: Fraction = Fraction(1)


Wanted = Fraction | date | bool | str | frozenset[str] | Dated


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of one field."""

    code: str
    op: str
    wanted: Wanted
    measure: str = ""
    about: Field = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of a list meet a condition."""

    code: str
    where: "Node"
    op: str
    wanted: Fraction | Dated
    about: Field = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person confirms."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions together: all, any, or (of one) not."""

    how: str
    parts: "tuple[Node, ...]"


Node = Clause | Count | Asked | Group


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated parameter: from which day which value holds, oldest first; None ends it."""

    code: str
    title: str
    unit: str
    values: tuple[tuple[date, Fraction | None], ...] = ()

    def at(self, on: date) -> Fraction | None:
        """Return the value of a day; None where none holds."""
        found = None
        for begins, value in self.values:
            if begins <= on:
                found = value
        return found


Parameters = Mapping[str, Parameter]


# ---- values of fields -------------------------------------------------------------------------------------------------
def number(raw: Any) -> Fraction:
    """Return a number exactly as written; refuse text that only looks like one, nan, and what no field can hold."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | Fraction | str):
        raise BadValue(_("a number is needed"))
    if isinstance(raw, Fraction | int):
        found = Fraction(raw)
    else:
        text = str(raw).strip()
        if len(text) > 30 or not text.isascii() or "_" in text:
            raise BadValue(_("a number is needed"))
        try:
            decimal = Decimal(text)
        except InvalidOperation:
            raise BadValue(_("a number is needed")) from None
        if not decimal.is_finite() or abs(decimal.adjusted()) > 20:
            raise BadValue(_("a number is needed"))
        found = Fraction(decimal)
    if abs(found) > MOST_NUMBER:
        raise BadValue(_("the number is too large"))
    return found


def held(about: Field, raw: Any) -> Any:
    """Return a field's value as criteria compare it; None is unknown; raise BadValue where it does not fit.

    Numbers become whole ten-thousandths, dates stay dates, choices and codes become frozen sets where there are several.
    """
    if raw is None or raw == "":
        return None
    match about.sort:
        case Sort.NUMBER:
            ticks = number(raw) * PLACES
            if ticks.denominator != 1:
                raise BadValue(_("at most four decimals"))
            return int(ticks)
        case Sort.DATE:
            return day(raw)
        case Sort.FLAG:
            if not isinstance(raw, bool):
                raise BadValue(_("yes or no is needed"))
            return raw
        case Sort.CHOICE | Sort.CODE:
            if not isinstance(raw, str) or (about.sort is Sort.CHOICE and raw not in about.choices):
                raise BadValue(_("it is not in the list"))
            return raw
        case Sort.CHOICES | Sort.CODES:
            if isinstance(raw, str) or not hasattr(raw, "__iter__"):
                raise BadValue(_("a list is needed"))
            found = frozenset(raw)
            if any(not isinstance(one, str) for one in found) or (about.sort is Sort.CHOICES and not found <= set(about.choices)):
                raise BadValue(_("it is not in the list"))
            return found
        case Sort.LIST:
            if isinstance(raw, str | Mapping) or not hasattr(raw, "__iter__"):
                raise BadValue(_("a list is needed"))
            return [{part.code: held(part, one.get(part.code)) for part in about.fields} for one in raw]


def day(raw: Any) -> date:
    """Return a date; refuse anything but a date or YYYY-MM-DD."""
    if isinstance(raw, date):
        return raw if type(raw) is date else raw.date()  # type: ignore[attr-defined]
    try:
        if not (isinstance(raw, str) and len(raw) == 10 and raw.isascii()):
            raise ValueError(raw)
        return date.fromisoformat(raw)
    except ValueError:
        raise BadValue(_("a day such as 2026-01-31 is needed")) from None


# ---- reading a definition ---------------------------------------------------------------------------------------------
@dataclass
class _Reader:
    parameters: Parameters
    on: date | None
    faults: list[str] = field(default_factory=list)
    nodes: int = 0

    def bad(self, place: str, words: str) -> None:
        self.faults.append(f"{place or '/'}: {words}")

    def read(self, raw: Any, fields: tuple[Field, ...], place: str, depth: int = 0) -> Node | None:
        self.nodes += 1
        if depth > MOST_DEPTH or self.nodes > MOST_NODES:
            if self.nodes <= MOST_NODES + 1:
                self.bad(place, _("the definition is too deep or too long"))
            return None
        if not isinstance(raw, Mapping):
            self.bad(place, _("a condition is needed"))
            return None
        heads = [name for name in ("all", "any", "not", "field", "count", "ask") if name in raw]
        if len(heads) != 1:
            self.bad(place, _("one of all, any, not, field, count and ask is needed"))
            return None
        return getattr(self, f"_{heads[0]}")(raw, fields, place, depth)  # type: ignore[no-any-return]

    def _only(self, raw: Mapping[str, Any], place: str, *names: str) -> None:
        for name in sorted(str(name) for name in set(raw) - set(names)):
            self.bad(place, _("%(name)s has no meaning here") % {"name": name[:40]})

    def _group(self, how: str, raw: Mapping[str, Any], fields: tuple[Field, ...], place: str, depth: int) -> Node | None:
        self._only(raw, place, how)
        given = [raw[how]] if how == "not" else raw[how]
        if not isinstance(given, list | tuple):
            self.bad(place, _("a list is needed"))
            return None
        parts = [self.read(one, fields, f"{place}/{how}" if how == "not" else f"{place}/{how}/{index}", depth + 1) for index, one in enumerate(given)]
        return Group(how, tuple(part for part in parts if part is not None))

    def _all(self, *rest: Any) -> Node | None:
        return self._group("all", *rest)

    def _any(self, *rest: Any) -> Node | None:
        return self._group("any", *rest)

    def _not(self, *rest: Any) -> Node | None:
        return self._group("not", *rest)

    def _ask(self, raw: Mapping[str, Any], fields: tuple[Field, ...], place: str, depth: int) -> Node | None:
        self._only(raw, place, "ask", "words")
        code, words = raw["ask"], raw.get("words")
        if not (isinstance(code, str) and 0 < len(code) <= 60 and isinstance(words, str) and words.strip() and len(words) <= 1_000):
            self.bad(place, _("a code and the words of the question are needed"))
            return None
        return Asked(code, words.strip())

    def _about(self, code: Any, fields: tuple[Field, ...], place: str) -> Field | None:
        found = next((one for one in fields if one.code == code), None)
        if found is None:
            self.bad(place, _("there is no field %(code)s") % {"code": str(code)[:40]})
        elif self.on is not None and found.withdrawn is not None and found.withdrawn <= self.on:
            self.bad(place, _("the field %(title)s is no longer kept since %(day)s") % {"title": found.title, "day": found.withdrawn.isoformat()})
        return found

    def _field(self, raw: Mapping[str, Any], fields: tuple[Field, ...], place: str, depth: int) -> Node | None:
        about = self._about(raw["field"], fields, place)
        measures = [name for name in MEASURES if name in raw]
        self._only(raw, place, "field", "is", "value", "unit", *measures)
        if about is None:
            return None
        if len(measures) + ("is" in raw) != 1 or (measures and about.sort is not Sort.DATE):
            self.bad(place, _("how it is compared is needed once: is, or for a date years, months or days"))
            return None
        measure = measures[0] if measures else ""
        op = raw[measure or "is"]
        if op not in OPS[about.sort]:
            self.bad(place, _("%(title)s cannot be compared by %(op)s") % {"title": about.title, "op": str(op)[:20]})
            return None
        if "value" not in raw:
            self.bad(place, _("a value is needed"))
            return None
        wanted = self._wanted(raw, about, str(op), measure, place)
        return None if wanted is None else Clause(about.code, str(op), wanted, measure, about=about)

    def _count(self, raw: Mapping[str, Any], fields: tuple[Field, ...], place: str, depth: int) -> Node | None:
        about = self._about(raw["count"], fields, place)
        self._only(raw, place, "count", "where", "is", "value")
        if about is None:
            return None
        if about.sort is not Sort.LIST or raw.get("is") not in ORDER:
            self.bad(place, _("only records of a list are counted, by one of %(ops)s") % {"ops": " ".join(ORDER)})
            return None
        where = self.read(raw.get("where", {"all": []}), about.fields, f"{place}/where", depth + 1)
        wanted = self._amount(raw.get("value"), "", "", place)
        if where is None or wanted is None:
            return None
        return Count(about.code, where, str(raw["is"]), wanted, about=about)

    def _amount(self, value: Any, given: str, unit: str, place: str) -> Fraction | Dated | None:
        if isinstance(value, Mapping):
            code = value.get("parameter")
            known = self.parameters.get(code) if isinstance(code, str) and set(value) == {"parameter"} else None
            if known is None:
                self.bad(place, _("there is no parameter %(code)s") % {"code": str(code)[:40]})
                return None
            given = known.unit
        try:
            factor = units.factor(given, unit)
            return Dated(known.code, factor) if isinstance(value, Mapping) and known else number(value) * factor
        except units.BadUnit:
            self.bad(place, _("the unit %(given)s does not fit %(unit)s") % {"given": units.word(given) or given or "—", "unit": units.word(unit) or "—"})
        except BadValue as bad:
            self.bad(place, str(bad))
        return None

    def _wanted(self, raw: Mapping[str, Any], about: Field, op: str, measure: str, place: str) -> Wanted | None:
        value = raw["value"]
        if "unit" in raw and about.sort is not Sort.NUMBER:
            self.bad(place, _("unit has no meaning here"))
            return None
        if measure:
            unit = {"years": "year", "months": "month", "days": "day"}[measure]
            amount = self._amount(value, unit, unit, place)
            if isinstance(amount, Fraction) and (amount.denominator != 1 or not 0 <= amount <= 60_000):
                self.bad(place, _("a whole number is needed"))
                return None
            return amount
        if about.sort is Sort.NUMBER:
            given = raw.get("unit", about.unit)
            return self._amount(value, given if isinstance(given, str) else "?", about.unit, place)
        try:
            if op in ("in", "not_in", "has_any", "has_none"):
                if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_VALUES:
                    raise BadValue(_("a list of one value or more is needed"))
                one = Field(about.code, about.title, Sort.CHOICE if about.choices else Sort.CODE, choices=about.choices)
                return frozenset(self._known(held(one, part)) for part in value)
            if op in ("has", "has_not"):
                return str(self._known(held(Field(about.code, about.title, Sort.CHOICE if about.choices else Sort.CODE, choices=about.choices), value)))
            return self._known(held(about, value))  # type: ignore[no-any-return]
        except BadValue as bad:
            self.bad(place, str(bad))
            return None

    @staticmethod
    def _known(value: Any) -> Any:
        if value is None:
            raise BadValue(_("a value is needed"))
        return value


def read(raw: Any, subject: Subject, parameters: Parameters | None = None, *, on: date | None = None) -> Node:
    """Return the conditions of a definition; raise BadCriterion with every fault and its place.

    `on`: also refuse fields that are withdrawn on that day (for a version that is to be adopted).
    """
    reader = _Reader(parameters or {}, on)
    node = reader.read(raw, subject.fields, "")
    if reader.faults or node is None:
        raise BadCriterion(reader.faults)
    return node


def walk(node: Node) -> Iterator[Node]:
    """Yield a condition and all below it; the conditions on the records of a list are not among them."""
    yield node
    if isinstance(node, Group):
        for part in node.parts:
            yield from walk(part)


# ---- words ------------------------------------------------------------------------------------------------------------
def value_words(about: Field, value: Any) -> str:
    """Return a field's value as people read it."""
    if value is None:
        return _("not known")
    match about.sort:
        case Sort.NUMBER:
            return f"{plain(Fraction(value, PLACES) if isinstance(value, int) else value)} {units.word(about.unit)}".strip()
        case Sort.DATE:
            return value.isoformat() if isinstance(value, date) else str(value)
        case Sort.FLAG:
            return pgettext("answer", "yes") if value else pgettext("answer", "no")
        case Sort.LIST:
            return str(len(value))
        case _:
            several = sorted(value) if isinstance(value, frozenset) else [value]
            shown = [str(about.choices.get(one, one)) for one in several[:12]]
            return _(", ").join(shown) + (_(" and %(n)s more") % {"n": len(several) - 12} if len(several) > 12 else "")


def plain(amount: Fraction) -> str:
    """Return a number without needless noughts, at most four decimals."""
    if amount.denominator == 1:
        return str(amount.numerator)
    return f"{float(amount):.4f}".rstrip("0").rstrip(".")


def wanted_words(node: Clause | Count, parameters: Parameters, on: date | None = None) -> str:
    """Return what is asked of a field, with the value of the day where it is a parameter."""
    unit = {"years": units.word("year"), "months": units.word("month"), "days": units.word("day")}.get(node.measure if isinstance(node, Clause) else "", "")
    if isinstance(node.wanted, Dated):
        known = parameters.get(node.wanted.code)
        value = known.at(on) if known and on else None
        title = known.title if known else node.wanted.code
        shown = f" ({plain(value)} {units.word(known.unit)})".replace(" )", ")") if known and value is not None else ""
        return f"{title}{shown}"
    if isinstance(node, Count) or node.measure:
        assert isinstance(node.wanted, Fraction)
        return f"{plain(node.wanted)} {unit}".strip()
    return value_words(node.about, node.wanted)


def words(node: Node, parameters: Parameters | None = None, on: date | None = None) -> str:
    """Return a condition as a sentence that a citizen reads; of a group only how its parts belong together."""
    known = parameters or {}
    match node:
        case Asked():
            return node.words
        case Group(how="all"):
            return _("All of these hold:") if node.parts else _("Nothing is asked.")
        case Group(how="any"):
            return _("At least one of these holds:")
        case Group():
            return _("This does not hold:")
        case Count():
            where = _and(node.where, known, on)
            text = _("Number of %(what)s (%(where)s) %(op)s %(value)s") if where else _("Number of %(what)s %(op)s %(value)s")
            return text % {"what": node.about.title, "where": where, "op": OP_WORDS[node.op], "value": wanted_words(node, known, on)}
        case Clause():
            if node.about.sort is Sort.FLAG:
                return (_("%(what)s: yes") if node.wanted else _("%(what)s: no")) % {"what": node.about.title}
            op = DATE_OP_WORDS.get(node.op, OP_WORDS[node.op]) if node.about.sort is Sort.DATE and not node.measure else OP_WORDS[node.op]
            title = (node.about.span_title or _("time since %(what)s") % {"what": node.about.title}) if node.measure else node.about.title
            return _("%(what)s %(op)s %(value)s") % {"what": title, "op": op, "value": wanted_words(node, known, on)}


def _and(node: Node, parameters: Parameters, on: date | None) -> str:
    """Return the conditions on the records of a list in one phrase."""
    if isinstance(node, Group):
        joined = {"all": _(" and "), "any": _(" or "), "not": ""}[node.how].join(_and(part, parameters, on) for part in node.parts)
        return _("not: %(what)s") % {"what": joined} if node.how == "not" else joined
    return words(node, parameters, on)
