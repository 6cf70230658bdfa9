"""What the columns of a file of readings mean, as data: header and rows in, rows of readings out. Pure.

A recipe is a dictionary; columns are named as the header has them:

    sheet      name of the sheet of a workbook (left out: the first)
    header     number of the row that holds the names of the columns (left out: 1)
    time       the column of the time, or a list of columns that give it together: [日期, 时], [year, month, day, hour]
    marks      begin | end: what the time of an hour or a day marks (left out: begin)
    station    the column that names the station, or `=code` where all rows are of one
    values     wide form: [{column, factor, unit, aggregate, flag}], a column each; flag is the column of its mark
    factor, value, unit, flag, aggregate
               long form: the column in which each stands, or `=a fixed text`
    stations, factors, units, flags
               {theirs: ours}
    missing    texts and numbers that mean no value, beside those that always do
    below      half | limit | zero | refuse: what “<0.01” (below the detection limit) is taken for (left out: half)
    unknown_station, unknown_series: refuse | define; station_kind: kind of a station that is defined so
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from gongzhi.kernel.numbers import is_number, narrow, real
from gongzhi.kernel.sheets import Cell, Serial
from gongzhi.management_line.feeds.mapping import BadMapping, Row
from gongzhi.management_line.feeds.moments import moment_of
from gongzhi.management_line.feeds.said import said as _
from gongzhi.management_line.feeds.said import why
from gongzhi.management_line.sensing.bounds import is_measurable
from gongzhi.management_line.sensing.columns import micros

MARKS = ("begin", "end")
BELOW = ("half", "limit", "zero", "refuse")
POLICIES = ("refuse", "define")
PERIODS = {"minute": 60_000_000, "hour": 3_600_000_000, "day": 86_400_000_000}  # first part of an aggregate → microseconds
_TEXTS = ("sheet", "marks", "station", "factor", "value", "unit", "flag", "aggregate", "below", "unknown_station", "unknown_series", "station_kind")
_TABLES = ("stations", "factors", "units", "flags")
_KNOWN = frozenset((*_TEXTS, *_TABLES, "header", "time", "values", "missing"))
NO_VALUE = frozenset(
    ("", "-", "--", "—", "——", "–", "/", "na", "n/a", "nan", "null", "none", "#n/a", "无", "空", "缺测", "无数据", "无效", "停运",
     "停产", "维护", "检修", "校准",
     "故障")
)  # fmt: skip
# marks as reports write them, beside the letters of HJ 212
FLAGS = {
    "正常": "N", "有效": "N", "停运": "F", "停产": "F", "维护": "M", "检修": "M", "手工": "S", "手工输入": "S", "故障": "D", "校准": "C", "超上限": "T",
    "通讯异常": "B",
}  # fmt: skip
LETTERS = frozenset("NFMSDCTBP-")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_BELOW = re.compile(r"[<≤]\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*L?|([0-9.]+)\s*L")
_ABOVE = re.compile(r"[>≥]\s*([0-9.]+)")
_MARKED = re.compile(r"(.+?)\s*\(\s*([A-Za-z])\s*\)")


class BadHeader(ValueError):
    """Columns that the recipe names and the file has not."""


def tidy(cell: Cell) -> str:
    """Return a cell of the header as columns are named: width and blanks made one."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", "" if cell is None else str(cell))).strip()


def names_of(cells: Sequence[Cell]) -> list[str]:
    """Return the columns' names, each once: one without a name is called by its place, a second of one name counted."""
    found: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = plain = tidy(cell)[:200] or f"#{place}"
        count = 1
        while name in found:
            count += 1
            name = f"{plain} ({count})"
        found.append(name)
    return found


@dataclass(slots=True)
class Fault:
    """Something of a row that cannot be used."""

    column: str
    text: str
    why: str


@dataclass(slots=True)
class Found:
    """What stood in a row: readings with the column of each, faults, and how many cells said that there is no value."""

    rows: list[tuple[str, Row]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    empty: int = 0
    below: int = 0


@dataclass(slots=True)
class _Value:
    name: str
    place: int
    factor: str
    unit: str
    aggregate: str
    flag: int | None
    shift: int


class Recipe:
    """A definition made ready; `bind` it to a header, then `read` rows."""

    def __init__(self, definition: Mapping[str, Any], zone: tzinfo) -> None:
        check(definition)
        given = self.definition = dict(definition)
        self.zone = zone
        self.sheet = given.get("sheet") or ""
        self.header = int(given.get("header") or 1)
        self.time = [tidy(one) for one in ([given["time"]] if isinstance(given["time"], str) else given["time"])]
        self.is_end = given.get("marks") == "end"
        self.tables = {name: {tidy(key): str(value).strip() for key, value in (given.get(name) or {}).items()} for name in _TABLES}
        self.missing = NO_VALUE | {tidy(one).lower() for one in given.get("missing") or ()}
        self.missing_numbers = {float(one) for one in self.missing if _NUMBER.fullmatch(one)}
        self.below = given.get("below") or "half"
        self.unknown_station = given.get("unknown_station") or "refuse"
        self.unknown_series = given.get("unknown_series") or "refuse"
        self.station_kind = given.get("station_kind") or ""
        self.is_wide = bool(given.get("values"))
        self.specs = {name: given.get(name) or "" for name in ("station", "factor", "value", "unit", "flag", "aggregate")}
        self._values: list[_Value] = []
        self._times: list[int] = []
        self._places: dict[str, int] = {}
        self._moments: dict[tuple[Cell, ...], int | str] = {}

    @property
    def columns(self) -> list[str]:
        """Return every column that the recipe names."""
        named = [spec for spec in self.specs.values() if spec and not spec.startswith("=")]
        for one in self.definition.get("values") or ():
            named += [one["column"], *([one["flag"]] if one.get("flag") else [])]
        return list(dict.fromkeys(map(tidy, [*self.time, *named])))

    def bind(self, names: Sequence[str]) -> None:
        """Find the columns in a header (see names_of); raise BadHeader naming those that are not there."""
        places = {name: place for place, name in enumerate(names)}
        lacking = [name for name in self.columns if name not in places]
        if lacking:
            raise BadHeader(_("the file lacks the column(s) %(lacking)s; it has: %(has)s") % {"lacking": ", ".join(lacking), "has": ", ".join(names)[:400]})
        self._times = [places[name] for name in self.time]
        self._places = {name: places[tidy(spec)] for name, spec in self.specs.items() if spec and not spec.startswith("=")}
        usual = self.specs["aggregate"].removeprefix("=") if self.specs["aggregate"].startswith("=") else "rtd"
        self._values = [
            _Value(tidy(one["column"]), places[tidy(one["column"])], one["factor"], one.get("unit") or "", one.get("aggregate") or usual,
                   places[tidy(one["flag"])] if one.get("flag") else None, self._shift(one.get("aggregate") or usual))
            for one in self.definition.get("values") or ()
        ]  # fmt: skip

    def _shift(self, aggregate: str) -> int:
        return PERIODS.get(aggregate.partition(".")[0], 0) if self.is_end else 0

    def read(self, cells: Sequence[Cell]) -> Found:
        """Return what stands in a row."""
        found = Found()
        moment = self._moment(cells)
        if isinstance(moment, str):
            found.faults.append(Fault(", ".join(self.time), " ".join(tidy(_cell(cells, place)) for place in self._times), moment))
            return found
        station = self._text("station", cells)
        station = self.tables["stations"].get(station, station)
        if not station:
            found.faults.append(Fault(self.specs["station"], "", _("no station")))
            return found
        if self.is_wide:
            for value in self._values:
                mark = "" if value.flag is None else tidy(_cell(cells, value.flag))
                self._take(found, value.name, _cell(cells, value.place), mark, station, value.factor, value.aggregate, value.unit, moment - value.shift)
            return found
        factor = self._text("factor", cells)
        factor = self.tables["factors"].get(factor, factor)
        if not factor:
            found.faults.append(Fault(self.specs["factor"], "", _("no factor")))
            return found
        unit = self._text("unit", cells)
        aggregate = self._text("aggregate", cells) or "rtd"
        cell = _cell(cells, self._places["value"])
        self._take(found, self.specs["value"], cell, self._text("flag", cells), station, factor, aggregate, self.tables["units"].get(unit, unit),
                   moment - self._shift(aggregate))  # fmt: skip
        return found

    def _take(self, found: Found, column: str, cell: Cell, mark: str, station: str, factor: str, aggregate: str, unit: str, moment: int) -> None:
        try:
            value, own, is_below = self.number(cell)
            if value is None:
                found.empty += 1
                return
            flag = self._flag(mark) if mark else own
        except ValueError as error:
            found.faults.append(Fault(column, ("TRUE" if cell is True else "FALSE" if cell is False else str(cell).strip())[:80], why(error)))
            return
        found.below += is_below
        found.rows.append((column, Row(station, factor, aggregate, unit, value, moment, flag)))

    def number(self, cell: Cell) -> tuple[float | None, str, bool]:
        """Return (the value or None where there is none, its mark, whether it lay below the detection limit); raise ValueError."""
        kind = type(cell)
        if kind is float or kind is int or kind is Serial:
            value = float(cell)  # type: ignore[arg-type] # one of the two, as asked
            return (None, "-", False) if value in self.missing_numbers or value != value else (_measurable(value), "-", False)
        if cell is None:
            return None, "-", False
        if kind is not str:
            raise ValueError(_("no number"))
        text = narrow(cell).strip()  # type: ignore[arg-type] # not NFKC, which makes 122 of a 12 with a footnote
        if text.lower() in self.missing:
            return None, "-", False
        own = "-"
        if marked := _MARKED.fullmatch(text):
            text, own = marked[1], self._flag(marked[2])
            if text.lower() in self.missing:
                return None, own, False
        if _NUMBER.fullmatch(text) and is_number(text):
            value = float(text)
        elif _THOUSANDS.fullmatch(text):
            value = float(text.replace(",", ""))
        elif low := _BELOW.fullmatch(text):
            return self._of_limit(real(low[1] or low[2])), own, True
        elif high := _ABOVE.fullmatch(text):
            return _measurable(real(high[1])), "T", False  # T of HJ 212: beyond what the instrument can measure
        elif text in ("未检出", "ND", "nd", "N.D.", "L"):
            if self.below == "zero":
                return 0.0, own, True
            raise ValueError(_("“%(text)s” says nothing of the detection limit") % {"text": text})
        else:
            raise ValueError(_("“%(text)s” is no number") % {"text": text[:40]})
        return (None, own, False) if value in self.missing_numbers else (_measurable(value), own, False)

    def _of_limit(self, limit: float) -> float:
        if self.below == "refuse":
            raise ValueError(_("below the detection limit"))
        return _measurable({"half": limit / 2, "limit": limit, "zero": 0.0}[self.below])

    def _flag(self, mark: str) -> str:
        mark = self.tables["flags"].get(mark, FLAGS.get(mark, mark)).upper()
        if len(mark) != 1 or mark not in LETTERS:
            raise ValueError(_("the mark “%(flag)s” is not known") % {"flag": mark[:20]})
        return mark

    def _text(self, name: str, cells: Sequence[Cell]) -> str:
        spec = self.specs[name]
        if not spec or spec.startswith("="):
            return spec[1:].strip()
        return tidy(_code(_cell(cells, self._places[name])))

    def _moment(self, cells: Sequence[Cell]) -> int | str:
        """Return microseconds since 1970, or why there is no time."""
        parts = tuple(_cell(cells, place) for place in self._times)
        found = self._moments.get(parts)
        if found is None:
            try:
                found = micros(moment_of(parts, self.zone))
            except (ValueError, OverflowError) as error:
                found = why(error)
            if len(self._moments) > 20_000:
                self._moments.clear()
            self._moments[parts] = found
        return found


def _cell(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else None


def _code(cell: Cell) -> Cell:
    """Return a code that a spreadsheet took for a number as it was written: 101, not 101.0."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _measurable(value: float) -> float:
    if not is_measurable(value):
        raise ValueError(_("a number that cannot be measured"))
    return value


def check(given: Mapping[str, Any]) -> None:
    """Raise BadMapping with every fault of a definition."""
    if not isinstance(given, Mapping):
        raise BadMapping([("mapping", _("must be a table of fields"))])
    faults: list[tuple[str, str]] = [(str(name), _("is not known")) for name in given if name not in _KNOWN]
    faults += [(name, _("must be a text")) for name in _TEXTS if given.get(name) is not None and not isinstance(given[name], str)]
    faults += [(name, _("must be a table of names")) for name in _TABLES if given.get(name) and not isinstance(given[name], Mapping)]
    time = given.get("time")
    if not time or not (isinstance(time, str) or (isinstance(time, list) and all(isinstance(one, str) and one for one in time) and len(time) <= 6)):
        faults.append(("time", _("name the column of the time, or up to six that give it together")))
    header = given.get("header", 1)
    if not isinstance(header, int) or isinstance(header, bool) or not 1 <= header <= 1000:
        faults.append(("header", _("must be the number of a row")))
    if given.get("missing") is not None and not isinstance(given["missing"], list):
        faults.append(("missing", _("must be a list")))
    if faults:
        raise BadMapping(faults)
    for name, allowed in (("marks", MARKS), ("below", BELOW), ("unknown_station", POLICIES), ("unknown_series", POLICIES)):
        if given.get(name) and given[name] not in allowed:
            faults.append((name, _("must be one of %(allowed)s") % {"allowed": ", ".join(allowed)}))
    if not given.get("station"):
        faults.append(("station", _("name the column of the station, or write =code where all rows are of one")))
    faults += _values_faults(given)
    if given.get("unknown_station") == "define" and not given.get("station_kind"):
        faults.append(("station_kind", _("is needed to define stations")))
    if faults:
        raise BadMapping(faults)


def _values_faults(given: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    values = given.get("values")
    if values is None:
        for name in ("factor", "value"):
            if not given.get(name):
                yield name, _("is missing: name the column, or list columns of values")
        if str(given.get("value") or "").startswith("="):
            yield "value", _("must be a column")
        return
    if given.get("value") or given.get("factor"):
        yield "values", _("either columns of values, or one column of factors and one of values")
    if not isinstance(values, list) or not values or len(values) > 200:
        yield "values", _("must be a list of column, factor and unit")
        return
    for number, one in enumerate(values, 1):
        texts = isinstance(one, Mapping) and all(isinstance(part, str) for part in one.values())
        if not texts or not one.get("column") or not one.get("factor") or set(one) - {"column", "factor", "unit", "aggregate", "flag"}:
            yield f"values.{number}", _("needs column and factor; unit, aggregate and flag may be said")
