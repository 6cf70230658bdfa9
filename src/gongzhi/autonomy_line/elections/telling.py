"""A count of an election as one JSON object, for programs and people."""

from fractions import Fraction
from typing import Any

from gongzhi.autonomy_line.elections import blockvote, runoff, transfers, words
from gongzhi.autonomy_line.elections.contests import Contest, Count, Malformed, Round, plain
from gongzhi.autonomy_line.elections.reading import BLT, blt, sheets
from gongzhi.autonomy_line.elections.regulation import Rules


def tally(text: str, *, kind: str, rules: Rules | None = None, method: str = "", seats: int | None = None) -> dict[str, Any]:
    """Count a file of ballots and return what the count says; raise Malformed."""
    contest, rules = contest_of(text, kind=kind, rules=rules, method=method, seats=seats)
    return told(contest, count(contest, rules))


def contest_of(text: str, *, kind: str, rules: Rules | None = None, method: str = "", seats: int | None = None) -> tuple[Contest, Rules]:
    """Return the contest of a file and the rules by which it is counted: those given, else what the kind of file is usually counted by."""
    if seats is not None and seats < 1:
        raise Malformed(0, "at least one is elected")
    wanted = seats or (rules.seats if rules else None)
    contest = blt.read(text) if kind == BLT else sheets.read(text, labels=rules.labels if rules else None, seats=wanted)
    if rules is None:
        numbered = kind == BLT or bool(contest.title or contest.parties)
        rules = Rules(method=method or ("scottish" if kind != BLT and numbered else "stv" if kind == BLT else "runoff"))
    if rules.method == "runoff" and rules.tabulator is None:
        winners = wanted or contest.seats
        mode = runoff.SINGLE if winners == 1 else runoff.SEVERAL
        rules = Rules(**{**vars(rules), "tabulator": runoff.Regulation(winners=winners, mode=mode)})
    known = set(contest.candidates)
    for word, names in (("lots", rules.lots), ("posts", tuple(rules.posts)), ("relatives", tuple(name for pair in rules.relatives for name in pair))):
        if unknown := [name for name in names if name not in known]:
            raise Malformed(0, f"rules: {word} names {unknown[0]!r}, who is no candidate")
    changed: dict[str, Any] = {**vars(contest)}
    if wanted:
        changed["seats"] = wanted
    if rules.lots:
        changed["lots"] = rules.lots
    if rules.title and not contest.title:
        changed["title"] = rules.title
    return Contest(**changed), rules


def count(contest: Contest, rules: Rules) -> Count:
    """Count a contest by rules."""
    match rules.method:
        case "stv":
            return transfers.count(contest)
        case "scottish":
            return transfers.count(contest, places=5)
        case "runoff":
            return runoff.count(contest, rules.tabulator or runoff.Regulation(winners=contest.seats))
        case "approval":
            return blockvote.approval(contest)
        case "second-round":
            return blockvote.second_round(
                contest, took_part=rules.took_part, relatives=rules.relatives, posts=rules.posts, seated=rules.seated,
            )  # fmt: skip
        case _block:
            return blockvote.count(
                contest, registered=rules.registered, took_part=rules.took_part, most=rules.most_crosses, relatives=rules.relatives, posts=rules.posts,
            )  # fmt: skip


def told(contest: Contest, counted: Count) -> dict[str, Any]:
    """Return a count as plain data; numbers are exact, in digits."""
    return {
        "kind": "election",
        "title": contest.title,
        "rule": counted.rule,
        "rule_in_words": words.rule(counted.rule),
        "seats": counted.seats,
        "candidates": list(contest.candidates),
        "withdrawn": [name for name in contest.candidates if name in contest.withdrawn],
        "ballots": {"cast": plain(counted.cast), "valid": plain(counted.valid), "void": plain(counted.void), "blank": plain(counted.blank)},
        "winners": counted.winners(contest.candidates),
        "in_order": list(counted.elected),
        "open_seats": counted.open_seats,
        "second_round": list(counted.second_round),
        "rounds": [_round(one) for one in counted.rounds],
        "ties": [
            {"round": tie.round, "between": list(tie.between), "about": tie.about, "settled_by": tie.settled_by, "for": tie.for_} for tie in counted.ties
        ],
        "steps": [words.say(one) for one in counted.steps],
        "differs": [],
    }


def _round(one: Round) -> dict[str, Any]:
    def digits(votes: Fraction) -> str | None:
        return plain(votes)

    return {
        "round": one.number,
        "threshold": plain(one.needed),
        "tally": {name: digits(votes) for name, votes in one.tally.items()},
        "elected": list(one.elected),
        "eliminated": list(one.eliminated),
        "transfers": {giver: {to: digits(votes) for to, votes in sent.items()} for giver, sent in one.transfers.items()},
        "inactiveBallots": {why: digits(votes) for why, votes in one.inactive.items()},
        "exact": {name: str(votes) for name, votes in one.tally.items() if Fraction(plain(votes) or 0) != votes},
        "words": [words.say(step) for step in one.steps],
    }
