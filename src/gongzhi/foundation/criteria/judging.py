"""One subject judged: yes, no or unknown (Kleene's logic), and why. Pure.

Unknown is no hidden no: it says what is missing, and only where the missing matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.foundation.criteria import dates, language
from gongzhi.foundation.criteria.language import PLACES, Asked, BadValue, Clause, Count, Dated, Group, Node, Parameters
from gongzhi.foundation.criteria.subjects import Field, Sort, Subject

Answer = bool | None


@dataclass(frozen=True, slots=True)
class Reason:
    """What became of one condition, with those below it."""

    words: str
    answer: Answer
    held: str = ""
    missing: tuple[str, ...] = ()
    parts: "tuple[Reason, ...]" = ()

    @property
    def word(self) -> str:
        """Return yes, no or unknown for pages and programs."""
        return "unknown" if self.answer is None else "yes" if self.answer else "no"


def both(answers: list[Answer]) -> Answer:
    """Return whether all hold: no where one does not, else unknown where one is."""
    return False if False in answers else None if None in answers else True


def either(answers: list[Answer]) -> Answer:
    """Return whether one holds: yes where one does, else unknown where one is."""
    return True if True in answers else None if None in answers else False


def opposite(answer: Answer) -> Answer:
    return None if answer is None else not answer


def compare(value: Any, op: str, wanted: Any) -> bool:
    """Return whether two comparable values stand so to each other."""
    match op:
        case "=":
            return bool(value == wanted)
        case "!=":
            return bool(value != wanted)
        case "<":
            return bool(value < wanted)
        case "<=":
            return bool(value <= wanted)
        case ">":
            return bool(value > wanted)
        case ">=":
            return bool(value >= wanted)
        case "in":
            return value in wanted
        case "not_in":
            return value not in wanted
        case "has":
            return wanted in value
        case "has_not":
            return wanted not in value
        case "has_any":
            return bool(value & wanted)
        case "has_none":
            return not value & wanted
    raise ValueError(op)


def wanted_on(wanted: Any, parameters: Parameters, on: date) -> Any:
    """Return what is asked on a day: the value itself, or that of a parameter (None where none holds)."""
    if not isinstance(wanted, Dated):
        return wanted
    known = parameters.get(wanted.code)
    value = known.at(on) if known else None
    return None if value is None else value * wanted.factor


def of_count(least: int, most: int, op: str, wanted: Fraction) -> Answer:
    """Return what is known of a count that lies between two numbers."""
    if least == most:
        return compare(least, op, wanted)
    if op in ("=", "!="):
        possible = wanted.denominator == 1 and least <= wanted <= most
        return None if possible else op == "!="
    ends = {compare(least, op, wanted), compare(most, op, wanted)}
    return None if len(ends) == 2 else ends.pop()


class Judge:
    """Judges conditions about one subject's values on one day."""

    def __init__(self, values: Mapping[str, Any], *, on: date, parameters: Parameters | None = None, confirmed: Mapping[str, bool] | None = None) -> None:
        self.values, self.on, self.parameters, self.confirmed = values, on, parameters or {}, confirmed or {}

    def judge(self, node: Node) -> Reason:
        """Return the answer of a condition, with the reasons below it."""
        match node:
            case Group():
                return self._group(node)
            case Asked():
                answer = self.confirmed.get(node.code)
                return Reason(node.words, answer, missing=() if answer is not None else (node.words,))
            case Count():
                return self._count(node)
            case Clause():
                return self._clause(node)

    def _words(self, node: Node) -> str:
        return language.words(node, self.parameters, self.on)

    def _group(self, node: Group) -> Reason:
        parts = tuple(self.judge(part) for part in node.parts)
        answers = [part.answer for part in parts]
        answer = both(answers) if node.how == "all" else either(answers) if node.how == "any" else opposite(answers[0])
        missing = tuple(dict.fromkeys(one for part in parts if part.answer is None for one in part.missing)) if answer is None else ()
        return Reason(self._words(node), answer, missing=missing, parts=parts)

    def _held(self, about: Field) -> Any:
        """Return the value as it is compared; what does not fit its field is not known."""
        try:
            return language.held(about, self.values.get(about.code))
        except BadValue:
            return None

    def _unknown(self, node: Clause | Count, held: Any) -> Reason:
        assert isinstance(node.wanted, Dated) or held is None
        known = self.parameters.get(node.wanted.code) if isinstance(node.wanted, Dated) else None
        missing = (
            str(node.about.title)
            if held is None
            else _("the value of “%(title)s” on %(day)s") % {"title": known.title if known else getattr(node.wanted, "code", ""), "day": self.on.isoformat()}
        )
        return Reason(self._words(node), None, held=language.value_words(node.about, held), missing=(missing,))

    def _clause(self, node: Clause) -> Reason:
        held, wanted = self._held(node.about), wanted_on(node.wanted, self.parameters, self.on)
        if held is None or wanted is None:
            return self._unknown(node, held)
        shown = language.value_words(node.about, held)
        value: Any = held
        if node.measure:
            value = dates.since(held, self.on, node.measure)
            unit = language.units.word({"years": "year", "months": "month", "days": "day"}[node.measure])
            shown = f"{value} {unit} ({shown})"
        elif node.about.sort is Sort.NUMBER:
            value = Fraction(held, PLACES)
        return Reason(self._words(node), compare(value, node.op, wanted), held=shown)

    def _count(self, node: Count) -> Reason:
        records, wanted = self._held(node.about), wanted_on(node.wanted, self.parameters, self.on)
        if records is None or wanted is None:
            return self._unknown(node, records)
        below = [Judge(_raw(node.about, one), on=self.on, parameters=self.parameters).judge(node.where) for one in records]
        sure = sum(one.answer is True for one in below)
        perhaps = sum(one.answer is None for one in below)
        answer = of_count(sure, sure + perhaps, node.op, wanted)
        missing = tuple(dict.fromkeys(f"{node.about.title}: {what}" for one in below for what in one.missing)) if answer is None else ()
        return Reason(self._words(node), answer, held=str(sure) if not perhaps else f"{sure}–{sure + perhaps}", missing=missing)


def _raw(about: Field, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of a list with its numbers as they were given, since each is read where it is compared."""
    return {
        part.code: Fraction(record[part.code], PLACES) if part.sort is Sort.NUMBER and record[part.code] is not None else record[part.code]
        for part in about.fields
    }


def judge(node: Node, values: Mapping[str, Any], *, on: date, parameters: Parameters | None = None, confirmed: Mapping[str, bool] | None = None) -> Reason:
    """Return whether the values meet the condition on a day, with the reasons: what was held, what was asked, what is missing."""
    return Judge(values, on=on, parameters=parameters, confirmed=confirmed).judge(node)


def faults_of(subject: Subject, values: Mapping[str, Any]) -> dict[str, str]:
    """Return why values do not fit their fields, by field."""
    found = {}
    for about in subject.fields:
        try:
            language.held(about, values.get(about.code))
        except BadValue as bad:
            found[about.code] = str(bad)
    return found
