"""The rules of a count, read from JSON: ours (`{"method": "block", "seats": 3, …}`) or a tabulator's configuration (RCTab). Pure.

Ours: `method` is one of `METHODS`; `seats`; `candidates` (names); `lots` (the order of a lot that was drawn); for `block`: `registered` (voters on the
roll), `took_part` (who came; default: the ballots found), `valid_up_to` (crosses a ballot may have; default: the seats), `relatives`
(`[["A", "B"], …]`), `posts` (`{"A": 1}`: 1 is the highest), `seated` (for the second round: who was elected in the first).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from gongzhi.autonomy_line.elections import runoff
from gongzhi.autonomy_line.elections.contests import WRITE_INS, Malformed
from gongzhi.autonomy_line.elections.reading import sheets

METHODS = ("stv", "scottish", "runoff", "block", "second-round", "majority", "approval")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a rules file says, checked."""

    method: str
    seats: int | None = None
    candidates: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    labels: sheets.Labels = field(default_factory=sheets.Labels)
    tabulator: runoff.Regulation | None = None
    registered: int | None = None
    took_part: int | None = None
    most_crosses: int | None = None
    relatives: tuple[tuple[str, str], ...] = ()
    posts: Mapping[str, int] = field(default_factory=dict)
    seated: tuple[str, ...] = ()
    title: str = ""


def read(text: str) -> Rules:
    """Return the rules of a JSON file; raise Malformed with the line or the name of what cannot be used."""
    try:
        told = json.loads(text)
    except ValueError as error:
        raise Malformed(getattr(error, "lineno", 0), f"the rules are not JSON ({error})") from error
    if not isinstance(told, dict):
        raise Malformed(1, "the rules are one JSON object")
    if isinstance(told.get("rules"), dict):
        return _tabulator(told)
    return _ours(told)


def _whole(told: Mapping[str, Any], name: str, *, least: int = 0, default: int | None = None) -> int | None:
    """Return a whole number of a field: as a number or in digits; empty is the default."""
    value = told.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return default
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip().isascii() or not str(value).strip().isdigit():
        raise Malformed(0, f"rules: {name} is a whole number, not {value!r}")
    if int(value) < least:
        raise Malformed(0, f"rules: {name} is at least {least}")
    return int(value)


def _flag(told: Mapping[str, Any], name: str) -> bool:
    value = told.get(name, False)
    if not isinstance(value, bool):
        raise Malformed(0, f"rules: {name} is true or false, not {value!r}")
    return value


def _number(told: Mapping[str, Any], name: str) -> Fraction:
    value = told.get(name)
    if value is None or value == "":
        return Fraction(0)
    try:
        number = Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError) as error:
        raise Malformed(0, f"rules: {name} is a number, not {value!r}") from error
    if number < 0:
        raise Malformed(0, f"rules: {name} is not negative")
    return number


def _names(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = told.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise Malformed(0, f"rules: {name} is a list of names")
    if len(set(value)) != len(value):
        raise Malformed(0, f"rules: {name} has a name twice")
    return tuple(one.strip() for one in value)


def _ours(told: Mapping[str, Any]) -> Rules:
    method = told.get("method")
    if method not in METHODS:
        raise Malformed(0, f"rules: method is one of {', '.join(METHODS)}, not {method!r}")
    pairs = told.get("relatives", [])
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair) for pair in pairs):
        raise Malformed(0, 'rules: relatives is a list of pairs of names, [["A", "B"]]')
    posts = told.get("posts", {})
    if not isinstance(posts, dict) or not all(isinstance(rank, int) and not isinstance(rank, bool) and rank > 0 for rank in posts.values()):
        raise Malformed(0, "rules: posts gives each name the rank of the post, 1 for the highest")
    candidates = _names(told, "candidates")
    return Rules(
        method=method, seats=_whole(told, "seats", least=1), candidates=candidates, lots=_names(told, "lots"),
        labels=sheets.Labels(candidates=candidates, names={name: name for name in candidates}), registered=_whole(told, "registered", least=1),
        took_part=_whole(told, "took_part"), most_crosses=_whole(told, "valid_up_to", least=1), relatives=tuple((a, b) for a, b in pairs), posts=posts,
        seated=_names(told, "seated"), title=str(told.get("title", "")),
    )  # fmt: skip


def _tabulator(told: Mapping[str, Any]) -> Rules:
    rules = told["rules"]
    mode = rules.get("winnerElectionMode", runoff.SINGLE)
    overvotes = rules.get("overvoteRule", runoff.EXHAUST)
    tiebreak = rules.get("tiebreakMode", "stopCountingAndAsk")
    for name, value, known in (
        ("winnerElectionMode", mode, runoff.MODES), ("overvoteRule", overvotes, runoff.OVERVOTE_RULES), ("tiebreakMode", tiebreak, runoff.TIEBREAKS),
    ):  # fmt: skip
        if value not in known:
            raise Malformed(0, f"rules: {name} is one of {', '.join(sorted(known))}, not {value!r}")
    standing, excluded, names = _people(told.get("candidates", []))
    source = next((one for one in told.get("cvrFileSources") or [] if isinstance(one, dict)), {})
    skipped = _unlimited(rules, "maxSkippedRanksAllowed")
    regulation = runoff.Regulation(
        mode=mode, winners=_whole(rules, "numberOfWinners", least=0 if mode == runoff.BOTTOMS_UP_SHARE else 1, default=1) or 1, overvotes=overvotes,
        tiebreak=tiebreak, places=_whole(rules, "decimalPlacesForVoteArithmetic", default=4) or 0, least_votes=_number(rules, "minimumVoteThreshold"),
        most_skipped=skipped, most_ranks=_unlimited(rules, "maxRankingsAllowed"), exact_threshold=_flag(rules, "nonIntegerWinningThreshold"),
        first_round_threshold=_flag(rules, "doesFirstRoundDetermineThreshold"), hare=_flag(rules, "hareQuota"), batch=_flag(rules, "batchElimination"),
        until_two=_flag(rules, "continueUntilTwoCandidatesRemain"), last_round=_whole(rules, "stopTabulationEarlyAfterRound", least=1),
        repeated_exhausts=_flag(rules, "exhaustOnDuplicateCandidate"), excluded=excluded,
        seed=_seed(rules), cutoff=_flag(rules, "cutoffElimination"), share=_number(rules, "multiSeatBottomsUpPercentageThreshold") / 100,
    )  # fmt: skip
    if mode == runoff.BOTTOMS_UP_SHARE and not regulation.share:
        raise Malformed(0, "rules: multiSeatBottomsUpPercentageThreshold is needed where the mode is by share")
    labels = sheets.Labels(
        candidates=standing, names=names, skipped=_labels(source, "skippedRankLabel", sheets.USUAL_SKIPPED),
        overvote=_labels(source, "overvoteLabel", sheets.USUAL_OVERVOTE), write_in=_labels(source, "undeclaredWriteInLabel", frozenset()),
        delimiter=str(source.get("overvoteDelimiter") or ""),
        blank_is_write_in=_flag(source, "treatBlankAsUndeclaredWriteIn") or _flag(rules, "treatBlankAsUndeclaredWriteIn"),
    )  # fmt: skip
    if labels.write_in and WRITE_INS not in standing:
        labels = replace(labels, candidates=(*standing, WRITE_INS))
    title = (told.get("outputSettings") or {}).get("contestName", "")
    return Rules(method="runoff", seats=regulation.winners, candidates=labels.candidates, lots=(), labels=labels, tabulator=regulation, title=str(title))


def _seed(rules: Mapping[str, Any]) -> int | None:
    told = str(rules.get("randomSeed", "")).strip()
    if not told:
        return None
    try:
        return int(told)
    except ValueError as error:
        raise Malformed(0, f"rules: randomSeed is a whole number, not {told!r}") from error


def _unlimited(rules: Mapping[str, Any], name: str) -> int | None:
    return None if str(rules.get(name, "")).strip().lower() in ("", "unlimited", "max") else _whole(rules, name)


def _labels(source: Mapping[str, Any], name: str, usual: frozenset[str]) -> frozenset[str]:
    value = str(source.get(name) or "").strip().casefold()
    return frozenset({value, ""}) if value and name == "skippedRankLabel" else frozenset({value}) if value else usual


def _people(told: Any) -> tuple[tuple[str, ...], frozenset[str], dict[str, str]]:
    """Return the candidates of a tabulator's list, who of them is excluded, and every name by which each is called."""
    if not isinstance(told, list):
        raise Malformed(0, "rules: candidates is a list")
    standing: list[str] = []
    excluded: set[str] = set()
    names: dict[str, str] = {WRITE_INS: WRITE_INS}
    for one in told:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str) or not one["name"].strip():
            raise Malformed(0, "rules: each candidate has a name")
        name = one["name"].strip()
        aliases = [*(one.get("aliases") or []), one.get("code") or ""]
        for called in (name, *(str(alias).strip() for alias in aliases)):
            if called and names.setdefault(called, name) != name:
                raise Malformed(0, f"rules: two candidates are called {called!r}")
        standing.append(name)
        if one.get("excluded"):
            excluded.add(name)
    return tuple(standing), frozenset(excluded), names
