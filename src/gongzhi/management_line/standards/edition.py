"""Editions of a standard: which one held on a day, and where in it a rule stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class CannotAssess(ValueError):
    """The standard gives no answer for what was handed in; the sentence says what is wrong with it."""


class NoEdition(CannotAssess):
    """No edition held on that day, or none has that name."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A place in a standard: `GB 3095-2012 表 1`."""

    standard: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.standard} {self.place}".strip()


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence with its figures, put into the reader's language when it is shown."""

    sentence: Any
    figures: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return str(self.sentence) % {name: figure(value) for name, value in self.figures}


def why(sentence: Any, **figures: Any) -> Why:
    """Return a sentence that carries its figures; numbers are shown without idle zeros."""
    return Why(sentence, tuple(figures.items()))


def figure(value: Any) -> str:
    """Return a number as people write it: 35, 0.035, 1.5; other things as they are."""
    if isinstance(value, tuple):
        return _now(", ").join(figure(one) for one in value)
    if isinstance(value, float):
        text = f"{value:.6g}"
        return f"{value:.0f}" if "e+" in text else text
    return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition: `since` and `until` are its first and last day in force, `issued` its publication.

    The first edition of a family may be applied from its publication on, as was done with those of 2012 in stages.
    """

    code: str
    since: date
    until: date | None = None
    issued: date | None = None

    def at(self, place: str) -> Clause:
        """Return a clause of this edition."""
        return Clause(self.code, place)


Some = TypeVar("Some", bound=Edition)


def in_force(editions: Sequence[Some], on: date) -> Some:
    """Return the edition that held on a day; raises NoEdition with the days that are covered."""
    for edition in editions:
        if edition.since <= on and (edition.until is None or on <= edition.until):
            return edition
    first = editions[0]
    if first.issued and first.issued <= on < first.since:
        return first
    raise NoEdition(
        _now("No edition for %(day)s: the first one known here is %(code)s, from %(since)s.")
        % {"day": on, "code": first.code, "since": first.issued or first.since}
    )


def named(editions: Sequence[Some], name: str) -> Some:
    """Return an edition by its code or its year (`HJ 633-2012`, `2012`)."""
    wanted = "".join(name.split()).upper()
    for edition in editions:
        code = "".join(edition.code.split()).upper()
        if wanted in (code, code.rsplit("-", 1)[-1]):
            return edition
    raise NoEdition(_now("There is no edition “%(name)s”; known: %(codes)s.") % {"name": name, "codes": ", ".join(edition.code for edition in editions)})


def chosen(editions: Sequence[Some], on: date | None, edition: str | Some | None) -> Some:
    """Return the edition asked for by name, else the one in force on the day."""
    if isinstance(edition, str):
        return named(editions, edition)
    if edition is not None:
        return edition
    if on is None:
        raise NoEdition(_now("Either a day or an edition must be given."))
    return in_force(editions, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a limit says of a value. `keeps` is None when it cannot be judged; `times_over` = (value - limit) / limit."""

    item: str
    value: float | None
    limit: float | None
    unit: str
    keeps: bool | None
    clause: Clause
    why: Why
    times_over: float | None = None


def against(*, item: str, label: Any, value: float | None, limit: float, unit: str, clause: Clause, in_times: bool = True) -> Judgement:
    """Judge a value by an upper limit, the limit itself included. `in_times` is off for decibels, which have no multiples."""
    figures = {"item": label, "value": value, "limit": limit, "unit": unit, "clause": clause}
    if value is None:
        return Judgement(
            item=item,
            value=None,
            limit=limit,
            unit=unit,
            keeps=None,
            clause=clause,
            why=why(_("%(item)s was not measured, so %(clause)s cannot be applied."), **figures),
        )
    value = number(value, item)
    figures["value"] = value
    if value <= limit:
        sentence = why(_("%(item)s %(value)s %(unit)s keeps the limit of %(limit)s %(unit)s (%(clause)s)."), **figures)
        return Judgement(item=item, value=value, limit=limit, unit=unit, keeps=True, clause=clause, why=sentence)
    if not in_times or not limit:
        sentence = why(
            _("%(item)s %(value)s %(unit)s is over the limit of %(limit)s %(unit)s by %(excess)s %(unit)s (%(clause)s)."),
            excess=round(value - limit, 6),
            **figures,
        )
        return Judgement(item=item, value=value, limit=limit, unit=unit, keeps=False, clause=clause, why=sentence)
    times = (value - limit) / limit
    figures["times"] = round(times, 2)
    sentence = why(_("%(item)s %(value)s %(unit)s is over the limit of %(limit)s %(unit)s by %(times)s times (%(clause)s)."), **figures)
    return Judgement(item=item, value=value, limit=limit, unit=unit, keeps=False, clause=clause, why=sentence, times_over=times)


def number(value: Any, item: str) -> float:
    """Return a finite number; raises CannotAssess that names the item."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = float("nan")
    if found != found or found in (float("inf"), float("-inf")):
        raise CannotAssess(_now("%(item)s: “%(value)s” is not a number.") % {"item": item, "value": value})
    return found
