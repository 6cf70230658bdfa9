"""BLT files: the format of Hill, Wichmann and Woodall (Algorithm 123) with what its users added to it. Pure.

    4 2              candidates, seats
    -2               withdrawn, as many as there are
    3 1 3 4 0        three ballots: 1, then 3, then 4; the 0 may be left out at the end of a line
    0                the end of the ballots
    "Adam" …         the names, then the title

Taken as well: comments (# and /* */), ballot ids in parentheses instead of a weight, equal preferences (`2=3`, `(2 3)`), skipped ones (`-`, or a 0
inside a line), decimal weights, several ballots in one line, and the lines `[nick …]`, `[tie …]`, `[withdrawn …]` of Droop. Other bracketed options
are passed over. A candidate named twice, an unknown number or a missing end is refused with its line.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from gongzhi.autonomy_line.elections.contests import Ballot, Contest, Malformed, Rank

WEIGHT = re.compile(r"\d{1,12}(?:\.\d{1,9})?|\d{1,9}/[1-9]\d{0,8}")
MOST_CANDIDATES = 5_000


def read(text: str) -> Contest:
    """Return the contest of a BLT file."""
    lines = _without_comments(text)
    if not lines:
        raise Malformed(1, "the file is empty")
    number, head = lines[0]
    said = re.match(r"(\d+)\s+(\d+)(?=\s|$)", head)
    if said is None:
        raise Malformed(number, "the first line gives two numbers: candidates and seats")
    standing, seats = int(said.group(1)), int(said.group(2))
    if not 1 <= standing <= MOST_CANDIDATES or seats < 1:
        raise Malformed(number, "there is at least one candidate and one seat")
    rest = head[said.end() :].strip()
    lines = ([(number, rest)] if rest else []) + lines[1:]
    return _Reading(standing=standing, seats=seats).read(lines)


def _without_comments(text: str) -> list[tuple[int, str]]:
    """Return the lines that say anything, with their numbers; what stands in quotes is no comment."""
    out: list[str] = []
    inside = quoted = False
    place = 0
    while place < len(text):
        sign = text[place]
        if inside:
            if text.startswith("*/", place):
                inside, place = False, place + 1
            elif sign == "\n":
                out.append(sign)
        elif sign == '"':
            quoted = not quoted
            out.append(sign)
        elif sign == "\n":
            quoted = False  # a name ends with its line
            out.append(sign)
        elif not quoted and text.startswith("/*", place):
            inside, place = True, place + 1
        elif not quoted and sign == "#" and (place == 0 or text[place - 1].isspace()):
            end = text.find("\n", place)
            place = len(text) if end < 0 else end
            continue
        else:
            out.append(sign)
        place += 1
    return [(number, line.strip()) for number, line in enumerate("".join(out).split("\n"), start=1) if line.strip()]


@dataclass(kw_only=True)
class _Reading:
    standing: int
    seats: int
    nicks: dict[str, int] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    ties: list[int] = field(default_factory=list)
    found: list[tuple[Fraction, tuple[tuple[int, ...], ...]]] = field(default_factory=list)

    def read(self, lines: list[tuple[int, str]]) -> Contest:
        place = self._options(lines)
        end = next((at for at in range(place, len(lines)) if lines[at][1] == "0"), None)
        if end is not None and not any('"' in line for _number, line in lines[place:end]):
            for number, line in lines[place:end]:
                self._line(number, line)
            after = lines[end + 1 :]
        else:
            after = self._stream(lines[place:])
        return self._named(after, lines[-1][0] if lines else 1)

    def _options(self, lines: list[tuple[int, str]]) -> int:
        """Take withdrawn candidates and bracketed options before the ballots; return where the ballots begin."""
        place = 0
        while place < len(lines):
            number, line = lines[place]
            if line.startswith("["):
                said = re.fullmatch(r"\[\s*(\w+)\s*([^\]]*)\]", line)
                if said is None:
                    raise Malformed(number, "an option in brackets ends on its line")
                self._option(number, said.group(1).lower(), said.group(2).split())
                place += 1
                continue
            minus = re.match(r"(?:-\d+(?=\s|$)\s*)+", line)
            if minus is None:
                return place
            for told in minus.group().split():
                self.withdrawn.add(self._candidate(number, told[1:]))
            if line[minus.end() :]:
                lines[place] = (number, line[minus.end() :])
                return place
            place += 1
        return place

    def _option(self, number: int, word: str, given: list[str]) -> None:
        if word == "nick":
            if len(given) != self.standing or len(set(given)) != len(given):
                raise Malformed(number, f"[nick …] gives each of the {self.standing} candidates a short name of their own")
            self.nicks = {nick: at for at, nick in enumerate(given, start=1)}
        elif word == "tie":
            self.ties = [self._candidate(number, told) for told in given]
        elif word == "withdrawn":
            self.withdrawn |= {self._candidate(number, told) for told in given}

    def _candidate(self, number: int, told: str) -> int:
        if told in self.nicks:
            return self.nicks[told]
        if not re.fullmatch(r"\d{1,6}", told) or not 1 <= int(told) <= self.standing:
            raise Malformed(number, f"there is no candidate {told!r}; candidates have the numbers 1 to {self.standing}")
        return int(told)

    def _line(self, number: int, line: str) -> None:
        """Read the ballots of one line: one, or several that each end with 0."""
        tokens = self._tokens(number, line)
        if "0" in tokens[1:-1]:
            whole = tokens[:-1] if tokens[-1] == "0" else tokens
            skipping = [told for told in whole[1:] if told != "0"]
            if len(set(skipping)) == len(skipping):  # a 0 inside a line is a place left out, unless that names somebody twice
                self._ballot(number, [whole[0], *("-" if told == "0" else told for told in whole[1:])])
                return
            start = 0
            for at, told in enumerate(tokens):
                if told == "0" and at > start:
                    self._ballot(number, tokens[start:at])
                    start = at + 1
            if start < len(tokens):
                self._ballot(number, tokens[start:])
            return
        self._ballot(number, tokens[:-1] if len(tokens) > 1 and tokens[-1] == "0" else tokens)

    def _tokens(self, number: int, line: str) -> list[str]:
        """Split a line; equal preferences in parentheses become `2=3`, an id in parentheses at the beginning becomes the weight one."""
        tokens: list[str] = []
        for part in re.findall(r"\([^)]*\)|[^\s()]+", line):
            if not part.startswith("("):
                tokens.append(part)
            elif not tokens or tokens[-1] == "0":
                tokens.append("1")
            else:
                tokens.append("=".join(part[1:-1].replace("=", " ").split()))
        if line.count("(") != line.count(")"):
            raise Malformed(number, "a parenthesis is not closed")
        return tokens

    def _ballot(self, number: int, tokens: list[str]) -> None:
        if not WEIGHT.fullmatch(tokens[0]) or not Fraction(tokens[0]):
            raise Malformed(number, f"a ballot begins with how many there are of it, not with {tokens[0]!r}")
        ranks: list[tuple[int, ...]] = []
        named: set[int] = set()
        for told in tokens[1:]:
            rank = () if told == "-" else tuple(self._candidate(number, one) for one in told.split("="))
            for one in rank:
                if one in named:
                    raise Malformed(number, f"candidate {one} is named twice on one ballot")
                named.add(one)
            ranks.append(rank)
        self.found.append((Fraction(tokens[0]), tuple(ranks)))

    def _stream(self, lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
        """Read ballots that do not keep to lines: each ends with 0, one more 0 ends them all; return what follows."""
        ballot: list[str] = []
        for at, (number, line) in enumerate(lines):
            if line.startswith('"'):
                raise Malformed(number, "the names begin, but the ballots have no end (a 0 by itself)")
            place = 0
            for part in re.finditer(r"\([^)]*\)|[^\s()]+", line):
                told = part.group()
                if told.startswith('"'):
                    raise Malformed(number, "the names begin, but the ballots have no end (a 0 by itself)")
                place = part.end()
                if told != "0":
                    ballot += self._tokens(number, told) if not told.startswith("(") or ballot else ["1"]
                elif ballot:
                    self._ballot(number, ballot)
                    ballot = []
                else:
                    rest = line[place:].strip()
                    return ([(number, rest)] if rest else []) + lines[at + 1 :]
        raise Malformed(lines[-1][0] if lines else 1, "the ballots have no end (a 0 by itself)")

    def _named(self, lines: list[tuple[int, str]], last: int) -> Contest:
        names: list[tuple[int, str]] = []
        for number, line in lines:
            names += [(number, name) for name in _names(number, line)]
        told = [name for _number, name in names[: self.standing]]
        if names and len(told) < self.standing:
            raise Malformed(last, f"the first line says {self.standing} candidates; only {len(told)} are named")
        for at, name in enumerate(told):
            if not name:
                raise Malformed(names[at][0], f"candidate {at + 1} has no name")
            if name in told[:at]:
                raise Malformed(names[at][0], f"two candidates are called {name!r}")
        called = told or [str(number) for number in range(1, self.standing + 1)]

        def rank_of(rank: tuple[int, ...]) -> Rank:
            return tuple(called[one - 1] for one in rank)

        return Contest(
            title=names[self.standing][1] if len(names) > self.standing else "",
            candidates=tuple(called), seats=self.seats,
            ballots=tuple(Ballot(weight=weight, ranks=tuple(map(rank_of, ranks))) for weight, ranks in self.found),
            withdrawn=frozenset(called[one - 1] for one in self.withdrawn), lots=tuple(called[one - 1] for one in self.ties),
        )  # fmt: skip


def _names(number: int, line: str) -> list[str]:
    """Return the names of a line: each in quotes (a quote inside doubled or after a backslash), or the line as it stands."""
    if not line.startswith('"'):
        return [line]
    found = []
    place = 0
    while place < len(line):
        said = re.compile(r'\s*"((?:[^"\\]|""|\\.)*)"\s*').match(line, place)
        if said is None:
            raise Malformed(number, "a name in quotes does not end")
        found.append(re.sub(r"\\(.)", r"\1", said.group(1).replace('""', '"')).strip())
        place = said.end()
    return found
