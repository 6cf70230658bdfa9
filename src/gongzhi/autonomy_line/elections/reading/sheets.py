"""CSV of ballots, both shared kinds: ranks with a header, and numbered candidates without one. Pure.

With a header: columns `rank1`, `rank2`, … (also `choice 1`, `选择1`), an optional `count` of ballots that say the same, other columns are passed over.
A cell holds a candidate, nothing, or a word for what the scanner read there; the words are those of the rules, else the usual ones.

Without: the first line has the numbers of candidates and seats, then each line a count and the numbers in order, then one line per candidate
("Candidate 1", name, party) and the name of the district (the files of the Scottish council elections, github.com/mggg/scot-elex).
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gongzhi.autonomy_line.elections.contests import OVERVOTE, WRITE_INS, Ballot, Contest, Malformed, Rank

RANK = re.compile(r"(?:rank|choice|preference|pref|选择|排名|第)\s*[_ -]?\s*(\d{1,3})(?:\s*(?:选择|位|名|st|nd|rd|th))?", re.IGNORECASE)
ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)\s+(?:rank|choice|preference)", re.IGNORECASE)
COUNTS = frozenset({"count", "ballots", "weight", "number", "票数", "张数"})
USUAL_SKIPPED = frozenset({"", "undervote", "skipped", "blank", "空", "空白"})
USUAL_OVERVOTE = frozenset({"overvote", "重选"})
USUAL_WRITE_IN = frozenset({"uwi", "undeclared write-ins", "write-in", "另选他人"})
MOST_BALLOTS = 10**9


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The words that cells of a file use for what is no candidate, and which names are the same person."""

    skipped: frozenset[str] = USUAL_SKIPPED
    overvote: frozenset[str] = USUAL_OVERVOTE
    write_in: frozenset[str] = USUAL_WRITE_IN
    delimiter: str = ""
    blank_is_write_in: bool = False
    names: Mapping[str, str] = field(default_factory=dict)  # every name a file may use → the candidate
    candidates: tuple[str, ...] = ()  # empty: whoever is named stands


def read(text: str, *, labels: Labels | None = None, seats: int | None = None) -> Contest:
    """Return the contest of a CSV; `seats` is for files that do not say it (default: one)."""
    rows = _rows(text)
    if not rows:
        raise Malformed(1, "the file is empty")
    number, first = rows[0]
    cells = [cell for cell in first if cell]
    if all(re.fullmatch(r"-?\d+", cell) for cell in cells):
        return _numbered(rows)
    return _ranked(number, first, rows[1:], labels or Labels(), 1 if seats is None else seats)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, each with the line it begins in."""
    if "\0" in text:
        raise Malformed(text.count("\n", 0, text.index("\0")) + 1, "there is a zero byte")
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in (",", ";", "\t") if mark in head), ",")
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return found
        except csv.Error as error:
            raise Malformed(line, f"this is not CSV ({error})") from error
        cells = [cell.strip() for cell in row]
        if any(cells):
            found.append((line, cells))
        line = reader.line_num + 1


def _how_many(told: str, line: int) -> Fraction:
    if not re.fullmatch(r"\d{1,12}", told) or not 0 < int(told) <= MOST_BALLOTS:
        raise Malformed(line, f"the count {told!r} is no whole number of ballots above zero")
    return Fraction(int(told))


def _ranked(number: int, header: Sequence[str], rows: Sequence[tuple[int, list[str]]], labels: Labels, seats: int) -> Contest:
    places: dict[int, int] = {}
    count = None
    for column, title in enumerate(header):
        if title.casefold() in COUNTS:
            if count is not None:
                raise Malformed(number, f"two columns tell how many ballots there are ({title!r} is the second)")
            count = column
        elif said := RANK.fullmatch(title) or ORDINAL.fullmatch(title):
            rank = int(said.group(1))
            if rank in places.values():
                raise Malformed(number, f"two columns are for rank {rank}")
            if rank:
                places[column] = rank
    if not places:
        raise Malformed(number, "no column is a rank; the header names them rank1, rank2 and so on")
    highest = max(places.values())
    if missing := set(range(1, highest + 1)) - set(places.values()):
        raise Malformed(number, f"there is a column for rank {highest}, but none for rank {min(missing)}")
    ballots = []
    seen: dict[str, None] = {}
    for line, row in rows:
        if len(row) > len(header) and any(row[len(header) :]):
            raise Malformed(line, f"this line has {len(row)} cells; the header has {len(header)}")
        ranks: list[Rank] = [()] * highest
        for column, rank in places.items():
            ranks[rank - 1] = _named(row[column] if column < len(row) else "", labels, line)
        told = row[count] if count is not None and count < len(row) else ""
        weight = _how_many(told, line) if count is not None else Fraction(1)
        ballots.append(Ballot(weight=weight, ranks=tuple(ranks)))
        seen.update(dict.fromkeys(name for rank_ in ranks for name in rank_ if name != OVERVOTE))
    if not ballots:
        raise Malformed(number, "there is no ballot below the header")
    if labels.candidates:
        standing = (*labels.candidates, *(name for name in seen if name not in labels.candidates))
    else:
        standing = tuple(seen)
    if not standing:
        raise Malformed(number, "no ballot names a candidate")
    return Contest(candidates=standing, seats=seats, ballots=tuple(ballots))


def _named(cell: str, labels: Labels, line: int) -> Rank:
    if not cell and labels.blank_is_write_in:
        return (WRITE_INS,)
    if not cell or cell.casefold() in labels.skipped:
        return ()
    if cell.casefold() in labels.overvote:
        return (OVERVOTE,)
    parts = [part.strip() for part in cell.split(labels.delimiter)] if labels.delimiter and labels.delimiter in cell else [cell]
    found: list[str] = []
    for part in parts:
        if not part or part.casefold() in labels.skipped:
            continue
        if part.casefold() in labels.write_in:
            name = WRITE_INS
        elif labels.candidates:
            known = labels.names.get(part)
            if known is None:
                raise Malformed(line, f"{part!r} is not among the candidates of the rules")
            name = known
        else:
            name = part
        if name not in found:
            found.append(name)
    return tuple(found)


def _numbered(rows: Sequence[tuple[int, list[str]]]) -> Contest:
    line, first = rows[0]
    cells = [cell for cell in first if cell]
    if len(cells) != 2:
        raise Malformed(line, "the first line gives two numbers: candidates and seats")
    standing, seats = int(cells[0]), int(cells[1])
    if standing < 1 or seats < 1:
        raise Malformed(line, "there is at least one candidate and one seat")
    given: list[tuple[int, Fraction, list[int]]] = []
    place = 1
    while place < len(rows) and re.fullmatch(r"-?\d+", rows[place][1][0] or "x"):
        line, row = rows[place]
        told = row
        while told and not told[-1]:
            told = told[:-1]
        weight = _how_many(told[0], line)
        prefs = []
        for cell in told[1:]:
            if not re.fullmatch(r"\d{1,6}", cell) or not 1 <= int(cell) <= standing:
                raise Malformed(line, f"there is no candidate {cell!r}; candidates have the numbers 1 to {standing}")
            if int(cell) in prefs:
                raise Malformed(line, f"candidate {cell} is named twice on one ballot")
            prefs.append(int(cell))
        given.append((line, weight, prefs))
        place += 1
    if not given:
        raise Malformed(line + 1, "there are no ballots after the first line")
    names: list[str] = []
    parties: dict[str, str] = {}
    for line, row in rows[place : place + standing]:
        said = re.fullmatch(r"candidate\s+(\d+)", row[0], re.IGNORECASE)
        if said is None or len(row) < 2 or not row[1]:
            raise Malformed(line, f'the line of candidate {len(names) + 1} should read: "Candidate {len(names) + 1}","name","party"')
        if int(said.group(1)) != len(names) + 1:
            raise Malformed(line, f"candidate {said.group(1)} stands where candidate {len(names) + 1} should")
        if row[1] in names:
            raise Malformed(line, f"two candidates are called {row[1]!r}")
        names.append(row[1])
        if len(row) > 2 and row[2]:
            parties[row[1]] = row[2]
    if len(names) < standing:
        raise Malformed(rows[-1][0], f"the first line says {standing} candidates; only {len(names)} are named")
    rest = rows[place + standing :]
    if len(rest) > 1 or (rest and re.match(r"candidate\s+\d+", rest[0][1][0], re.IGNORECASE)):
        raise Malformed(rest[-1][0], "there is more after the name of the district")
    ballots = tuple(Ballot(weight=weight, ranks=tuple((names[number - 1],) for number in prefs)) for _line, weight, prefs in given)
    return Contest(title=rest[0][1][0] if rest else "", candidates=tuple(names), seats=seats, ballots=ballots, parties=parties)
