"""Matters and applications, as their readers may see them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import get_language

from gongzhi.cases import clock as clocks
from gongzhi.cases import queries as cases
from gongzhi.cases import words
from gongzhi.foundation.calendar import queries as calendar
from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.memory import remember
from gongzhi.service_line.applications import content, figures, holding, vocabulary
from gongzhi.service_line.applications.models import Filing, ItemVersion, Material, Notice, ServiceItem

if TYPE_CHECKING:
    from gongzhi.cases.models import Case

MOST_EXCEPTIONS = 200


# ---- items ----------------------------------------------------------------------------------------------------------
def offered(*, seen_by: Actor) -> list[ServiceItem]:
    """Return the matters that are offered now with their present version and department, by code. Whoever asks: the list is public."""

    def find() -> list[ServiceItem]:
        found = ServiceItem.objects.visible_to(seen_by).filter(current__isnull=False, ended_at__isnull=True)
        return list(found.select_related("current", "organ").order_by("code"))

    return remember("applications.offered", find)


def offered_for_search(*, seen_by: Actor) -> "QuerySet[ServiceItem]":
    """Return the matters that are offered now, as a question to be asked within another."""
    return ServiceItem.objects.visible_to(seen_by).filter(current__isnull=False, ended_at__isnull=True)


def item_for(*, seen_by: Actor, code: str) -> ServiceItem:
    """Return a matter by its code; raise ServiceItem.DoesNotExist."""
    return ServiceItem.objects.visible_to(seen_by).select_related("current__procedure", "organ").get(code=code)


def items(*, seen_by: Actor) -> "QuerySet[ServiceItem]":
    """Return all matters that the reader may see, drafts too for those who make them, by department and code."""
    found = ServiceItem.objects.visible_to(seen_by).annotate(newest=Max("versions__number"))
    return found.select_related("current", "organ").order_by("organ__name", "code")


def versions_of(*, seen_by: Actor, item: ServiceItem) -> "QuerySet[ItemVersion]":
    """Return the versions of a matter, the newest first."""
    return ItemVersion.objects.visible_to(seen_by).filter(item=item).select_related("procedure").order_by("-number")


def draft_of(*, seen_by: Actor, item: ServiceItem) -> ItemVersion | None:
    """Return the version of a matter that waits for adoption, or None."""
    return ItemVersion.objects.visible_to(seen_by).filter(item=item, adopted_at__isnull=True).order_by("-number").first()


def drafts_waiting(*, seen_by: Actor) -> "QuerySet[ItemVersion]":
    """Return the drafts that wait for adoption, the oldest first."""
    return (
        ItemVersion.objects.visible_to(seen_by).filter(adopted_at__isnull=True, item__ended_at__isnull=True).select_related("item__organ").order_by("made_at")
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A matter that a search means, and how well."""

    item: ServiceItem
    score: float
    by_word: str  # the everyday word by which it was found


def search(*, seen_by: Actor, text: str, most: int = 30) -> list[Found]:
    """Return the matters that everyday words mean, the likeliest first. Whoever asks: the list is public."""
    asked = text.strip().lower()
    if not asked:
        return []
    parts = {part for part in words.cut(asked).split() if len(part) > 1 or part.isdigit()} or {asked}
    found = []
    for item in offered(seen_by=seen_by):
        version = item.current
        assert version is not None
        score, by_word = _score(asked, parts, version)
        if asked == item.code.lower():
            score += 100
        if score > 0:
            found.append(Found(item, score, by_word))
    return sorted(found, key=lambda one: (-one.score, one.item.code))[:most]


def _score(asked: str, parts: set[str], version: ItemVersion) -> tuple[float, str]:
    title = f"{version.title} {version.title_en}".lower()
    score, by_word = 0.0, ""
    for word in version.words:
        plain = word.lower()
        if plain == asked:
            score, by_word = score + 20, word
        elif plain in asked or asked in plain:
            score, by_word = score + 10, by_word or word
        else:
            score += 2 * sum(part in plain for part in parts)
    if asked in title:
        score += 12
    score += 4 * sum(part in title for part in parts)
    return score + 0.5 * sum(part in f"{version.summary} {version.summary_en}".lower() for part in parts), by_word


def narrowed(
    *, seen_by: Actor, text: str = "", organ: str = "", family: str = "", life: str = "", stage: str = "", applicant: str = "",
) -> list[tuple[ServiceItem, str]]:  # fmt: skip
    """Return the matters that are offered, narrowed by what one looks for, (matter, everyday word it was found by)."""
    if text.strip():
        found = [(one.item, one.by_word) for one in search(seen_by=seen_by, text=text)]
    else:
        found = [(item, "") for item in offered(seen_by=seen_by)]

    def fits(item: ServiceItem) -> bool:
        version = item.current
        assert version is not None
        return (
            (not organ or item.organ.code == organ) and (not family or item.family == family) and (not life or life in version.life)
            and (not stage or version.firm_stage == stage) and (not applicant or applicant in version.applicants)
        )  # fmt: skip

    return [(item, word) for item, word in found if fits(item)]


# ---- applications ---------------------------------------------------------------------------------------------------
def filing_of(*, seen_by: Actor, case: "Case") -> Filing | None:
    """Return the application that a case is, or None where it is none or the reader may not see it."""
    return Filing.objects.visible_to(seen_by).select_related("item__organ", "version__procedure", "organ").filter(case_id=case.pk).first()


def values_of(*, seen_by: Actor, filing: Filing) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Return what was answered and where each value comes from. Whoever asks: the application was shown to them."""
    kept = json.loads(sealing.unseal(filing.values_sealed, "filing-values") or "{}")
    return kept.get("values", {}), kept.get("sources", {})


def own_filings(*, seen_by: Actor, most: int = 50) -> list[Filing]:
    """Return the applications that somebody made for themselves or for a firm they speak for, the newest first."""
    if seen_by.person_id is None:
        return []
    mine = Q(case__raised_by_id=seen_by.person_id)
    if seen_by.organ_ids:
        mine |= Q(case__raised_for_id__in=sorted(seen_by.organ_ids))
    return list(Filing.objects.visible_to(seen_by).filter(mine).select_related("case", "version", "organ").order_by("-filed_at")[:most])


def materials_of(*, seen_by: Actor, filing: Filing) -> "QuerySet[Material]":
    """Return the papers of an application, in the order in which they came."""
    return Material.objects.visible_to(seen_by).filter(filing=filing).select_related("attachment").order_by("pk")


def notices_of(*, seen_by: Actor, filing: Filing) -> list[Notice]:
    """Return the notices of what is missing. Whoever asks: the application was shown to them."""
    return list(Notice.objects.filter(filing=filing).order_by("number"))


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a matter asks for, with what there is of it in an application."""

    rule: content.MaterialRule
    title: str
    hint: str
    given: tuple[Material, ...]
    held: holding.Held | None = None

    @property
    def is_there(self) -> bool:
        return self.held is not None or any(one.state in ("given", "good") for one in self.given)

    @property
    def is_lacking(self) -> bool:
        return not self.is_there and not self.rule.optional

    @property
    def says(self) -> str:
        return next((one.says for one in reversed(self.given) if one.state == "asked"), "")

    @property
    def chip(self) -> tuple[str, str]:
        """Return state and icon of its chip."""
        if self.held is not None:
            return "ok", "database"
        if any(one.state == "asked" for one in self.given) and not self.is_there:
            return "warn", "rotate-ccw"
        if not self.given:
            return ("stop", "clock") if self.rule.later or self.rule.optional else ("warn", "triangle-alert")
        return ("ok", "circle-check") if all(one.state == "good" for one in self.given if one.state != "replaced") else ("open", "circle-dot")


def papers(
    *, seen_by: Actor, version: ItemVersion, values: Mapping[str, Any], given: Sequence[Material] = (), held: Mapping[str, holding.Held] | None = None,
    sources: Mapping[str, str] | None = None,
) -> list[Paper]:  # fmt: skip
    """Return the papers that these answers ask for, with what there is of each. Whoever asks: the matter is public, what is given was shown to them."""
    language = get_language() or "zh"
    found = []
    for rule in content.materials(version.materials, values):
        of_it = tuple(one for one in given if one.code == rule.code)
        by_town = (held or {}).get(rule.source) if rule.source else None
        if by_town is None and any(one.source for one in of_it):
            by_town = holding.Held("", next(one.source for one in of_it if one.source), of_it[-1].added_at)
        found.append(Paper(rule, rule.words(language), rule.hint(language), of_it, by_town))
    return found


def lacking(*, seen_by: Actor, filing: Filing) -> list[Paper]:
    """Return the papers that an application still lacks, those that may follow too. Whoever asks: the application was shown to them."""
    values, _sources = values_of(seen_by=seen_by, filing=filing)
    given = list(Material.objects.filter(filing=filing).select_related("attachment").order_by("pk"))
    return [one for one in papers(seen_by=seen_by, version=filing.version, values=values, given=given) if one.is_lacking]


def holds_attachment(*, seen_by: Actor, attachment_id: int) -> bool:
    """Return whether a paper hangs on an application that the reader may see."""
    return Material.objects.visible_to(seen_by).filter(attachment_id=attachment_id).exists()


def parts_to_settle(*, seen_by: Actor, case_id: int) -> tuple[int, list[str]] | None:
    """Return (the bundle's case, the result types of its parts) when this case was the last open part of a bundle; else None. Whoever asks: the clock."""
    part = cases.cases(seen_by=seen_by).filter(pk=case_id, part_of__isnull=False, part_of__kind="application").first()
    if part is None or part.part_of_id is None:
        return None
    theirs = list(cases.cases(seen_by=seen_by).filter(part_of_id=part.part_of_id).values_list("closed_at", "state", "result_type"))
    if any(state not in ("closed", "withdrawn", "rejected", "merged") for _closed, state, _result in theirs):
        return None
    return part.part_of_id, [result if state == "closed" else "" for _closed, state, result in theirs]


# ---- the board ------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Counted:
    """What is counted of one department, one matter, or the town."""

    name: str
    filed: int = 0
    online: int = 0
    decided: int = 0
    decided_online: int = 0
    on_promised: int = 0
    on_statutory: int = 0
    silent: int = 0  # deemed by the clock
    granted: int = 0
    partly: int = 0
    refused: int = 0
    neutral: int = 0
    open_late: int = 0  # due in the month, not decided by its end
    days: list[int] = field(default_factory=list)
    key: str = ""

    @property
    def filed_online(self) -> figures.Rate:
        return figures.Rate(self.online, self.filed)

    @property
    def decisions_online(self) -> figures.Rate:
        return figures.Rate(self.decided_online, self.decided)

    @property
    def in_time(self) -> figures.Rate:
        """Return decided within the promised limit, of what was decided and what was due and is not decided."""
        return figures.Rate(self.on_promised, self.decided + self.open_late)

    @property
    def in_lawful_time(self) -> figures.Rate:
        return figures.Rate(self.on_statutory, self.decided + self.open_late)

    @property
    def past_promise(self) -> int:
        return max(0, self.on_statutory - self.on_promised - self.silent)

    @property
    def past_law(self) -> int:
        return max(0, self.decided - self.on_statutory)

    @property
    def half(self) -> int | None:
        return figures.quantile(self.days, 0.5)

    @property
    def ninety(self) -> int | None:
        return figures.quantile(self.days, 0.9)

    @property
    def bar(self) -> list[tuple[str, float, float]]:
        """Return the parts of the bar: (class, begin, width), in percent of what is in the denominator."""
        whole = self.decided + self.open_late or 1
        begin = 0.0
        found: list[tuple[str, float, float]] = []
        for name, count in (("k1", self.on_promised), ("k2", self.past_promise), ("k3", self.past_law), ("k4", self.silent + self.open_late)):
            width = count * 100 / whole
            found.append((name, round(begin, 2), round(width, 2)))
            begin += width
        return found


@dataclass(frozen=True, slots=True)
class Exceptional:
    """One application that was not as promised, without anything personal."""

    number: str
    title: str
    organ: str
    why: str  # silent | unlawful | late | open_late | second_notice
    at: datetime | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """The figures of one month."""

    month: date
    whole: Counted
    organs: list[Counted]
    items: list[Counted]
    histogram: list[figures.Bar]
    longest: int | None
    withdrawn: int
    stopped: int
    stopped_days: int
    extended: int
    second_notices: int
    exceptions: list[Exceptional]


def month_bounds(*, seen_by: Actor, month: date) -> tuple[datetime, datetime]:
    """Return the first moments of a month and of the next one in the town's zone. Whoever asks: no data is read."""
    zone = territory.town(seen_by=seen_by).zone
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return datetime(month.year, month.month, 1, tzinfo=zone), datetime(following.year, following.month, 1, tzinfo=zone)


def months_with_figures(*, seen_by: Actor) -> list[date]:
    """Return the months in which something was filed, the newest first. Whoever asks: counts are public."""
    zone = territory.town(seen_by=seen_by).zone
    ends = Filing.objects.aggregate(first=Max("filed_at"), last=Max("filed_at"))
    first = Filing.objects.order_by("filed_at").values_list("filed_at", flat=True).first()
    if first is None or ends["last"] is None:
        return []
    day, last = first.astimezone(zone).date().replace(day=1), ends["last"].astimezone(zone).date().replace(day=1)
    found: list[date] = []
    while day <= last and len(found) < 240:
        found.append(day)
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found[::-1]


def newest_month(*, seen_by: Actor, at: datetime) -> date:
    """Return the month whose figures are shown first: this one, or the last in which anything was filed. Whoever asks: a date."""
    this = today(seen_by=seen_by, at=at).replace(day=1)
    begin, _end = month_bounds(seen_by=seen_by, month=this)
    if Filing.objects.filter(filed_at__gte=begin).exists():
        return this
    last = Filing.objects.aggregate(last=Max("filed_at"))["last"]
    return territory.day_of(seen_by=seen_by, at=last).replace(day=1) if last is not None else this


def board(*, seen_by: Actor, month: date, at: datetime, organ: str = "", item: str = "") -> Board:
    """Return the figures of a month, of the town or one department or matter. Whoever asks: counts are public, and no person is in them.

    The denominators: filed = all that came in that month, at the window too. Decided = every decision of the month (granted, refused, deemed by
    the clock). In time = within the promised limit, of all decisions and of what fell due in the month and was not decided by its end.
    """
    begin, end = month_bounds(seen_by=seen_by, month=month)
    titles = {one.pk: one for one in ServiceItem.objects.select_related("organ", "current")}
    theirs = Filing.objects.all()
    if organ:
        theirs = theirs.filter(organ__code=organ)
    if item:
        theirs = theirs.filter(item__code=item)
    by_item: dict[int, Counted] = {}

    def counted(item_id: int) -> Counted:
        if item_id not in by_item:
            one = titles[item_id]
            by_item[item_id] = Counted(str(one), key=one.code)
        return by_item[item_id]

    came = theirs.filter(filed_at__gte=begin, filed_at__lt=end)
    for item_id, filed, online in came.values_list("item").annotate(n=Count("pk"), online=Count("pk", filter=Q(way="online"))).order_by():
        one = counted(item_id)
        one.filed, one.online = filed, online
    decided = theirs.filter(decided_at__gte=begin, decided_at__lt=end)
    grouped = decided.values_list("item", "result_type", "by_clock", "decided_online", "on_promised", "on_statutory", "days").annotate(n=Count("pk")).order_by()
    for item_id, kind, by_clock, online, on_promised, on_statutory, days, n in grouped:
        one = counted(item_id)
        one.decided += n
        one.decided_online += n if online else 0
        one.on_promised += n if on_promised else 0
        one.on_statutory += n if on_statutory else 0
        if by_clock and kind == "positive":
            one.silent += n
        elif kind == "positive":
            one.granted += n
        elif kind == "partly":
            one.partly += n
        elif kind == "negative":
            one.refused += n
        else:
            one.neutral += n
        if days is not None and not by_clock:
            one.days += [days] * n
    waiting = theirs.filter(decided_at__isnull=True, withdrawn_at__isnull=True, case__due_at__gte=begin, case__due_at__lt=min(end, at))
    late = list(waiting.exclude(case__state="suspended").values_list("pk", "item"))
    late += list(theirs.filter(due_at__gte=begin, due_at__lt=end, decided_at__gte=end).values_list("pk", "item"))
    for _pk, item_id in late:
        counted(item_id).open_late += 1
    whole = _sum(by_item.values(), "")
    organs: dict[int, list[Counted]] = {}
    for item_id, one in by_item.items():
        organs.setdefault(titles[item_id].organ_id, []).append(one)
    named = {one.organ_id: one.organ for one in titles.values()}
    lines = [_sum(found, str(named[organ_id]), named[organ_id].code) for organ_id, found in organs.items()]
    aside = decided.aggregate(stopped=Count("pk", filter=Q(stopped_days__gt=0)), extended=Count("pk", filter=Q(extended=True)))
    stopped_days = sum(days for days in decided.filter(stopped_days__gt=0).values_list("stopped_days", flat=True))
    second = Notice.objects.filter(at__gte=begin, at__lt=end, number__gt=1, filing__in=theirs.values("pk"))
    return Board(
        month=month, whole=whole, organs=sorted(lines, key=lambda one: -one.filed), items=sorted(by_item.values(), key=lambda one: (-one.filed, one.name)),
        histogram=figures.histogram(whole.days), longest=max(whole.days, default=None),
        withdrawn=theirs.filter(withdrawn_at__gte=begin, withdrawn_at__lt=end).count(), stopped=aside["stopped"], stopped_days=stopped_days,
        extended=aside["extended"], second_notices=second.count(), exceptions=_exceptions(theirs, decided, [pk for pk, _item in late], second, titles),
    )  # fmt: skip


def _sum(parts: Any, name: str, key: str = "") -> Counted:
    whole = Counted(name, key=key)
    for one in parts:
        for count in (
            "filed",
            "online",
            "decided",
            "decided_online",
            "on_promised",
            "on_statutory",
            "silent",
            "granted",
            "partly",
            "refused",
            "neutral",
            "open_late",
        ):
            setattr(whole, count, getattr(whole, count) + getattr(one, count))
        whole.days += one.days
    return whole


def _exceptions(theirs: Any, decided: Any, late: Sequence[int], second: Any, titles: Mapping[int, ServiceItem]) -> list[Exceptional]:
    def told(found: Any, why: str) -> list[Exceptional]:
        shown = found.select_related("case").order_by("case__opened_at")[:MOST_EXCEPTIONS]
        return [
            Exceptional(one.case.number, str(titles[one.item_id]), str(titles[one.item_id].organ), why, one.decided_at or one.case.due_at, one.days)
            for one in shown
        ]

    silent = decided.filter(by_clock=True, result_type="positive")
    unlawful = decided.filter(on_statutory=False).exclude(by_clock=True)
    slow = decided.filter(on_promised=False, on_statutory=True).exclude(by_clock=True)
    twice = theirs.filter(pk__in=second.values("filing_id"))
    return [
        *told(unlawful, "unlawful"), *told(silent, "silent"), *told(theirs.filter(pk__in=late[:MOST_EXCEPTIONS]), "open_late"), *told(slow, "late"),
        *told(twice, "second_notice"),
    ][:MOST_EXCEPTIONS]  # fmt: skip


def figures_of_end(*, seen_by: Actor, case: "Case", filing: Filing) -> dict[str, Any]:
    """Return what figures count of an application that has come to its end: days, and whether it was within its limits. Whoever asks: the product."""
    assert case.closed_at is not None
    statutory = cases.under_limit(seen_by=seen_by, case=case, at=case.closed_at, limit=clocks.Limit(filing.version.statutory_days, "working_days"))
    own = cases.clock_of(seen_by=seen_by, case=case, at=case.closed_at, explained=False)
    if own is None or statutory is None:  # ended before its clock began: declined, or lapsed
        return {"due_at": None, "days": None, "stopped_days": 0, "extended": False, "on_promised": True, "on_statutory": True}
    a_day = calendar.working_time(seen_by=seen_by).seconds_a_day / 3600
    return {
        "due_at": own.clock.due_at, "days": int(own.usage.used / a_day + 1e-9), "stopped_days": int(own.usage.stopped / a_day + 0.999),
        "extended": own.clock.extended_by > 0,
        "on_promised": own.clock.overdue_at is None and case.closed_at <= own.clock.due_at and own.clock.extended_by == 0,
        "on_statutory": case.closed_at <= statutory.due_at,
    }  # fmt: skip


def today(*, seen_by: Actor = ANYONE, at: datetime) -> date:
    """Return the day in the town. Whoever asks: a date."""
    return territory.day_of(seen_by=seen_by, at=at)


def form_schema(*, seen_by: Actor, version: ItemVersion) -> dict[str, Any]:
    """Return the form of a version as JSON Schema 2020-12. Whoever asks: forms are public."""
    return vocabulary.schema(version.fields)
