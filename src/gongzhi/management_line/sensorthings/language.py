"""The part of OData's language that SensorThings 1.1 uses, read into plain trees.

Written by hand and bounded: a text of at most MOST_TEXT characters, MOST_TOKENS tokens and MOST_DEPTH levels. Knows names of
functions and operators, nothing of entities. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from gongzhi.kernel.moments import day
from gongzhi.management_line.sensorthings import moments, shapes
from gongzhi.management_line.sensorthings.faults import BadQuery, TooMuch

MOST_TEXT, MOST_TOKENS, MOST_DEPTH = 6000, 500, 30
MOST_EXPANDED = 40  # items of $expand in one question, nested ones counted
PAGE, MOST_PAGE = 100, 1000


# ---- trees ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Literal:
    """A value: kind is number, text, bool, null, time (begin, end or None), date, clock, span or geo."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """Names one after the other: Datastream/Thing/properties/code."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: "Node"


Node = Literal | Path | Call | Binary | Unary

LOGIC, COMPARISON, SUM, PRODUCT = ("or", "and"), ("eq", "ne", "gt", "ge", "lt", "le"), ("add", "sub"), ("mul", "div", "mod")

# how many arguments each function takes
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "substringof": (2, 2), "contains": (2, 2), "endswith": (2, 2), "startswith": (2, 2), "length": (1, 1), "indexof": (2, 2), "substring": (2, 3),
    "tolower": (1, 1), "toupper": (1, 1), "trim": (1, 1), "concat": (2, 2),
    "year": (1, 1), "month": (1, 1), "day": (1, 1), "hour": (1, 1), "minute": (1, 1), "second": (1, 1), "fractionalseconds": (1, 1), "date": (1, 1),
    "time": (1, 1), "totaloffsetminutes": (1, 1), "now": (0, 0), "mindatetime": (0, 0), "maxdatetime": (0, 0),
    "round": (1, 1), "floor": (1, 1), "ceiling": (1, 1),
    "before": (2, 2), "after": (2, 2), "meets": (2, 2), "during": (2, 2), "overlaps": (2, 2), "starts": (2, 2), "finishes": (2, 2),
    "geo.distance": (2, 2), "geo.length": (1, 1), "geo.intersects": (2, 2), "st_equals": (2, 2), "st_disjoint": (2, 2), "st_touches": (2, 2),
    "st_within": (2, 2), "st_overlaps": (2, 2), "st_crosses": (2, 2), "st_intersects": (2, 2), "st_contains": (2, 2), "st_relate": (3, 3),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    path: Path
    descending: bool = False


@dataclass(slots=True)
class Options:
    """What is asked of a set: of the whole answer, or of one expanded link."""

    filter: Node | None = None
    order: list[Order] = field(default_factory=list)
    select: list[str] = field(default_factory=list)
    expand: dict[str, "Options"] = field(default_factory=dict)
    top: int | None = None
    skip: int = 0
    count: bool = False
    as_arrays: bool = False
    token: str = ""
    given: dict[str, str] = field(default_factory=dict)  # as they came, for links that lead on

    @property
    def size(self) -> int:
        return PAGE if self.top is None else min(self.top, MOST_PAGE)


# ---- tokens ---------------------------------------------------------------------------------------------------------
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+\- ][0-9]{2}:?[0-9]{2})?"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<geo>(?:geography|geometry)'(?:[^']|'')*')
    | (?P<duration>duration'[^']*')
    | (?P<text>'(?:[^']|'')*')
    | (?P<span>{_MOMENT}/{_MOMENT})
    | (?P<moment>{_MOMENT})
    | (?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?![\w-]))
    | (?P<clock>[0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,6}})?)?)
    | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
    | (?P<name>[^\W\d][\w.]*|@[\w.]+)
    | (?P<sign>[(),/-])
    )""",
    re.VERBOSE,
)
_SEGMENT = re.compile(r"[\w@][\w@.:-]*")
_DURATION = re.compile(r"(-)?P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,7})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,6})?)S)?)?")


class _Reader:
    """Reads one text from left to right; `place` is where it is."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_TEXT:
            raise TooMuch
        if "\0" in text:
            raise BadQuery(part="\\0")
        self.text = text
        self.place = 0
        self.count = 0
        self.kind, self.word = "", ""
        self.after = 0
        self._look()

    def _look(self) -> None:
        """Find the next token without taking it."""
        rest = self.text[self.place :]
        if not rest.strip():
            self.kind, self.word, self.after = "end", "", len(self.text)
            return
        found = _TOKEN.match(self.text, self.place)
        if found is None or found.lastgroup is None:
            raise BadQuery(part=rest.strip()[:40])
        self.count += 1
        if self.count > MOST_TOKENS:
            raise TooMuch
        self.kind, self.word, self.after = found.lastgroup, found.group(found.lastgroup), found.end()

    def take(self) -> str:
        word = self.word
        self.place = self.after
        self._look()
        return word

    def is_sign(self, sign: str) -> bool:
        return self.kind == "sign" and self.word == sign

    def need(self, sign: str) -> None:
        if not self.is_sign(sign):
            raise self.fault()
        self.take()

    def fault(self) -> BadQuery:
        return BadQuery(part=self.text[self.place :].strip()[:40] or self.text.strip()[-40:])

    def path(self) -> Path:
        """Read a path; its later names may be keys of JSON, with what keys are made of."""
        parts = [self.word]
        self.place = self.after
        while self.text[self.place : self.place + 1] == "/":
            found = _SEGMENT.match(self.text, self.place + 1)
            if found is None:
                raise self.fault()
            parts.append(found.group())
            self.place = found.end()
            if len(parts) > MOST_DEPTH:
                raise TooMuch
        self._look()
        return Path(tuple(parts))


def _levels(depth: int) -> int:
    if depth > MOST_DEPTH:
        raise TooMuch
    return depth + 1


def _logic(read: _Reader, depth: int, level: int = 0) -> Node:
    depth = _levels(depth) if level == 0 else depth
    if level == len(LOGIC):
        return _negation(read, depth)
    left = _logic(read, depth, level + 1)
    while read.kind == "name" and read.word == LOGIC[level]:
        operator = read.take()
        left = Binary(operator, left, _logic(read, depth, level + 1))
    return left


def _negation(read: _Reader, depth: int) -> Node:
    if read.kind == "name" and read.word == "not":
        read.take()
        return Unary("not", _negation(read, _levels(depth)))
    left = _sum(read, depth)
    if read.kind == "name" and read.word in COMPARISON:
        operator = read.take()
        return Binary(operator, left, _sum(read, depth))
    return left


def _sum(read: _Reader, depth: int) -> Node:
    left = _product(read, depth)
    while read.kind == "name" and read.word in SUM:
        operator = read.take()
        left = Binary(operator, left, _product(read, depth))
    return left


def _product(read: _Reader, depth: int) -> Node:
    left = _single(read, depth)
    while read.kind == "name" and read.word in PRODUCT:
        operator = read.take()
        left = Binary(operator, left, _single(read, depth))
    return left


def _single(read: _Reader, depth: int) -> Node:
    if read.is_sign("-"):
        read.take()
        return Unary("-", _single(read, _levels(depth)))
    if read.is_sign("("):
        read.take()
        inner = _logic(read, depth)
        read.need(")")
        return inner
    if read.kind == "name":
        return _named(read, depth)
    if read.kind in ("end", "sign"):
        raise read.fault()
    kind, word = read.kind, read.word
    value = _literal(kind, word)
    read.take()
    return value


def _named(read: _Reader, depth: int) -> Node:
    word = read.word
    if word in ("true", "false", "null"):
        read.take()
        return Literal("null", None) if word == "null" else Literal("bool", word == "true")
    if word in LOGIC or word in COMPARISON or word in SUM or word in PRODUCT or word == "not":
        raise read.fault()
    name = word.lower()
    if name in FUNCTIONS and read.text[read.after : read.after + 1] == "(":
        read.take()
        read.need("(")
        arguments: list[Node] = []
        while not read.is_sign(")"):
            arguments.append(_logic(read, depth))
            if read.is_sign(","):
                read.take()
                if read.is_sign(")"):
                    raise read.fault()
            elif not read.is_sign(")"):
                raise read.fault()
        read.need(")")
        fewest, most = FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            raise BadQuery(part=f"{name}()")
        return Call(name, tuple(arguments))
    if read.text[read.after : read.after + 1] == "(":
        raise BadQuery(part=f"{word[:40]}()")
    return read.path()


def _literal(kind: str, word: str) -> Literal:
    try:
        if kind == "text":
            return Literal("text", word[1:-1].replace("''", "'"))
        if kind == "number":
            return Literal("number", _number(word))
        if kind == "moment":
            return Literal("time", (moments.read(word.replace(" ", "+")), None))
        if kind == "span":
            return Literal("time", moments.read_span(word.replace(" ", "+")))
        if kind == "date":
            return Literal("date", day(word))
        if kind == "clock":
            return Literal("clock", time.fromisoformat(word))
        if kind == "geo":
            return Literal("geo", shapes.from_wkt(word[word.index("'") + 1 : -1].replace("''", "'")))
        return Literal("span", _duration(word[word.index("'") + 1 : -1]))
    except (ValueError, OverflowError) as error:
        raise BadQuery(part=word[:40]) from error


def _number(word: str) -> int | float:
    if re.fullmatch("[0-9]{1,18}", word):
        return int(word)
    found = float(word)
    if found in (float("inf"), float("-inf")):
        raise ValueError(word)
    return found


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()[1:]):
        raise ValueError(text)
    sign, days, hours, minutes, seconds = found.groups()
    length = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=float(seconds or 0))
    return -length if sign else length


# ---- parts of a condition ------------------------------------------------------------------------------------------
def behind(tree: Node | None, link: str) -> tuple[Node | None, Node | None]:
    """Part a condition in (what is asked of the one thing behind a link, without its name; all else), each None where it is empty."""
    if tree is None:
        return None, None
    if isinstance(tree, Binary) and tree.operator == "and":
        (a, b), (c, d) = behind(tree.left, link), behind(tree.right, link)
        return _both(a, c), _both(b, d)
    inside = _without(tree, link)
    return (None, tree) if inside is None else (inside, None)


def _both(one: Node | None, other: Node | None) -> Node | None:
    return Binary("and", one, other) if one is not None and other is not None else one if one is not None else other


def _without(tree: Node, link: str) -> Node | None:
    """Return a tree whose paths all begin with a link, without it; None if any path does not, or if it has none."""
    seen: list[bool] = []

    def turn(node: Node) -> Node:
        if isinstance(node, Path):
            seen.append(len(node.parts) > 1 and node.parts[0] == link)
            return Path(node.parts[1:])
        if isinstance(node, Call):
            return Call(node.name, tuple(map(turn, node.arguments)))
        if isinstance(node, Binary):
            return Binary(node.operator, turn(node.left), turn(node.right))
        return Unary(node.operator, turn(node.operand)) if isinstance(node, Unary) else node

    turned = turn(tree)
    return turned if seen and all(seen) else None


# ---- options --------------------------------------------------------------------------------------------------------
def read_filter(text: str) -> Node:
    """Return the tree of a $filter; raise BadQuery, TooMuch."""
    read = _Reader(text)
    tree = _logic(read, 0)
    if read.kind != "end":
        raise read.fault()
    return tree


def read_order(text: str) -> list[Order]:
    """Return the terms of an $orderby."""
    read = _Reader(text)
    found: list[Order] = []
    while True:
        if read.kind != "name":
            raise read.fault()
        path = read.path()
        descending = False
        if read.kind == "name" and read.word.lower() in ("asc", "desc"):
            descending = read.take().lower() == "desc"
        found.append(Order(path, descending))
        if read.kind == "end":
            break
        read.need(",")
    if len(found) > 10:
        raise TooMuch
    return found


def _split(text: str, by: str) -> Iterator[str]:
    """Cut a text at a sign that stands outside quotes and brackets."""
    begin = level = 0
    quoted = False
    for place, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif sign == "(":
            level += 1
        elif sign == ")":
            level -= 1
            if level < 0:
                raise BadQuery(part=text[:40])
        elif sign == by and level == 0:
            yield text[begin:place]
            begin = place + 1
    if quoted or level:
        raise BadQuery(part=text[:40])
    yield text[begin:]


_NAME = re.compile(r"@?[\w.]+")


def read_select(text: str) -> list[str]:
    """Return the names of a $select."""
    names = [name.strip() for name in text[:MOST_TEXT].split(",")]
    for name in names:
        if not _NAME.fullmatch(name):
            raise BadQuery(part=name[:40] or "$select")
    return names


def read_expand(text: str, depth: int = 0, budget: list[int] | None = None) -> dict[str, Options]:
    """Return what to expand by link, with options of their own; `a/b` means b inside a."""
    if len(text) > MOST_TEXT or depth > 6:
        raise TooMuch
    budget = [MOST_EXPANDED] if budget is None else budget
    found: dict[str, Options] = {}
    for item in _split(text, ","):
        head, bracket, rest = item.strip().partition("(")
        if bracket and not rest.endswith(")"):
            raise BadQuery(part=item.strip()[:40])
        names = [name.strip() for name in head.split("/")]
        if len(names) + depth > 6:
            raise TooMuch
        here, options = found, Options()
        for name in names:
            if not _NAME.fullmatch(name):
                raise BadQuery(part=item.strip()[:40] or "$expand")
            budget[0] -= 1
            if budget[0] < 0:
                raise TooMuch
            options = here.setdefault(name, Options())
            here = options.expand
        if bracket:
            given: dict[str, str] = {}
            for part in _split(rest[:-1], ";"):
                key, sign, value = part.strip().partition("=")
                if not sign or key in given:
                    raise BadQuery(part=part.strip()[:40] or item.strip()[:40])
                given[key.strip()] = value
            _fill(options, given, depth + len(names), budget)
    return found


def read_options(given: Mapping[str, str]) -> Options:
    """Return the options of a question; what does not begin with $ is left alone, what does must be known."""
    options = Options()
    wanted = {key: value for key, value in given.items() if key.startswith("$")}
    if "$resultFormat" in wanted:
        if wanted["$resultFormat"] != "dataArray":
            raise BadQuery(part=f"$resultFormat={wanted['$resultFormat'][:40]}")
        options.as_arrays = True
    options.token = wanted.get("$skiptoken", "")
    _fill(options, {key: value for key, value in wanted.items() if key not in ("$resultFormat", "$skiptoken")}, 0, [MOST_EXPANDED])
    options.given = wanted
    return options


def _fill(options: Options, given: Mapping[str, str], depth: int, budget: list[int]) -> None:
    for key, value in given.items():
        if key == "$filter":
            options.filter = read_filter(value)
        elif key == "$orderby":
            options.order = read_order(value)
        elif key == "$select":
            options.select = read_select(value)
        elif key == "$expand":
            for name, inner in read_expand(value, depth, budget).items():
                options.expand[name] = inner
        elif key in ("$top", "$skip"):
            if not (value.isdigit() and value.isascii() and len(value) <= 9):
                raise BadQuery(part=f"{key}={value[:40]}")
            if key == "$top":
                options.top = int(value)
            else:
                options.skip = int(value)
        elif key == "$count":
            if value.lower() not in ("true", "false"):
                raise BadQuery(part=f"{key}={value[:40]}")
            options.count = value.lower() == "true"
        else:
            raise BadQuery(part=key[:40])
    options.given = dict(given)
