"""Questions to benefits: what the town gives, who is found for what and why, what a draft would cost, whom it reaches."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from django.db.models import QuerySet, Sum

from gongzhi.foundation.criteria import judging, language, masks
from gongzhi.foundation.criteria import queries as criteria
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor, system
from gongzhi.registers.benefits import definitions, matching, packing
from gongzhi.registers.benefits.models import Ask, Award, Batch, Benefit, BenefitVersion, Finding, Told
from gongzhi.registers.book import money
from gongzhi.registers.firms import queries as firms
from gongzhi.registers.residents import queries as residents

OWN = system("benefits")  # which matches everybody, whoever asks
SIZES = ("large", "medium", "small", "micro", "")
MOST_NAMED = 50
Values = Mapping[str, Any]


# ---- what the town gives --------------------------------------------------------------------------------------------
def benefits(*, seen_by: Actor) -> QuerySet[Benefit]:
    """Return the benefits, by title."""
    return Benefit.objects.visible_to(seen_by).order_by("subject", "title", "pk")


def benefit_for(*, seen_by: Actor, code: str) -> Benefit:
    """Return the benefit with this code; raise Benefit.DoesNotExist."""
    return Benefit.objects.visible_to(seen_by).get(code=code)


def versions(*, seen_by: Actor, benefit: Benefit) -> QuerySet[BenefitVersion]:
    """Return the versions of a benefit, the newest first."""
    return BenefitVersion.objects.visible_to(seen_by).filter(benefit=benefit).select_related("benefit").order_by("-number")


def draft_of(*, seen_by: Actor, benefit: Benefit) -> BenefitVersion | None:
    """Return the version that is being drafted."""
    return versions(seen_by=seen_by, benefit=benefit).filter(adopted_at__isnull=True).first()


def in_force(*, seen_by: Actor, on: date, subject: str = "") -> list[BenefitVersion]:
    """Return the version of each benefit that holds on a day: the newest adopted one that has begun, unless it is over."""
    found = BenefitVersion.objects.visible_to(seen_by).filter(adopted_at__isnull=False, starts_on__lte=on).select_related("benefit")
    if subject:
        found = found.filter(benefit__subject=subject)
    newest: dict[int, BenefitVersion] = {}
    for one in found.order_by("benefit_id", "number"):
        newest[one.benefit_id] = one
    return sorted((one for one in newest.values() if one.ends_on is None or one.ends_on >= on), key=lambda one: one.pk)


def version_on(*, seen_by: Actor, benefit: Benefit, on: date) -> BenefitVersion | None:
    """Return the version that holds on a day, or None."""
    return next((one for one in in_force(seen_by=seen_by, on=on, subject=benefit.subject) if one.benefit_id == benefit.pk), None)


@lru_cache(maxsize=4_000)
def _read(raw: bytes, parameters: frozenset[language.Parameter], key: int) -> definitions.Benefit:
    return definitions.read(orjson.loads(raw), {one.code: one for one in parameters}, key=key)


def terms_of(*, seen_by: Actor, version: BenefitVersion, parameters: Mapping[str, language.Parameter] | None = None) -> definitions.Benefit:
    """Return a version as it is read; raise BadBenefit where it can no longer be read. Versions are read once for a process."""
    known = criteria.parameters(seen_by=seen_by) if parameters is None else parameters
    return _read(orjson.dumps(version.definition, option=orjson.OPT_SORT_KEYS), frozenset(known.values()), version.pk)


def readable(
    *, seen_by: Actor, versions: Iterable[BenefitVersion], parameters: Mapping[str, language.Parameter]
) -> list[tuple[BenefitVersion, definitions.Benefit]]:
    """Return those versions that can be read, each as it is read. One whose field is gone stops no other."""
    found = []
    for one in versions:
        try:
            found.append((one, terms_of(seen_by=seen_by, version=one, parameters=parameters)))
        except definitions.BadBenefit:
            continue
    return found


# ---- matching -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Match:
    """What came of matching: the versions, the rows of the register, states and amounts."""

    versions: Sequence[BenefitVersion]
    rows: Sequence[Values]
    matched: matching.Matched
    on: date


def rows_of(*, seen_by: Actor, subject: str, on: date, ids: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Return the rows of the register as criteria compare them, those that the asker sees."""
    bring = firms.subject_rows if subject == "firm" else residents.subject_rows
    return bring(seen_by=seen_by, on=on, ids=ids)


def _confirmed(subject: str, rows: Sequence[Values], terms: Sequence[definitions.Benefit], on: date) -> dict[str, list[bool | None]]:
    """Return what was confirmed of each question, row by row, in the requests of the periods that run."""
    periods = {one.code: one.period_of(on) for one in terms if one.asked}
    if not periods:
        return {}
    asks = Ask.objects.filter(subject=subject, benefit__code__in=list(periods))
    if len(rows) < 100:
        asks = asks.filter(subject_id__in=[row["id"] for row in rows])
    place = {row["id"]: index for index, row in enumerate(rows)}
    found: dict[str, list[bool | None]] = {}
    for code, subject_id, period, confirmed in asks.values_list("benefit__code", "subject_id", "period", "confirmed"):
        if period == periods[code] and subject_id in place:
            for question, answer in confirmed.items():
                found.setdefault(question, [None] * len(rows))[place[subject_id]] = answer
    return found


def match(*, seen_by: Actor, subject: str, on: date, ids: Sequence[int] | None = None, instead: BenefitVersion | None = None) -> Match:
    """Match everybody of a subject (or these) with every benefit that holds on a day; `instead`: a draft in the place of its benefit's version."""
    known = criteria.parameters(seen_by=seen_by)
    held = [one for one in in_force(seen_by=seen_by, on=on, subject=subject) if instead is None or one.benefit_id != instead.benefit_id]
    both = readable(seen_by=seen_by, versions=[*held, *([instead] if instead else [])], parameters=known)
    rows = rows_of(seen_by=seen_by, subject=subject, on=on, ids=ids)
    terms = [one for _version, one in both]
    table = masks.Table(rows, _confirmed(subject, rows, terms, on))
    return Match([version for version, _terms in both], rows, matching.match(terms, table, on=on, parameters=known), on)


# ---- a draft, tried -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Trial:
    """Whom a draft meets: how many by size, how much money in a period, who just misses and by what."""

    total: int
    entitled: int
    nearly: int
    beside: int
    cents: int
    budget: int | None
    by_size: tuple[tuple[str, int, int], ...]  # size, how many, of them entitled
    misses: tuple[tuple[str, int], ...]  # the condition that alone fails, or what alone is missing; how many
    ids: tuple[int, ...]  # some of those who just miss
    faults: int

    @property
    def yuan(self) -> Decimal:
        return money.yuan(self.cents)

    @property
    def is_over(self) -> bool:
        return self.budget is not None and self.cents > self.budget


def trial(*, seen_by: Actor, version: BenefitVersion, on: date) -> Trial:
    """Return whom a version meets in the register beside the benefits that hold, on a day or on its first. Whoever asks: sums; faces admit by the rules."""
    day = max(on, version.starts_on)
    made = match(seen_by=OWN, subject=version.benefit.subject, on=day, instead=version)
    place = [one.pk for one in made.versions].index(version.pk)
    terms, matched = made.matched.benefits[place], made.matched
    states = matched.states[place]
    sizes: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    ids: list[int] = []
    known = criteria.parameters(seen_by=seen_by)
    words = [language.words(one, known, day) for one in terms.conditions]
    for row, values in enumerate(made.rows):
        size = str(values.get("size") or "")
        sizes[size] += 1
        reached[size] += bool(states[row] == matching.ENTITLED)
        if states[row] == matching.NEARLY:
            yes = int(matched.yes[place, row])
            misses.update(words[bit] for bit in range(len(words)) if not yes >> bit & 1)
            if len(ids) < MOST_NAMED:
                ids.append(int(values["id"]))
    return Trial(
        len(made.rows), int((states == matching.ENTITLED).sum()), int((states == matching.NEARLY).sum()), int((states == matching.BESIDE).sum()),
        int(matched.cents[place].sum()), terms.budget,
        tuple((size, sizes[size], reached[size]) for size in SIZES if sizes[size]), tuple(misses.most_common(8)), tuple(ids), len(matched.faults),
    )  # fmt: skip


# ---- what is found of one -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Found:
    """One benefit for one firm or resident: state, amount, each condition with its value and where that comes from, what was paid."""

    version: BenefitVersion
    terms: definitions.Benefit
    state: str  # entitled | nearly | not | beside
    cents: int
    reason: judging.Reason
    paid: Award | None
    is_asked: bool

    @property
    def yuan(self) -> Decimal:
        return money.yuan(self.cents)

    @property
    def conditions(self) -> tuple[judging.Reason, ...]:
        """Return the conditions one by one."""
        return self.reason.parts if isinstance(self.terms.node, language.Group) and self.terms.node.how == "all" else (self.reason,)

    @property
    def lacks(self) -> list[judging.Reason]:
        """Return the conditions that do not hold or are not known."""
        return [one for one in self.conditions if one.answer is not True]

    @property
    def may_be_asked(self) -> bool:
        """Return whether a quick request would be of use: it is paid on request, not asked yet, and nothing speaks against it but questions."""
        open_only = all(one.answer is None for one in self.lacks)
        return self.terms.way == "asked" and not self.is_asked and self.paid is None and (self.state == "entitled" or (self.state == "nearly" and open_only))


def found_of(*, seen_by: Actor, subject: str, subject_id: int, on: date) -> list[Found]:
    """Return every benefit that holds for a firm or resident, the entitled ones first; raise Finding.DoesNotExist where the asker may not see them."""
    Finding.objects.visible_to(seen_by).get(subject=subject, subject_id=subject_id)
    made = match(seen_by=OWN, subject=subject, on=on, ids=[subject_id])
    if not made.rows:
        return []
    known = criteria.parameters(seen_by=seen_by)
    asks = list(Ask.objects.filter(subject=subject, subject_id=subject_id))
    awards = list(Award.objects.filter(subject=subject, subject_id=subject_id, back_at__isnull=True).select_related("batch"))
    confirmed: dict[str, bool] = {}
    for one in asks:
        confirmed |= one.confirmed
    found = []
    for place, version in enumerate(made.versions):
        terms = made.matched.benefits[place]
        period = terms.period_of(on)
        found.append(Found(
            version, terms, matching.WORDS[int(made.matched.states[place, 0])], int(made.matched.cents[place, 0]),
            judging.judge(terms.node, made.rows[0], on=on, parameters=known, confirmed=confirmed),
            next((one for one in awards if one.benefit_id == version.benefit_id and one.period == period), None),
            any(one.benefit_id == version.benefit_id and one.period == period for one in asks),
        ))  # fmt: skip
    order = {"entitled": 0, "nearly": 1, "beside": 2, "not": 3}
    return sorted(found, key=lambda one: (order[one.state], -one.cents, one.version.benefit.title))


def sources_of(*, seen_by: Actor, subject: str, subject_id: int) -> dict[str, str]:
    """Return where the values of a firm come from, by the titles of criteria's fields. Whoever asks: they were shown the values."""
    if subject != "firm":
        return {}
    one = firms.firm_for(seen_by=OWN, firm_id=subject_id)
    told = firms.origins_of(seen_by=OWN, firm=one)
    fields = {"registered_on": "founded", "moved_in_on": "moved_in", "industry": "industry", "size": "size", "park": "areas"}
    found = {fields[name]: f"{origin.source} {origin.at:%Y-%m-%d}" for name, origin in told.items() if name in fields}
    for figure in reversed(list(firms.figures_of(seen_by=OWN, firm=one)[:200])):
        code = {"staff": "staff", "revenue": "turnover", "tax": "tax", "research": "research"}.get(figure.measure)
        if code:
            found[code] = f"{figure.source} {figure.period_words}"
    return found


def finding_of(*, seen_by: Actor, subject: str, subject_id: int) -> Finding | None:
    """Return what is kept of one, or None."""
    return Finding.objects.visible_to(seen_by).filter(subject=subject, subject_id=subject_id).first()  # type: ignore[no-any-return]


def kept_of(*, seen_by: Actor, finding: Finding) -> list[packing.Kept]:
    """Return the reasons that are kept of one, a record a benefit. Whoever asks: the finding is one that they may see."""
    return packing.unpacked(finding.reasons)


def own(*, seen_by: Actor) -> list[tuple[str, int, str]]:
    """Return the firms that the reader serves and the reader's own record, as (subject, id, name)."""
    found = []
    if seen_by.organ_ids:
        mine = firms.firms(seen_by=seen_by).filter(organ_id__in=sorted(seen_by.organ_ids))
        found += [("firm", one.pk, str(one)) for one in mine[:20]]
    resident = residents.resident_of_account(seen_by=seen_by, person_id=seen_by.person_id) if seen_by.person_id else None
    if resident is not None:
        found.append(("resident", resident.pk, residents.names_of(seen_by=seen_by, resident_ids=[resident.pk])[resident.pk]))
    return found


def names(*, seen_by: Actor, subject: str, ids: Sequence[int]) -> dict[int, str]:
    """Return what firms are called, and residents masked. Whoever asks: the ids were found for them."""
    return firms.names_of(seen_by=seen_by, firm_ids=ids) if subject == "firm" else residents.names_of(seen_by=seen_by, resident_ids=list(ids))


# ---- paying ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Payable:
    """Who is to be paid of a benefit for a period, what each gets, what the budget has left."""

    version: BenefitVersion
    terms: definitions.Benefit
    period: str
    parts: tuple[tuple[int, int, str], ...]  # subject id, cents, size
    spent: int

    @property
    def cents(self) -> int:
        return sum(cents for _pk, cents, _size in self.parts)

    @property
    def yuan(self) -> Decimal:
        return money.yuan(self.cents)

    @property
    def count(self) -> int:
        return len(self.parts)

    @property
    def left(self) -> Decimal | None:
        return None if self.terms.budget is None else money.yuan(self.terms.budget - self.spent)

    @property
    def is_over(self) -> bool:
        return self.terms.budget is not None and self.spent + self.cents > self.terms.budget


def spent_of(*, seen_by: Actor, version: BenefitVersion) -> int:
    """Return the cents that were paid by a version and not taken back. Whoever asks: a sum of what the town paid."""
    total = Award.objects.filter(batch__version=version, back_at__isnull=True).aggregate(total=Sum("cents"))["total"]
    return int(total or 0)


def payable(*, seen_by: Actor, version: BenefitVersion, on: date) -> Payable:
    """Return who is entitled on a day and not paid yet for its period; by request, only who asked. Nobody approves what their own firm or they get."""
    terms = terms_of(seen_by=seen_by, version=version)
    subject, period = version.benefit.subject, terms.period_of(on)
    had = set(Award.objects.filter(benefit=version.benefit, period=period, back_at__isnull=True).values_list("subject_id", flat=True))
    mine = {pk for which, pk, _name in own(seen_by=seen_by) if which == subject}
    found = Finding.objects.visible_to(seen_by).filter(subject=subject, entitled__contains=[version.benefit_id], on=on)
    asked = set(Ask.objects.filter(benefit=version.benefit, period=period).values_list("subject_id", flat=True)) if terms.way == "asked" else None
    parts = []
    for one in found.order_by("subject_id").iterator(chunk_size=2_000):
        if one.subject_id in had or one.subject_id in mine or (asked is not None and one.subject_id not in asked):
            continue
        cents = next((kept.cents for kept in packing.unpacked(one.reasons) if kept.version == version.pk and kept.is_entitled), 0)
        if cents > 0:
            parts.append((one.subject_id, cents, one.size))
    return Payable(version, terms, period, tuple(parts), spent_of(seen_by=seen_by, version=version))


def is_stale(*, seen_by: Actor, subject: str, on: date) -> bool:
    """Return whether some were last judged on another day, or nobody yet though benefits hold. Whoever asks: yes or no."""
    days = set(Finding.objects.filter(subject=subject).order_by().values_list("on", flat=True).distinct()[:2])
    return days != {on} if days else bool(in_force(seen_by=OWN, on=on, subject=subject))


def is_judged_since(*, seen_by: Actor, subject: str, since: datetime) -> bool:
    """Return whether everybody was judged after a moment. Whoever asks: yes or no."""
    first = Finding.objects.filter(subject=subject).order_by("at").values_list("at", flat=True).first()
    return first is not None and first > since


def batches_of(*, seen_by: Actor, benefit: Benefit) -> QuerySet[Batch]:
    """Return the payments of a benefit, newest first."""
    return Batch.objects.visible_to(seen_by).filter(benefit=benefit).order_by("-at", "-pk")


def awards_of(*, seen_by: Actor, benefit: Benefit) -> QuerySet[Award]:
    """Return what was paid of a benefit and to whom, newest first."""
    return Award.objects.visible_to(seen_by).filter(benefit=benefit).select_related("batch").order_by("-at", "-pk")  # type: ignore[return-value]


def awards_to(*, seen_by: Actor, subject: str, subject_id: int) -> QuerySet[Award]:
    """Return what one firm or resident was paid, newest first."""
    found = Award.objects.visible_to(seen_by).filter(subject=subject, subject_id=subject_id)
    return found.select_related("batch", "benefit").order_by("-at", "-pk")  # type: ignore[return-value]


def award_for(*, seen_by: Actor, award_id: int) -> Award:
    """Return an award; raise Award.DoesNotExist."""
    return Award.objects.visible_to(seen_by).select_related("batch", "benefit").get(pk=award_id)  # type: ignore[no-any-return]


# ---- whom it reaches ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reach:
    """Of one class of size: how many there are, are entitled, were told, asked, were paid."""

    size: str
    total: int
    entitled: int
    told: int
    asked: int
    paid: int

    @property
    def is_left_out(self) -> bool:
        """Return whether some are entitled and nobody of them was told or paid."""
        return self.entitled > 0 and self.told == 0 and self.paid == 0


def coverage(*, seen_by: Actor, benefit: Benefit, period: str) -> list[Reach]:
    """Return by size of firm whom a benefit reaches in a period: entitled, told, asked, paid. Whoever asks: counts only; faces admit by the rules."""
    rows = list(Finding.objects.filter(subject=benefit.subject).values_list("subject_id", "size", "entitled"))
    size_of = {pk: size for pk, size, _entitled in rows}
    paid = set(Award.objects.filter(benefit=benefit, period=period, back_at__isnull=True).values_list("subject_id", flat=True))
    told = set(Told.objects.filter(benefit=benefit).values_list("subject_id", flat=True))
    asked = set(Ask.objects.filter(benefit=benefit, period=period).values_list("subject_id", flat=True))
    entitled = {pk for pk, _size, listed in rows if benefit.pk in listed}

    def by_size(ids: Iterable[int]) -> Counter[str]:
        return Counter(size_of.get(pk, "") for pk in ids)

    totals, sums = by_size(size_of), [by_size(one) for one in (entitled, told, asked, paid)]
    return [Reach(size, totals[size], *(one[size] for one in sums)) for size in SIZES if totals[size]]


def today(*, seen_by: Actor, at: datetime) -> date:
    """Return the day in the town."""
    return territory.day_of(seen_by=seen_by, at=at)
