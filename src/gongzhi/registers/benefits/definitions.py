"""A benefit as data: reading a definition, its faults with their places, its words. Pure.

    code: rent-subsidy
    title: 小微企业房租补贴
    for: firm                                   # firm | resident
    source: 《小微企业扶持办法》
    clause: 第三条
    way: unasked                                # unasked 免申即享 | asked 快申快享
    amount: 5000.00                             # yuan; or a rate of a field:
    rate: {of: tax, percent: 10, most: 20000.00}
    every: year                                 # once | year | month
    budget: 1000000.00                          # for as long as the version holds; left out: none
    from: 2026-01-01
    until: 2026-12-31                           # left out: until it is replaced
    not_with: [tax-relief]                      # had beside one of these it is not paid: the greater one is
    together: {group: rent, most: 30000.00}     # what all of a group come to, at most
    criteria: {all: [...]}                      # foundation/criteria

Amounts are yuan with at most two decimals; a rate is exact and its amount rounded half up to the cent.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.foundation.criteria import language, units
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.subjects import Field, Sort, Subject
from gongzhi.kernel import moments
from gongzhi.registers.book import money

SUBJECTS = ("firm", "resident")
WAYS = (("unasked", gettext_lazy("paid without asking")), ("asked", gettext_lazy("paid on a quick request")))
EVERY = (("once", gettext_lazy("once")), ("year", gettext_lazy("every year")), ("month", gettext_lazy("every month")))
KNOWN = frozenset({
    "code", "title", "for", "source", "clause", "way", "amount", "rate", "every", "budget", "from", "until", "not_with", "together", "criteria",
})  # fmt: skip
CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
MOST_CONDITIONS = 60  # of one benefit: their answers are kept as bits
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)


class BadBenefit(ValueError):
    """A definition cannot be used; `faults` are (place, sentence), every one of them."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{place or '/'}: {words}" for place, words in faults))


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a field's amount: `factor` turns the field's number (in ten-thousandths) into cents, before rounding."""

    field: Field
    percent: Fraction
    most: int | None
    factor: Fraction

    def cents(self, held: int) -> int:
        """Return the amount in cents for a field's number in ten-thousandths; a field below nought gives nothing."""
        found = money.to_cent(Fraction(held) * self.factor / 100)
        return max(0, found if self.most is None else min(found, self.most))


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit as it is read from its definition; amounts in cents."""

    code: str
    title: str
    subject: str
    source: str
    clause: str
    way: str
    cents: int | None
    rate: Rate | None
    every: str
    budget: int | None
    starts_on: date
    ends_on: date | None
    not_with: frozenset[str]
    group: str
    group_most: int | None
    node: language.Node
    key: int = 0  # by which whoever keeps benefits knows this version

    @property
    def conditions(self) -> tuple[language.Node, ...]:
        """Return the conditions that are judged and told one by one: the parts of an outermost `all`."""
        return self.node.parts if isinstance(self.node, language.Group) and self.node.how == "all" else (self.node,)

    def holds_on(self, day: date) -> bool:
        """Return whether it holds on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def period_of(self, day: date) -> str:
        """Return the period in which a day lies, for which it is paid once: 2026, 2026-11, once."""
        return {"year": f"{day:%Y}", "month": f"{day:%Y-%m}"}.get(self.every, "once")

    @property
    def asked(self) -> tuple[language.Asked, ...]:
        """Return the questions that a person confirms."""
        return tuple(one for one in language.walk(self.node) if isinstance(one, language.Asked))

    @property
    def amount_words(self) -> str:
        """Return what is paid, as people read it."""
        every = dict(EVERY)[self.every]
        if self.rate is None:
            return _("%(yuan)s yuan, %(every)s") % {"yuan": f"{money.yuan(self.cents or 0):,}", "every": every}
        words = _("%(percent)s %% of “%(field)s”") % {"percent": language.plain(self.rate.percent), "field": self.rate.field.title}
        if self.rate.most is not None:
            words += _(", at most %(yuan)s yuan") % {"yuan": f"{money.yuan(self.rate.most):,}"}
        return _("%(what)s, %(every)s") % {"what": words, "every": every}


def digest(raw: Mapping[str, Any]) -> str:
    """Return the digest of a definition, by which a trial of exactly this one is known."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition as it is kept: days as text, amounts as written."""

    def one(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): one(part) for name, part in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [one(part) for part in value]
        if isinstance(value, date):
            return value.isoformat()
        return str(value) if isinstance(value, Decimal) else value

    return {name: value for name, value in one(raw).items() if value not in (None, "", [], {})}


class _Reader:
    def __init__(self, raw: Any, parameters: language.Parameters, on: date | None, place: str, fields: Mapping[str, Subject]) -> None:
        self.raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        self.parameters, self.on, self.place, self.fields = parameters, on, place, fields
        self.faults: list[tuple[str, str]] = [] if isinstance(raw, Mapping) else [(place, _("a benefit is a mapping of names to values"))]

    def bad(self, name: str, words: str) -> None:
        self.faults.append(("/".join(part for part in (self.place, name) if part), words))

    def text(self, name: str, most: int, *, needed: bool = True) -> str:
        value = self.raw.get(name, "")
        if value is None:
            value = ""
        if not isinstance(value, str) or len(value.strip()) > most or "\0" in value:
            self.bad(name, _("a text of at most %(n)s signs is needed") % {"n": most})
            return ""
        if needed and not value.strip():
            self.bad(name, _("it is missing"))
        return value.strip()

    def one_of(self, name: str, choices: Iterable[str], default: str = "") -> str:
        value = self.raw.get(name, default)
        known = list(choices)
        if value not in known:
            self.bad(name, _("one of %(all)s is needed") % {"all": ", ".join(known)})
            return known[0]
        return str(value)

    def cents(self, name: str, value: Any) -> int | None:
        if value is None or value == "":
            return None
        try:
            found = money.cents(Decimal(repr(value)) if isinstance(value, float) else value)
        except money.BadAmount as bad:
            self.bad(name, str(bad))
            return None
        if found <= 0:
            self.bad(name, _("an amount above nought is needed"))
            return None
        return found

    def day(self, name: str) -> date | None:
        value = self.raw.get(name)
        if value in (None, ""):
            return None
        try:
            found = language.day(value)
        except language.BadValue as bad:
            self.bad(name, str(bad))
            return None
        if not moments.is_in_reach(found):
            self.bad(name, _("a day such as 2026-01-31 is needed"))
            return None
        return found

    def rate(self, subject: Subject | None) -> Rate | None:
        value = self.raw.get("rate")
        if value is None:
            return None
        if not isinstance(value, Mapping) or not {"of", "percent"} <= set(value) <= {"of", "percent", "most"}:
            self.bad("rate", _("a rate has of, percent and perhaps most"))
            return None
        about = subject.field(str(value["of"])) if subject else None
        if about is None or about.sort is not Sort.NUMBER:
            self.bad("rate/of", _("there is no field %(code)s") % {"code": str(value["of"])[:40]})
            return None
        try:
            factor = Fraction(1)
            if not about.unit.startswith("CNY"):
                raise units.BadUnit(about.unit)
            factor = Fraction(10_000 if about.unit.startswith("CNY10k") else 1)
            percent = language.number(value["percent"])
        except units.BadUnit:
            self.bad("rate/of", _("a field in yuan is needed"))
            return None
        except language.BadValue as bad:
            self.bad("rate/percent", str(bad))
            return None
        if not 0 < percent <= 1_000:
            self.bad("rate/percent", _("a share above nought is needed"))
            return None
        # ten-thousandths of the field's unit → yuan → cents; `cents` divides by the hundred of the percent
        exact = factor / language.PLACES * percent
        return Rate(about, percent, self.cents("rate/most", value.get("most")), exact)

    def codes(self, name: str) -> frozenset[str]:
        value = self.raw.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) and CODE.fullmatch(one) for one in value) or len(value) > 100:
            self.bad(name, _("a list of codes of benefits is needed"))
            return frozenset()
        if self.raw.get("code") in value:
            self.bad(name, _("a benefit does not exclude itself"))
        return frozenset(value)

    def together(self) -> tuple[str, int | None]:
        value = self.raw.get("together")
        if value is None:
            return "", None
        if not isinstance(value, Mapping) or set(value) != {"group", "most"} or not isinstance(value["group"], str) or not CODE.fullmatch(value["group"]):
            self.bad("together", _("a limit has group (a code) and most (yuan)"))
            return "", None
        return value["group"], self.cents("together/most", value["most"])

    def criteria(self, subject: Subject | None) -> language.Node | None:
        if subject is None:
            return None
        if "criteria" not in self.raw:
            self.bad("criteria", _("it is missing"))
            return None
        try:
            node = language.read(self.raw["criteria"], subject, self.parameters, on=self.on)
        except language.BadCriterion as bad:
            for fault in bad.faults:
                at, _colon, words = fault.partition(": ")
                self.bad("criteria" + ("" if at == "/" else at), words)
            return None
        conditions = node.parts if isinstance(node, language.Group) and node.how == "all" else (node,)
        if not conditions:
            self.bad("criteria", _("it asks nothing, so everybody would be entitled"))
        if len(conditions) > MOST_CONDITIONS:
            self.bad("criteria", _("at most %(n)s conditions; put some together in a group") % {"n": MOST_CONDITIONS})
        return node

    def read(self, key: int) -> Benefit | None:
        for name in sorted(str(name) for name in set(self.raw) - KNOWN):
            self.bad(name[:40], _("it has no meaning here"))
        code = self.raw.get("code")
        if not isinstance(code, str) or not CODE.fullmatch(code):
            self.bad("code", _("a code has small letters, digits and hyphens, at most 40"))
        which = self.one_of("for", SUBJECTS)
        subject = self.fields.get(which) or registry.subject(which)
        cents, rate = self.cents("amount", self.raw.get("amount")), self.rate(subject)
        if ("amount" in self.raw and self.raw["amount"] not in (None, "")) == (self.raw.get("rate") is not None):
            self.bad("amount", _("an amount or a rate is needed, one of them"))
        starts_on, ends_on = self.day("from"), self.day("until")
        if not self.raw.get("from"):
            self.bad("from", _("it is missing"))
        if starts_on and ends_on and ends_on < starts_on:
            self.bad("until", _("it ends before it begins (%(day)s)") % {"day": starts_on.isoformat()})
        group, most = self.together()
        node = self.criteria(subject)
        found: dict[str, Any] = {
            "title": self.text("title", 80), "source": self.text("source", 200), "clause": self.text("clause", 60),
            "way": self.one_of("way", [code for code, _word in WAYS], "unasked"), "every": self.one_of("every", [code for code, _word in EVERY], "once"),
            "budget": self.cents("budget", self.raw.get("budget")), "not_with": self.codes("not_with"),
        }  # fmt: skip
        if found["way"] == "unasked" and node is not None and any(isinstance(one, language.Asked) for one in language.walk(node)):
            self.bad("way", _("what asks a person to confirm something is paid on a request only (asked)"))
        if self.faults or node is None:
            return None
        return Benefit(
            code=str(code), subject=which, cents=cents, rate=rate, starts_on=starts_on or FIRST_DAY, ends_on=ends_on, group=group, group_most=most,
            node=node, key=key, **found,
        )  # fmt: skip


def read(
    raw: Any, parameters: language.Parameters | None = None, *, on: date | None = None, place: str = "", key: int = 0,
    fields: Mapping[str, Subject] | None = None,
) -> Benefit:
    """Return the benefit of a definition; raise BadBenefit with every fault and its place. `on`: also refuse fields withdrawn on that day."""
    reader = _Reader(raw, parameters or {}, on, place, fields or {})
    found = reader.read(key)
    if found is None:
        raise BadBenefit(reader.faults)
    return found


def read_all(raw: Any, parameters: language.Parameters | None = None) -> list[Benefit]:
    """Return the benefits of a list (or of {benefits: [...]}); raise BadBenefit with every fault of all, each with its place (benefits/0/amount)."""
    listed = raw.get("benefits") if isinstance(raw, Mapping) else raw
    if not isinstance(listed, list) or not listed:
        raise BadBenefit([("benefits", _("a list of benefits is needed"))])
    faults: list[tuple[str, str]] = []
    found: list[Benefit] = []
    for index, one in enumerate(listed):
        try:
            found.append(read(one, parameters, place=f"benefits/{index}", key=index))
        except BadBenefit as bad:
            faults += bad.faults
    seen: set[str] = set()
    for one in found:
        if one.code in seen:
            faults.append((f"benefits/{one.key}/code", _("two benefits have the code %(code)s") % {"code": one.code}))
        seen.add(one.code)
    if faults:
        raise BadBenefit(faults)
    return found
