"""Another system's event file, read by a mapping file. Pure: nothing is looked up or written.

A mapping names how columns become a case; `{COLUMN}` in a text is the column's value, `{COLUMN|words}` the words where it
is empty. mappings/pingshan_2018.yaml shows every part. Every row of a file becomes an Event or a Refusal; none is lost.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from gongzhi.foundation.calendar.national import KNOWN_SINCE
from gongzhi.kernel import moments, numbers, sheets

LEVELS = ("town", "subdistrict", "community", "grid", "park")
LIVES = ("work", "home", "eco")
HOWS = ("on_time", "overdue", "at")
UNITS = ("working_hours", "working_days", "hours", "calendar_days")
WORKING_UNITS = UNITS[:2]
ORGAN_KINDS = ("committee", "department", "subdistrict", "station", "stewards", "operator", "council", "enterprise", "social", "superior")
ORIGINS = ("resident", "enterprise", "patrol", "hotline", "device", "superior", "other_system", "referral", "import")
MOST_ROWS = 200_000  # of one file: all of them are held while repeats are looked for
MOST_CHARACTERS = 200_000_000
_SLOT = re.compile(r"\{([^{}|]+)(?:\|([^{}]*))?\}")
_CODE = re.compile(r"[^0-9A-Za-z_-]+")  # of an organ
_AREA_CODE = re.compile(r"[^0-9A-Za-z-]+")
_CATEGORY_CODE = re.compile(r"[\x00-\x1f]+")


class BadMapping(ValueError):
    """The mapping cannot be used; `faults` names each place and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class BadFile(ValueError):
    """The event file cannot be read as the mapping says."""


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name: a category, an area or an organ that the town must have."""

    code: str
    name: str
    sort: str = ""  # level of an area, kind of an organ


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A row that can be taken over."""

    line: int
    id: str
    title: str
    text: str
    address: str
    opened_at: datetime
    categories: tuple[Named, ...]
    life: str
    areas: tuple[Named, ...]
    organ: Named | None
    origin: str
    point: tuple[float, float] | None
    closed: str
    closed_at: datetime | None
    outcome: str
    likeness: tuple[str, ...] = ()  # what repeats have in common


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be taken over, and why: what stands in which column."""

    line: int
    id: str
    reason: str
    column: str = ""
    value: str = ""


@dataclass(slots=True)
class Mapping:
    """A checked mapping."""

    raw: dict[str, Any]
    source: str
    kind: str
    zone: ZoneInfo
    empty: frozenset[str]
    town: dict[str, Any]
    founded: date
    columns: frozenset[str] = field(default_factory=frozenset)

    @property
    def datum(self) -> str:
        return str((self.raw.get("point") or {}).get("datum", "wgs84"))

    @property
    def limit(self) -> tuple[int, str]:
        limit = self.raw.get("limit") or {}
        return int(limit.get("amount", 5)), str(limit.get("unit", "working_days"))

    @property
    def basis(self) -> str:
        return str((self.raw.get("limit") or {}).get("basis", ""))


def load(path: Path) -> Mapping:
    """Return the checked mapping of a file; raise BadMapping with every fault."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadMapping([f"{path}: cannot be read ({error})"]) from error
    return parse(raw)


def parse(raw: Any) -> Mapping:
    """Return the checked mapping; raise BadMapping with every fault."""
    if not isinstance(raw, dict):
        raise BadMapping(["the mapping must be a mapping of names to values"])
    faults: list[str] = []
    for name in ("source", "id", "case_title"):
        if not isinstance(raw.get(name), str) or not raw[name]:
            faults.append(f"{name}: missing")
    opened = raw.get("opened_at")
    if not isinstance(opened, dict) or not opened.get("column"):
        faults.append("opened_at: needs column (and format)")
    zone = ZoneInfo("Asia/Shanghai")
    try:
        zone = ZoneInfo(str(raw.get("time_zone", "Asia/Shanghai")))
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(f"time_zone: {raw.get('time_zone')} is not known")
    town = raw.get("town") or {}
    if not isinstance(town, dict) or not town.get("name") or not town.get("short_name"):
        faults.append("town: needs name and short_name")
    founded = town.get("founded") if isinstance(town, dict) else None
    if not isinstance(founded, date):
        faults.append("town.founded: must be a date before the first event, such as 2018-01-01")
    _levels(raw, "category", None, faults)
    _levels(raw, "area", LEVELS, faults)
    organ = raw.get("organ")
    if organ is not None and not (isinstance(organ, dict) and organ.get("code") and organ.get("name")):
        faults.append("organ: needs code and name")
    elif organ is not None:
        for kind in (organ.get("kind", "department"), *(organ.get("kinds") or {}).values()):
            if kind not in ORGAN_KINDS:
                faults.append(f"organ.kind: {kind} is not one of {', '.join(ORGAN_KINDS)}")
    _choice(raw, "life", LIVES, faults)
    _choice(raw, "origin", ORIGINS, faults)
    limit = raw.get("limit") or {}
    amount = limit.get("amount", 5) if isinstance(limit, dict) else None
    if not isinstance(amount, int) or amount < 1 or limit.get("unit", "working_days") not in UNITS:
        faults.append(f"limit: needs amount above 0 and unit, one of {', '.join(UNITS)}")
    for n, rule in enumerate(raw.get("closed") or [], start=1):
        if not isinstance(rule, dict) or not isinstance(rule.get("when"), dict) or rule.get("how") not in HOWS:
            faults.append(f"closed.{n}: needs when (column: value) and how, one of {', '.join(HOWS)}")
        elif rule["how"] == "at" and not (isinstance(raw.get("closed_at"), dict) and raw["closed_at"].get("column")):
            faults.append("closed_at: needs column, because closed says how: at")
    if faults:
        raise BadMapping(faults)
    assert isinstance(founded, date)
    empty = frozenset(str(value) for value in raw.get("empty", [""])) | {""}
    return Mapping(raw=raw, source=raw["source"], kind=str(raw.get("kind", "report")), zone=zone, empty=empty, town=town, founded=founded,
                   columns=frozenset(_columns(raw)))  # fmt: skip


def _levels(raw: dict[str, Any], name: str, sorts: tuple[str, ...] | None, faults: list[str]) -> None:
    for n, level in enumerate(raw.get(name) or [], start=1):
        if not isinstance(level, dict) or not level.get("code") or not level.get("name"):
            faults.append(f"{name}.{n}: needs code and name")
        elif sorts is not None and level.get("level") not in sorts:
            faults.append(f"{name}.{n}.level: must be one of {', '.join(sorts)}")


def _choice(raw: dict[str, Any], name: str, allowed: tuple[str, ...], faults: list[str]) -> None:
    choice = raw.get(name)
    if choice is None:
        return
    if not isinstance(choice, dict) or not choice.get("column"):
        faults.append(f"{name}: needs column, values and otherwise")
        return
    for value in (*(choice.get("values") or {}).values(), choice.get("otherwise", allowed[0])):
        if value not in allowed:
            faults.append(f"{name}: {value} is not one of {', '.join(allowed)}")


def _columns(raw: Any) -> Iterator[str]:
    """Yield every column that the mapping names."""
    for name in ("id", "case_title", "text", "address"):
        yield from (slot[0] for slot in _SLOT.findall(str(raw.get(name) or "")))
    for group in (*(raw.get("category") or []), *(raw.get("area") or []), raw.get("organ") or {}):
        for part in ("code", "name"):
            yield from (slot[0] for slot in _SLOT.findall(str(group.get(part) or "")))
    for name in ("opened_at", "closed_at", "life", "origin"):
        if raw.get(name):
            yield raw[name]["column"]
    for name in ("longitude", "latitude"):
        if (raw.get("point") or {}).get(name):
            yield raw["point"][name]
    for rule in raw.get("closed") or []:
        yield from rule["when"]


# ---- the file -------------------------------------------------------------------------------------------------------
def read(path: Path, mapping: Mapping) -> list[Event | Refusal]:
    """Return every row of a CSV in its order, as an Event or a Refusal; raise BadFile when the file itself is unusable or larger than MOST_ROWS."""
    found = sheets.table(path, most=MOST_CHARACTERS, most_rows=MOST_ROWS, encoding=str(mapping.raw.get("encoding", "auto")),
                         delimiter=str(mapping.raw.get("delimiter", ",")))  # fmt: skip
    try:
        return list(_rows(path, found, mapping))
    except sheets.BadFile as error:
        raise BadFile(f"{path}: {error}") from error


def _rows(path: Path, found: Iterator[tuple[int, list[str]]], mapping: Mapping) -> Iterator[Event | Refusal]:
    _line, header = next(found, (0, []))
    header = [name.strip() for name in header]
    missing = sorted(mapping.columns - {*header})
    if missing:
        raise BadFile(f"{path.name} lacks the column(s) {', '.join(missing)}; it has: {', '.join(sorted(header))}")
    seen: set[str] = set()
    for line, cells in found:
        if not cells:
            continue
        plain = dict.fromkeys(header, "") | {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        read_row = _event(plain, line, mapping, is_ragged=len(cells) > len(header))
        if isinstance(read_row, Event):
            if read_row.id in seen:
                read_row = Refusal(read_row.line, read_row.id, f"the id {read_row.id} stands in the file twice")
            else:
                seen.add(read_row.id)
        yield read_row


def _event(row: dict[str, str], line: int, mapping: Mapping, *, is_ragged: bool) -> Event | Refusal:
    raw = mapping.raw
    ident = _fill(raw["id"], row, mapping) or ""
    if is_ragged:
        return Refusal(line, ident, "the row has more values than the header has columns")
    if not ident:
        return Refusal(line, "", "the row has no id")
    opened_at = _moment(row, raw["opened_at"], mapping)
    if opened_at is None:
        column = raw["opened_at"]["column"]
        value = row.get(column, "")
        return Refusal(line, ident, f"{column}: “{value}” is not a time in the form that the mapping names", column, value)
    if opened_at.date() < mapping.founded:
        column = raw["opened_at"]["column"]
        return Refusal(line, ident, f"the time lies before {mapping.founded}, from which the mapping holds", column, row.get(column, ""))
    if mapping.limit[1] in WORKING_UNITS and opened_at.date() < KNOWN_SINCE:
        column = raw["opened_at"]["column"]
        return Refusal(
            line, ident, f"the days on which the nation worked are known from {KNOWN_SINCE}: its deadline in {mapping.limit[1]} cannot be counted",
            column, row.get(column, ""),
        )  # fmt: skip
    title = _fill(raw["case_title"], row, mapping)
    if not title:
        return Refusal(line, ident, "the title would be empty")
    categories = tuple(_named(raw.get("category") or [], row, mapping))
    if raw.get("category") and not categories:
        return Refusal(line, ident, "the row names no category")
    point = _point(row, raw.get("point") or {}, mapping)
    if point == "bad":
        columns = [str(raw["point"].get(name, "")) for name in ("longitude", "latitude")]
        return Refusal(line, ident, "the coordinates are not degrees", ", ".join(columns), ", ".join(row.get(name, "") for name in columns))
    closed, closed_at, outcome = "", None, ""
    for rule in raw.get("closed") or []:
        if all(row.get(column, "") == str(value) for column, value in rule["when"].items()):
            closed, outcome = rule["how"], str(rule.get("outcome", ""))
            break
    if closed == "at":
        closed_at = _moment(row, raw["closed_at"], mapping)
        if closed_at is None or closed_at < opened_at:
            column = raw["closed_at"]["column"]
            return Refusal(line, ident, f"{column}: the time of closing is missing, unreadable or before the opening", column, row.get(column, ""))
    same = raw.get("same") or {}
    but = set(same.get("but") or [])
    return Event(
        line=line, id=ident, title=title, text=_fill(raw.get("text", ""), row, mapping) or "", address=_fill(raw.get("address", ""), row, mapping) or "",
        opened_at=opened_at, categories=categories, life=_chosen(raw.get("life"), row, "home"), areas=tuple(_named(raw.get("area") or [], row, mapping)),
        organ=_organ(raw.get("organ"), row, mapping), origin=_chosen(raw.get("origin"), row, "import"), point=point, closed=closed, closed_at=closed_at,
        outcome=outcome, likeness=tuple(value for column, value in row.items() if column not in but) if same else (),
    )  # fmt: skip


def _fill(template: str, row: dict[str, str], mapping: Mapping) -> str | None:
    """Return the text with its columns filled in, or None where a column without other words is empty."""
    lacking = False

    def value(match: re.Match[str]) -> str:
        nonlocal lacking
        found = row.get(match[1], "")
        if found in mapping.empty:
            lacking = lacking or match[2] is None
            return match[2] or ""
        return found

    filled = _SLOT.sub(value, str(template)).strip()
    return None if lacking else filled


def _named(levels: list[dict[str, str]], row: dict[str, str], mapping: Mapping) -> Iterator[Named]:
    """Yield the levels from above, down to the first that the row leaves empty."""
    for level in levels:
        code, name = _fill(level["code"], row, mapping), _fill(level["name"], row, mapping)
        if not code or not name:
            return
        level_of_area = level.get("level", "")
        yield Named(code_of(code, 20, _AREA_CODE if level_of_area else _CATEGORY_CODE), name[:60], level_of_area)


def _organ(raw: dict[str, Any] | None, row: dict[str, str], mapping: Mapping) -> Named | None:
    if not raw:
        return None
    code, name = _fill(raw["code"], row, mapping), _fill(raw["name"], row, mapping)
    if not code or not name:
        return None
    kind = next((kind for part, kind in (raw.get("kinds") or {}).items() if part in name), raw.get("kind", "department"))
    return Named(code_of(code, 40, _CODE), name[:80], kind)


def code_of(theirs: str, most: int, unfit: re.Pattern[str]) -> str:
    """Return a code as this town writes it, without what is `unfit`, for a code of the other system: itself where it is one, else made of it.

    What another system calls a code may be a name in Chinese, or long. Two of theirs never become one of ours: one that is changed carries a digest
    of the whole.
    """
    if len(theirs) <= most and unfit.search(theirs) is None:
        return theirs
    digest = hashlib.sha256(theirs.encode()).hexdigest()[:10]
    kept = unfit.sub("-", theirs).strip("-_")[: most - 11].strip("-_")
    return f"{kept}-{digest}" if kept else f"c-{digest}"


def _chosen(choice: dict[str, Any] | None, row: dict[str, str], default: str) -> str:
    if not choice:
        return default
    values = {str(key): str(value) for key, value in (choice.get("values") or {}).items()}
    return values.get(row.get(choice["column"], ""), str(choice.get("otherwise", default)))


def _moment(row: dict[str, str], rule: dict[str, str], mapping: Mapping) -> datetime | None:
    text = row.get(rule["column"], "")
    try:
        found = datetime.strptime(text, rule["format"]) if rule.get("format") else moments.moment(text, mapping.zone)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=mapping.zone)
    return found if moments.is_in_reach(found) else None


def _point(row: dict[str, str], rule: dict[str, str], mapping: Mapping) -> Any:
    if not rule:
        return None
    texts = [row.get(rule.get(name, ""), "") for name in ("longitude", "latitude")]
    if all(text in mapping.empty for text in texts):
        return None
    try:
        longitude, latitude = (numbers.real(text) for text in texts)
    except numbers.BadNumber:
        return "bad"
    return (longitude, latitude) if abs(longitude) <= 180 and abs(latitude) <= 90 and not (longitude == latitude == 0) else "bad"


def repeats(events: list[Event], seconds: int) -> dict[str, str]:
    """Return id → id of the first event of which it is a repeat: alike in everything and within the seconds of the one before."""
    last: dict[tuple[str, ...], tuple[str, datetime]] = {}
    found: dict[str, str] = {}
    for event in sorted(events, key=lambda one: (one.opened_at, one.id)):
        before = last.get(event.likeness)
        if before is not None and (event.opened_at - before[1]).total_seconds() <= seconds:
            found[event.id] = before[0]
            last[event.likeness] = (before[0], event.opened_at)
        else:
            last[event.likeness] = (event.id, event.opened_at)
    return found
