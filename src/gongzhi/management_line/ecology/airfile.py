"""A file of air readings, hourly or daily, with the index added: columns are found by their names, each row by its date's edition. Pure."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from statistics import median

from django.utils.translation import gettext as _

from gongzhi.kernel import moments, numbers
from gongzhi.management_line.sensing import units as measures
from gongzhi.management_line.standards import air
from gongzhi.management_line.standards.edition import CannotAssess

MOST_BYTES = 100_000_000  # all rows are held while the columns are made out and the units doubted
MOST_ROWS = 500_000  # fifty years of hours
HOUR, DAY = "hour", "day"
ADDED = ("aqi_computed", "level_computed", "primary_computed", "note_computed")
REQUIRED = {HOUR: ("SO2", "NO2", "PM10", "CO", "O3", "PM2.5"), DAY: ("SO2", "NO2", "PM10", "CO", "O3_8h", "PM2.5")}
_OPTIONAL = {HOUR: ("SO2_24h",), DAY: ("O3_1h",)}
_NAMES = {
    "PM2.5": ("pm25", "细颗粒物pm25", "细颗粒物", "a34004"),
    "PM10": ("pm10", "可吸入颗粒物pm10", "可吸入颗粒物", "颗粒物pm10", "a34002"),
    "SO2": ("so2", "二氧化硫so2", "二氧化硫", "sulphurdioxide", "sulfurdioxide", "a21026"),
    "NO2": ("no2", "二氧化氮no2", "二氧化氮", "nitrogendioxide", "a21004"),
    "CO": ("co", "一氧化碳co", "一氧化碳", "carbonmonoxide", "a21005"),
    "O3": ("o3", "臭氧o3", "臭氧", "ozone", "a05024"),
}
_PERIODS = {
    "": "",
    **dict.fromkeys(("1h", "1hr", "1小时", "小时", "hour", "hourly"), HOUR),
    **dict.fromkeys(("8h", "8hr", "8小时", "mda8"), "8h"),
    **dict.fromkeys(("24h", "24hr", "24小时", "日", "day", "daily"), DAY),
}
_IDLE = re.compile(r"浓度|平均|均值|均|滑动|最大|(?<!日)值|avg|average|mean|max|rtd|value|concentration|conc|ugm3|μgm3|mgm3")
_DATES = {"date", "日期", "监测日期", "数据日期", "time", "datetime", "时间", "监测时间", "数据时间", "timepoint", "timestamp", "datatime", "观测时间"}
_HOURS = {"hour", "小时", "时", "hours"}
_OFFICIAL = {"aqi", "空气质量指数", "空气质量指数aqi", "aqi指数"}
_MISSING = {"", "-", "—", "--", "——", "_", "na", "n/a", "nan", "null", "none", "无", "缺测", "/", "*", "-99", "-999", "-9999", "-99.0", "-999.0", "-9999.0"}


_DAY_AND_HOUR = re.compile(
    r"([0-9]{4})(?:\.0)?\s*[-/年.]\s*([0-9]{1,2})(?:\.0)?\s*[-/月.]\s*([0-9]{1,2})(?:\.0)?\s*日?(?:[T\s]*([0-9]{1,2})(?=[:时点\s]|$))?"
)
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\s*T?([0-9]{2}))?")


class BadFile(CannotAssess):
    """The file cannot be computed; the sentence says what is missing or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which column is what: `columns[key]` is its place; keys as the index takes them (SO2, O3_8h ...)."""

    kind: str
    columns: Mapping[str, int]
    units: Mapping[str, str]
    day: tuple[int, ...]
    hour: int | None
    official: int | None


@dataclass(slots=True, kw_only=True)
class Account:
    """What became of the rows. Of those with an official index beside: how many agree, and where not (line, official, computed)."""

    rows: int = 0
    computed: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    agreeing: int = 0
    differing: list[tuple[int, int | None, int | None]] = field(default_factory=list)
    editions: Counter[str] = field(default_factory=Counter)


def load(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a file that is not larger than MOST_BYTES; raise BadFile, or OSError where it cannot be opened."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadFile(_("The file is larger than %(most)d MB; divide it by years.") % {"most": MOST_BYTES // 1_000_000})
    return read(content)


def read(content: bytes) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a CSV in UTF-8 or GB18030; its own `*_computed` columns of an earlier run are left out."""
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise BadFile(_("This is a workbook; save it as CSV first."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise BadFile(_("The file is neither UTF-8 nor GB18030 text.")) from error
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), MOST_ROWS + 2))
    except csv.Error as error:
        raise BadFile(_("The file cannot be read as CSV: %(error)s.") % {"error": error}) from error
    if len(lines) > MOST_ROWS + 1:
        raise BadFile(_("The file has more than %(most)d rows; divide it by years.") % {"most": MOST_ROWS})
    while lines and not any(cell.strip() for cell in lines[0]):
        lines.pop(0)
    if not lines:
        raise BadFile(_("The file is empty."))
    header = [name.strip() for name in lines[0]]
    keep = [place for place, name in enumerate(header) if name not in ADDED]
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(header):
            raise BadFile(_("Line %(line)s has %(count)s cells, the header has %(header)s.") % {"line": number, "count": len(line), "header": len(header)})
        line += [""] * (len(header) - len(line))
        rows.append([line[place] for place in keep])
    if not rows:
        raise BadFile(_("The file has a header but no rows."))
    return [header[place] for place in keep], rows


def plan(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "", columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None, needs_date: bool = True,
) -> Plan:  # fmt: skip
    """Return which column is what; raises BadFile that names every column that is missing or stands twice.

    kind "" means: hourly if the file tells hours. columns (key → header) and units (key → unit) say what the names do not.
    """
    tidied = [tidy(name) for name in header]
    places = {name: place for place, name in reversed(list(enumerate(tidied)))}
    day, hour = _time_columns(tidied, places)
    if not kind:
        kind = HOUR if hour is not None or any((moment([row[place] for place in day])[1] or 0) > 0 for row in rows if day) else DAY
    found, said = _pollutants(header, kind)
    for key, name in (columns or {}).items():
        if key not in REQUIRED[kind] + _OPTIONAL[kind]:
            raise BadFile(_("“%(key)s” is none of the columns of this index: %(known)s.") % {"key": key, "known": ", ".join(REQUIRED[kind] + _OPTIONAL[kind])})
        if name not in header:
            raise BadFile(_("There is no column “%(name)s”; there are: %(columns)s.") % {"name": name, "columns": ", ".join(header)})
        found[key] = header.index(name)
    missing = [key for key in REQUIRED[kind] if key not in found]
    if needs_date and not day:
        missing.insert(0, "date")
    if missing:
        sentence = _("Columns are missing for an index by the %(kind)s: %(missing)s. The file has: %(columns)s.") % {
            "kind": _("hour") if kind == HOUR else _("day"), "missing": ", ".join(missing), "columns": ", ".join(header),
        }  # fmt: skip
        raise BadFile(sentence)
    said |= dict(units or {})
    for key, unit in said.items():
        pollutant = key.split("_")[0]
        if pollutant not in air.UNITS:
            raise BadFile(_("“%(item)s” is no pollutant of the index.") % {"item": key})
        try:
            measures.convert(1.0, unit, air.UNITS[pollutant])
        except measures.CannotConvert as error:
            raise BadFile(f"{key}: {error}") from error
    made = Plan(
        kind=kind, columns=found, units=said, day=day, hour=hour,
        official=next((places[name] for name in tidied if name in _OFFICIAL), None),
    )  # fmt: skip
    _doubt_units(made, rows)
    return made


def compute(made: Plan, rows: Sequence[Sequence[str]], *, edition: str = "", account: Account | None = None) -> Iterator[tuple[air.AirIndex | None, str]]:
    """Yield each row's index, None where there is none, with a note that says why; keep the account."""
    account = Account() if account is None else account
    for line, row in enumerate(rows, 2):
        index, note = _row(made, row, edition)
        account.rows += 1
        value = index.value if index else None
        if index is not None:
            account.editions[index.edition] += 1
            if value is None:
                note = str(index.why)
        if value is None:
            account.notes[note] += 1
        else:
            account.computed += 1
        if made.official is not None:
            beside = row[made.official].strip()
            official = int(float(beside)) if re.fullmatch(r"[0-9]+(\.0+)?", beside) else None
            if official is not None:
                account.compared += 1
                account.agreeing += official == value
            if official != value and (official is not None or beside.lower() in _MISSING):
                account.differing.append((line, official, value))
        yield index, note


def added(index: air.AirIndex | None, note: str) -> list[str]:
    """Return the cells of the ADDED columns."""
    if index is None or index.value is None or index.level is None:
        return ["", "", "", note]
    return [str(index.value), str(index.level.name), "+".join(index.primary), note]


def _row(made: Plan, row: Sequence[str], edition: str) -> tuple[air.AirIndex | None, str]:
    means: dict[str, float | None] = {}
    for key, place in made.columns.items():
        text = numbers.narrow(row[place]).strip()
        text = text.replace(",", "") if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", text) else text
        if text.lower() in _MISSING:
            means[key] = None
            continue
        try:
            means[key] = numbers.real(text)
        except numbers.BadNumber:
            return None, _("%(item)s: “%(value)s” is not a number.") % {"item": key, "value": row[place]}
    day = None
    if made.day:
        day, _hour = moment([row[place] for place in made.day])
        if day is None and not edition:
            return None, _("“%(value)s” is no date.") % {"value": " ".join(row[place] for place in made.day)}
    units = {key: made.units.get(key) or made.units[key.split("_")[0]] for key in means if key in made.units or key.split("_")[0] in made.units}
    try:
        judge = air.hourly if made.kind == HOUR else air.daily
        return judge(means, on=day, edition=edition or None, units=units), ""
    except CannotAssess as error:
        return None, str(error)


def tidy(name: str) -> str:
    return re.sub(r"[\s_.\-·()（）\[\]/]+", "", unicodedata.normalize("NFKC", name).lower())


def _pollutants(header: Sequence[str], kind: str) -> tuple[dict[str, int], dict[str, str]]:
    """Return the place of each column that the index takes, and the units that the names tell."""
    found: dict[str, int] = {}
    exact: dict[str, bool] = {}
    said: dict[str, str] = {}
    for place, name in enumerate(header):
        plain = unicodedata.normalize("NFKC", name)
        unit = next((one for one in re.findall(r"[(\[]([^()\[\]]+)[)\]]", plain) if measures.is_known(one)), "")
        text = tidy(plain.replace(f"({unit})", "").replace(f"[{unit}]", "") if unit else plain)
        if not unit and (ending := re.search(r"(ug|μg|mg)m3$", text)):
            unit = f"{ending[1]}/m3"
        key, is_exact = _key(text, kind)
        if not key:
            continue
        if key in found and exact[key] == is_exact:
            raise BadFile(
                _("Two columns look like %(key)s: “%(one)s” and “%(other)s”; say which by --column.") % {"key": key, "one": header[found[key]], "other": name}
            )
        if key in found and exact[key]:
            continue
        found[key], exact[key] = place, is_exact
        said.pop(key, None)
        if unit:
            said[key] = unit
    return found, said


def _key(text: str, kind: str) -> tuple[str, bool]:
    """Return the index's key for a tidied name ("" for other columns), and whether the name tells the period, too."""
    for pollutant, aliases in _NAMES.items():
        for alias in aliases:
            if not text.startswith(alias):
                continue
            rest = _IDLE.sub("", text[len(alias) :])
            if rest not in _PERIODS:
                continue
            period = _PERIODS[rest]
            if pollutant == "O3" and kind == DAY:
                # an ozone column of a daily file that tells no period may be anything
                return {"8h": "O3_8h", HOUR: "O3_1h"}.get(period, ""), True
            if period in ("", kind):
                return pollutant, bool(period)
            return ("SO2_24h", True) if (pollutant, period, kind) == ("SO2", DAY, HOUR) else ("", False)
    return "", False


def _time_columns(tidied: Sequence[str], places: Mapping[str, int]) -> tuple[tuple[int, ...], int | None]:
    hour = next((places[name] for name in tidied if name in _HOURS), None)
    for year, month, day in (("year", "month", "day"), ("年", "月", "日")):
        if {year, month, day} <= set(places):
            return (places[year], places[month], places[day]), hour
    named = [places[name] for name in dict.fromkeys(tidied) if name in _DATES]
    return tuple(sorted(set(named))[:2]), hour


def moment(cells: Sequence[str]) -> tuple[date | None, int | None]:
    """Return day and hour of 2020-04-02 08:00, 20200402, 2020年4月2日 8时, or of the cells of year, month and day."""
    text = numbers.narrow("-".join(cells) if len(cells) == 3 else " ".join(cells)).strip()
    match = _DAY_AND_HOUR.match(text) or _DIGITS.match(text)
    if not match:
        return None, None
    try:
        return moments.day(f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}"), int(match[4]) if match[4] else None
    except moments.BadDay:
        return None, None


def _doubt_units(made: Plan, rows: Sequence[Sequence[str]]) -> None:
    """Refuse a column that tells no unit and whose figures cannot be in the standard's: carbon monoxide in ug/m³, dust in mg/m³."""
    for key, place in made.columns.items():
        pollutant = key.split("_")[0]
        if key in made.units or pollutant in made.units:
            continue
        values = [float(cell) for row in rows if re.fullmatch(r"[0-9]+(\.[0-9]+)?", cell := row[place].strip())]
        if not values:
            continue
        middle = median(values)
        if (pollutant == "CO" and middle > 60) or (pollutant in ("PM10", "PM2.5") and 0 < max(values) < 1):
            other = "ug/m3" if pollutant == "CO" else "mg/m3"
            sentence = _("%(item)s has a median of %(median)s, which cannot be %(unit)s. If it is in %(other)s, say so: --unit %(item)s=%(other)s.") % {
                "item": key, "median": f"{middle:g}", "unit": air.UNITS[pollutant], "other": other,
            }  # fmt: skip
            raise BadFile(sentence)
