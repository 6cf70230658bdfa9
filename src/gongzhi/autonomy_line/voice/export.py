"""A folder as Polis exports it becomes votes: `votes.csv` (every vote, the last of a voter counts) or `participants-votes.csv`, and `comments.csv`. Pure.

Exports say agree 1, disagree -1, pass 0. Older ones say it the other way round; where `comments.csv` tells how many agreed and disagreed, its counts
decide. `moderated` -1 takes a statement out.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gongzhi.autonomy_line.voice.opinionmap import Votes

META_COLUMNS = ("participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree")
MOST_CELLS = 60_000_000


class BadExport(ValueError):
    """A folder that is no export of votes: which file, which line (0: the file as a whole), why."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}: line {line}: {reason}" if line else f"{file}: {reason}")
        self.file, self.line, self.reason = file, line, reason


@dataclass(frozen=True, kw_only=True)
class Export:
    """What a folder holds."""

    votes: Votes
    texts: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, str] = field(default_factory=dict)  # participant → group, where the export says it
    turned: bool = False  # whether agree and disagree were the other way round


def read(folder: Path) -> Export:
    """Return the export of a folder; raise BadExport."""
    texts, left_out, told = _comments(folder)
    published: dict[str, str] = {}
    given: dict[str, dict[str, float]] = {}
    if (folder / "participants-votes.csv").exists():
        given, published = _table(folder)
    if (folder / "votes.csv").exists():
        given = _listed(folder)
    if not given:
        raise BadExport(folder.name, 0, "there is neither votes.csv nor participants-votes.csv with votes in it")
    statements = sorted({statement for votes in given.values() for statement in votes}, key=_natural)
    participants = sorted((name for name, votes in given.items() if votes), key=_natural)
    if len(statements) * len(participants) > MOST_CELLS:
        raise BadExport(folder.name, 0, f"{len(participants)} people and {len(statements)} statements are more than fit ({MOST_CELLS:,} cells)")
    column = {statement: at for at, statement in enumerate(statements)}
    matrix = np.full((len(participants), len(statements)), np.nan)
    for row, name in enumerate(participants):
        for statement, value in given[name].items():
            matrix[row, column[statement]] = value
    turned = _is_turned(matrix, statements, told)
    if turned:
        matrix = -matrix
    votes = Votes(participants=tuple(participants), statements=tuple(statements), matrix=matrix, left_out=frozenset(left_out) & set(statements))
    return Export(votes=votes, texts=texts, published=published, turned=turned)


def _natural(name: str) -> tuple[int, int, str]:
    return (0, int(name), "") if name.isascii() and name.isdigit() and len(name) < 19 else (1, 0, name)


def _rows(folder: Path, name: str, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a file with their lines, each as column → value."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.reader(opened)
        try:
            header = next(reader, None)
            if header is None:
                raise BadExport(name, 1, "the file is empty")
            columns = [title.strip() for title in header]
            if missing := [title for title in needed if title not in columns]:
                raise BadExport(name, 1, f"there is no column {missing[0]}")
            line = reader.line_num + 1
            for row in reader:
                if row:
                    yield line, dict(zip(columns, row, strict=False))
                line = reader.line_num + 1
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadExport(name, reader.line_num + 1, f"this is not CSV in UTF-8 ({error})") from error


def _value(name: str, line: int, told: str) -> float:
    try:
        value = float(told)
    except ValueError as error:
        raise BadExport(name, line, f"the vote {told!r} is none of 1, 0, -1") from error
    if value not in (-1.0, 0.0, 1.0):
        raise BadExport(name, line, f"the vote {told!r} is none of 1, 0, -1")
    return value


def _listed(folder: Path) -> dict[str, dict[str, float]]:
    """Return the last vote of each voter on each statement; of the same moment, the one further down."""
    last: dict[tuple[str, str], tuple[float, float]] = {}
    for line, row in _rows(folder, "votes.csv", ("comment-id", "voter-id", "vote")):
        voter, statement = row.get("voter-id", "").strip(), row.get("comment-id", "").strip()
        if not voter or not statement:
            raise BadExport("votes.csv", line, "a vote has a voter-id and a comment-id")
        told = row.get("timestamp", "").strip()
        try:
            at = float(told) if told else 0.0
        except ValueError as error:
            raise BadExport("votes.csv", line, f"the timestamp {told!r} is not a number") from error
        value = _value("votes.csv", line, row.get("vote", "").strip())
        before = last.get((voter, statement))
        if before is None or at >= before[0]:
            last[voter, statement] = (at, value)
    found: dict[str, dict[str, float]] = {}
    for (voter, statement), (_at, value) in last.items():
        found.setdefault(voter, {})[statement] = value
    return found


def _table(folder: Path) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    found: dict[str, dict[str, float]] = {}
    groups: dict[str, str] = {}
    for line, row in _rows(folder, "participants-votes.csv", ("participant",)):
        name = row["participant"].strip()
        if not name:
            raise BadExport("participants-votes.csv", line, "a row has no participant")
        if name in found:
            raise BadExport("participants-votes.csv", line, f"the participant {name!r} is there twice")
        found[name] = {
            statement: _value("participants-votes.csv", line, told.strip())
            for statement, told in row.items() if statement not in META_COLUMNS and statement and told.strip()
        }  # fmt: skip
        if row.get("group-id", "").strip():
            groups[name] = row["group-id"].strip()
    return found, groups


def _comments(folder: Path) -> tuple[dict[str, str], set[str], dict[str, tuple[int, int]]]:
    """Return the texts, what moderation took out, and how many agreed and disagreed as the file says."""
    texts: dict[str, str] = {}
    left_out: set[str] = set()
    told: dict[str, tuple[int, int]] = {}
    if not (folder / "comments.csv").exists():
        return texts, left_out, told
    for line, row in _rows(folder, "comments.csv", ("comment-id",)):
        code = row["comment-id"].strip()
        if not code:
            raise BadExport("comments.csv", line, "a statement has no comment-id")
        texts[code] = row.get("comment-body", "").strip()
        if row.get("moderated", "").strip() == "-1":
            left_out.add(code)
        agrees, disagrees = row.get("agrees", "").strip(), row.get("disagrees", "").strip()
        if agrees.isdigit() and disagrees.isdigit():
            told[code] = (int(agrees), int(disagrees))
    return texts, left_out, told


def _is_turned(matrix: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", statements: list[str], told: Mapping[str, tuple[int, int]]) -> bool:
    """Return whether the counts of `comments.csv` fit only with the signs turned round."""
    as_is = turned = 0.0
    for at, statement in enumerate(statements):
        if statement in told:
            ups, downs = float((matrix[:, at] == 1).sum()), float((matrix[:, at] == -1).sum())
            agrees, disagrees = told[statement]
            as_is += abs(ups - agrees) + abs(downs - disagrees)
            turned += abs(downs - agrees) + abs(ups - disagrees)
    return turned < as_is / 2
