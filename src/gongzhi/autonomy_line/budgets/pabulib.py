"""The .pb format of Pabulib (pabulib.org/format): META, PROJECTS, VOTES, each a table with semicolons. Pure.

A file that is not what it says is refused with its line (`Malformed`): a section missing or twice, a column missing, a number that is none, a vote for
a project that is not in the list, a ballot that the file's own limits do not allow where the count depends on it (points of another length).
What does not stop a count is kept as a remark: sums that do not agree with the file's own columns, ballots beyond the limits of META.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gongzhi.autonomy_line.elections.contests import Malformed

APPROVAL, CHOOSE_ONE, ORDINAL, CUMULATIVE, SCORING = "approval", "choose-1", "ordinal", "cumulative", "scoring"
VOTE_TYPES = (APPROVAL, CHOOSE_ONE, ORDINAL, CUMULATIVE, SCORING)
SECTIONS = ("META", "PROJECTS", "VOTES")
WITHDRAWN_COST = 999_999_999  # how files mark a project that was withdrawn
NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,9})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A project: what it costs, and what the file says of it."""

    id: str
    cost: Fraction
    name: str = ""
    line: int = 0
    selected: int | None = None  # 1 funded, 0 not, 2 and 3 funded for another reason (the file's comment says which)
    told: Fraction | None = None  # the votes or points that the file's own column gives
    category: str = ""
    neighborhood: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    """Ballots that say the same: how many, and the points for each project (1 where the ballot only names)."""

    weight: Fraction
    points: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One vote about money."""

    meta: Mapping[str, str]
    budget: Fraction
    vote_type: str
    rule: str
    projects: tuple[Project, ...]
    votes: tuple[Vote, ...]
    voters: Fraction
    threshold: Fraction = Fraction(0)
    by_score: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def names_winners(self) -> bool:
        """Whether the file says who won."""
        return any(project.selected is not None for project in self.projects)


def number(told: str, line: int, what: str) -> Fraction:
    """Return a number of the file; a decimal comma is taken."""
    if not NUMBER.fullmatch(told):
        raise Malformed(line, f"{what} {told!r} is not a number")
    return Fraction(told.replace(",", "."))


def read(text: str) -> Instance:
    """Return the vote of a .pb file."""
    meta, meta_lines, projects, votes = _sections(_rows(text))
    budget = number(_needed(meta, "budget"), meta_lines["budget"], "the budget")
    if budget < 0:
        raise Malformed(meta_lines["budget"], "the budget is negative")
    vote_type = _needed(meta, "vote_type").lower()
    if vote_type not in VOTE_TYPES:
        raise Malformed(meta_lines["vote_type"], f"the vote type {vote_type!r} is none of {', '.join(VOTE_TYPES)}")
    by_score = "score" in projects.columns
    found = _projects(projects, by_score)
    ballots, remarks = _votes(votes, found, vote_type, meta, meta_lines)
    limit = meta.get("min_project_score_threshold", "")
    return Instance(
        meta=meta, budget=budget, vote_type=vote_type, rule=meta.get("rule", "").strip() or "unknown", projects=tuple(found.values()), votes=ballots,
        voters=sum((vote.weight for vote in ballots), Fraction(0)),
        threshold=number(limit, meta_lines["min_project_score_threshold"], "the threshold") if limit else Fraction(0),
        by_score=by_score or vote_type in (ORDINAL, CUMULATIVE, SCORING), remarks=tuple(remarks),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Table:
    line: int
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Sequence[str]], ...]

    def value(self, row: Sequence[str], column: str) -> str:
        at = self.columns.index(column) if column in self.columns else -1
        return row[at].strip() if 0 <= at < len(row) else ""


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, each with the line it begins in."""
    if "\0" in text:
        raise Malformed(text.count("\n", 0, text.index("\0")) + 1, "there is a zero byte")
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise Malformed(line, f"this is no table with semicolons ({error})") from error
    return found


def _sections(rows: Sequence[tuple[int, list[str]]]) -> tuple[dict[str, str], dict[str, int], _Table, _Table]:
    places: dict[str, int] = {}
    for at, (line, row) in enumerate(rows):
        word = row[0].strip().upper()
        if word in SECTIONS and not any(cell.strip() for cell in row[1:]):
            if word in places:
                raise Malformed(line, f"the section {word} is there twice")
            places[word] = at
    if not rows:
        raise Malformed(1, "the file is empty")
    for word in SECTIONS:
        if word not in places:
            raise Malformed(rows[-1][0], f"the section {word} is missing")
    if not places["META"] < places["PROJECTS"] < places["VOTES"]:
        raise Malformed(rows[places["META"]][0], "the sections come in the order META, PROJECTS, VOTES")
    if places["META"] > 0:
        raise Malformed(rows[0][0], "something stands before the section META")
    meta: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, row in rows[1 : places["PROJECTS"]]:
        key, value = row[0].strip(), row[1].strip() if len(row) > 1 else ""
        if (key.lower(), value.lower()) == ("key", "value"):
            continue
        if not key:
            raise Malformed(line, "a value of META has no key")
        if key in meta and meta[key] != value:
            raise Malformed(line, f"META says {key} twice, and differently")
        meta[key], lines[key] = value, line
    return meta, lines, _table(rows, places["PROJECTS"], places["VOTES"], "project_id"), _table(rows, places["VOTES"], len(rows), "voter_id")


def _table(rows: Sequence[tuple[int, list[str]]], start: int, end: int, first: str) -> _Table:
    line, word = rows[start][0], rows[start][1][0].strip().upper()
    if start + 1 >= end:
        raise Malformed(line, f"the section {word} has no row of columns")
    columns = tuple(cell.strip().lower() for cell in rows[start + 1][1])
    while columns and not columns[-1]:
        columns = columns[:-1]
    if len(set(columns)) < len(columns):
        raise Malformed(rows[start + 1][0], f"the section {word} has a column twice")
    if first not in columns:
        raise Malformed(rows[start + 1][0], f"the section {word} has no column {first}")
    return _Table(line=rows[start + 1][0], columns=columns, rows=tuple(rows[start + 2 : end]))


def _needed(meta: Mapping[str, str], key: str) -> str:
    if not meta.get(key):
        raise Malformed(1, f"META does not say {key}")
    return meta[key]


def _projects(table: _Table, by_score: bool) -> dict[str, Project]:
    if "cost" not in table.columns:
        raise Malformed(table.line, "the section PROJECTS has no column cost")
    found: dict[str, Project] = {}
    for line, row in table.rows:
        code = table.value(row, "project_id")
        if not code:
            raise Malformed(line, "a project has no project_id")
        if code in found:
            raise Malformed(line, f"the project {code!r} is there twice")
        cost = number(table.value(row, "cost"), line, f"the cost of {code!r}")
        if cost < 0:
            raise Malformed(line, f"the cost of {code!r} is negative")
        selected = table.value(row, "selected")
        if selected and not re.fullmatch(r"\d{1,3}", selected):
            raise Malformed(line, f"selected {selected!r} is no whole number")
        told = table.value(row, "score" if by_score else "votes")
        found[code] = Project(
            id=code, cost=cost, name=table.value(row, "name"), line=line, selected=int(selected) if selected else None,
            told=number(told, line, f"the result of {code!r}") if told else None, category=table.value(row, "category"),
            neighborhood=table.value(row, "neighborhood"),
        )  # fmt: skip
    if not found:
        raise Malformed(table.line, "there is no project")
    return found


def _listed(told: str) -> list[str]:
    return [part.strip() for part in told.split(",") if part.strip()]


def _votes(
    table: _Table, projects: Mapping[str, Project], vote_type: str, meta: Mapping[str, str], lines: Mapping[str, int]
) -> tuple[tuple[Vote, ...], list[str]]:
    if "vote" not in table.columns:
        raise Malformed(table.line, "the section VOTES has no column vote")
    limits = {key: number(meta[key], lines[key], key) for key in (
        "min_length", "max_length", "min_points", "max_points", "min_sum_points", "max_sum_points", "max_sum_cost",
    ) if meta.get(key)}  # fmt: skip
    piles: dict[tuple[tuple[str, Fraction], ...], Fraction] = {}
    seen: set[str] = set()
    beyond: dict[str, int] = {}
    one = Fraction(1)
    twice = 0
    for line, row in table.rows:
        voter = table.value(row, "voter_id")
        if not voter:
            raise Malformed(line, "a vote has no voter_id")
        if voter in seen:
            raise Malformed(line, f"the voter {voter!r} is there twice")
        seen.add(voter)
        named = _listed(table.value(row, "vote"))
        for code in named:
            if code not in projects:
                raise Malformed(line, f"there is no project {code!r}")
        points = _points(table, row, line, named, vote_type)
        if len(set(named)) < len(named):
            if vote_type not in (APPROVAL, CHOOSE_ONE):
                raise Malformed(line, "one ballot gives points to a project twice")
            twice += 1  # files of real votes have it: an approval said twice is one
            named = list(dict.fromkeys(named))
            points = tuple(dict(points).items())
        strength = table.value(row, "vote_strength")
        weight = number(strength, line, "vote_strength") if strength else one
        for key in _beyond(limits, named, points, projects):
            beyond[key] = beyond.get(key, 0) + 1
        piles[points] = piles.get(points, Fraction(0)) + weight
    remarks = [f"{count} ballots lie beyond {key} {meta[key]}; they are counted as they stand" for key, count in beyond.items()]
    if twice:
        remarks.append(f"{twice} ballots name a project twice; it is counted once")
    return tuple(Vote(weight=weight, points=points) for points, weight in piles.items()), remarks


def _points(table: _Table, row: Sequence[str], line: int, named: list[str], vote_type: str) -> tuple[tuple[str, Fraction], ...]:
    """Return the points of a ballot: those it gives, by places where it ranks (the first of n gets n), else one for each."""
    given = _listed(table.value(row, "points"))
    if given and vote_type not in (APPROVAL, CHOOSE_ONE):
        if len(given) != len(named):
            raise Malformed(line, f"{len(named)} projects are named, but {len(given)} points are given")
        return tuple((code, number(told, line, "points")) for code, told in zip(named, given, strict=True))
    if vote_type in (CUMULATIVE, SCORING) and named:
        raise Malformed(line, f"a {vote_type} ballot needs the column points")
    if vote_type == ORDINAL:
        return tuple((code, Fraction(len(named) - at)) for at, code in enumerate(named))
    return tuple((code, Fraction(1)) for code in named)


def _beyond(limits: Mapping[str, Fraction], named: list[str], points: Sequence[tuple[str, Fraction]], projects: Mapping[str, Project]) -> list[str]:
    """Return the limits of META that a ballot does not keep."""
    if not limits:
        return []
    sums = sum((value for _code, value in points), Fraction(0))
    values = [value for _code, value in points]
    kept = {
        "min_length": lambda limit: len(named) >= limit, "max_length": lambda limit: len(named) <= limit,
        "min_points": lambda limit: all(value >= limit for value in values), "max_points": lambda limit: all(value <= limit for value in values),
        "min_sum_points": lambda limit: sums >= limit, "max_sum_points": lambda limit: sums <= limit,
        "max_sum_cost": lambda limit: sum(projects[code].cost for code in named) <= limit,
    }  # fmt: skip
    return [key for key, limit in limits.items() if not kept[key](limit)]
