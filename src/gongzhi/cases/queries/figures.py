"""Figures of the town: how it stands now, how a period went, how cases kept their clocks.

Every one of them counts `counted_for` whoever asks: restricted cases are in no figure that people read, so that no span,
place or category, however narrow, tells of one. What everybody reads has besides a smallest span and a smallest number.
"""

from collections import defaultdict
from dataclasses import astuple, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from gongzhi.cases import rating
from gongzhi.cases.lifecycle import Act, State
from gongzhi.cases.models import Case, FollowUp, Party, Rating, Step
from gongzhi.cases.models.case import counted_visibilities
from gongzhi.cases.queries.catalogue import town
from gongzhi.cases.queries.lists import OPEN
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town


@dataclass(frozen=True, slots=True)
class LifeFigures:
    """One of the three lives: open cases by chip, overdue ones, and what they are about."""

    life: str
    open: int
    overdue: int
    by_chip: dict[str, int]
    top: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class OnTime:
    """Cases whose own clock ended in the period, by how: denominators are stated, lawful extension is not on time."""

    ended: int
    on_time: int
    extended: int
    overdue: int
    stopped: int
    unverified: int

    def __add__(self, other: "OnTime") -> "OnTime":
        return OnTime(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    @property
    def share(self) -> float | None:
        """Return on time ÷ ended in 0…1, or None when nothing ended."""
        return None if not self.ended else self.on_time / self.ended


@dataclass(frozen=True, slots=True)
class Bounced:
    """A category whose cases are returned most in the last 30 days, and between whom."""

    category: str
    times: int
    organs: list[str]
    state: str  # settled | open


@dataclass(frozen=True, slots=True)
class Figures:
    """The town's figures at a moment. They agree with each other: lives and grids sum to `open`."""

    at: datetime
    open: int
    opened_today: int
    closed_today: int
    overdue: int
    stopped: int
    by_origin_today: dict[str, int]
    lives: list[LifeFigures]
    by_area: dict[int | None, tuple[int, int]]  # area id (None: no grid) → (open, overdue)
    month: OnTime
    satisfaction: rating.Satisfaction
    rating_levels: dict[int, int]
    follow_ups_open: int
    bounced: list[Bounced] = field(default_factory=list)


def _under(area_path: str, prefix: str = "") -> Q:
    """Return the condition that a case lies in the area with this path ("" is the whole town)."""
    if not area_path:
        return Q()
    return Q(**{f"{prefix}area_path": area_path}) | Q(**{f"{prefix}area_path__startswith": area_path + "."})


def _counted(actor: Actor, prefix: str = "") -> Q:
    """Return the condition that a case is one of those that figures tell this actor of (`CaseQuerySet.counted_for` over a relation)."""
    return Q(**{f"{prefix}visibility__in": counted_visibilities(actor)})


def figures(*, seen_by: Actor, at: datetime, area_path: str = "") -> Figures:
    """Return the figures of the town, or of one area with what lies in it."""
    told = _counted(seen_by, "case__")
    local = town(seen_by=seen_by).local(at)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    everything = Case.objects.counted_for(seen_by).filter(_under(area_path), town_id=current_town())
    rows = everything.filter(state__in=OPEN).values_list("life", "state", "area_id", "category__parent__name", "category__name").annotate(
        n=Count("pk"), late=Count("pk", filter=Q(overdue_at__isnull=False))
    )
    from gongzhi.cases.models import STATE_WORDS

    lives: dict[str, dict[str, Any]] = {life: {"open": 0, "late": 0, "chips": defaultdict(int), "top": defaultdict(int)} for life in ("work", "home", "eco")}
    areas: dict[int | None, list[int]] = defaultdict(lambda: [0, 0])
    total = late_total = stopped = 0
    for life, state, area_id, parent_name, name, n, late in rows:
        kept = lives.setdefault(life or "home", {"open": 0, "late": 0, "chips": defaultdict(int), "top": defaultdict(int)})
        kept["open"] += n
        kept["late"] += late
        kept["chips"]["late"] += late
        kept["chips"][STATE_WORDS[state][1]] += n - late
        kept["top"][parent_name or name or ""] += n
        areas[area_id][0] += n
        areas[area_id][1] += late
        total += n
        late_total += late
        stopped += n if state == State.SUSPENDED.value else 0
    origins = dict(everything.filter(opened_at__gte=today, opened_at__lte=at).values_list("origin").annotate(n=Count("pk")))
    closed_today = everything.filter(closed_at__gte=today, closed_at__lte=at, state=State.CLOSED.value).count()
    levels = dict(Rating.objects.filter(told, _under(area_path, "case__"), at__gte=month, at__lte=at).values_list("level").annotate(n=Count("pk")))
    asked = Party.objects.filter(told, _under(area_path, "case__"), asked_to_rate_at__gte=month, asked_to_rate_at__lte=at).count()
    rated = sum(levels.values())
    return Figures(
        at=at, open=total, opened_today=sum(origins.values()), closed_today=closed_today, overdue=late_total, stopped=stopped,
        by_origin_today=origins,
        lives=[
            LifeFigures(life, kept["open"], kept["late"], dict(kept["chips"]), sorted(((n, c) for n, c in kept["top"].items() if n), key=lambda i: -i[1])[:3])
            for life, kept in lives.items()
        ],
        by_area={area_id: (n, late) for area_id, (n, late) in areas.items()},
        month=_month_so_far(month, today, at, area_path, counted_visibilities(seen_by)),
        satisfaction=rating.Satisfaction(rated=rated, bad=sum(n for level, n in levels.items() if rating.is_bad(level)), asked=asked),
        rating_levels={level: levels.get(level, 0) for level in range(1, 6)},
        follow_ups_open=FollowUp.objects.filter(told, _under(area_path, "case__")).exclude(state=FollowUp.State.DONE).count(),
        bounced=bounced(seen_by=seen_by, at=at, area_path=area_path),
    )  # fmt: skip


def _month_so_far(month: datetime, today: datetime, at: datetime, area_path: str, counted: list[str]) -> OnTime:
    """Return how the month's cases kept their clocks: today's are counted, those of the days before are remembered for a minute."""

    def find() -> OnTime:
        return _on_time(month, today - timedelta(microseconds=1), area_path, counted)

    key = f"cases.on_time:{month.isoformat()}:{today.isoformat()}:{area_path}:{','.join(counted)}"
    before = remember(key, find, age=60) if month < today else OnTime(0, 0, 0, 0, 0, 0)
    return before + _on_time(today, at, area_path, counted)


def _on_time(since: datetime, at: datetime, area_path: str, counted: list[str]) -> OnTime:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE k.overdue_at IS NULL AND k.extended_by = 0),
                   count(*) FILTER (WHERE k.overdue_at IS NULL AND k.extended_by > 0), count(*) FILTER (WHERE k.overdue_at IS NOT NULL),
                   count(*) FILTER (WHERE EXISTS (SELECT 1 FROM cases_stop s WHERE s.case_id = c.id)),
                   count(*) FILTER (WHERE c.closed_unverified)
            FROM cases_case c JOIN LATERAL (
                SELECT overdue_at, extended_by FROM cases_clock WHERE case_id = c.id AND "of" = 'case' ORDER BY id DESC LIMIT 1
            ) k ON true
            WHERE c.town_id = %s AND c.closed_at >= %s AND c.closed_at <= %s AND c.state = 'closed'
              AND c.visibility = ANY(%s) AND (%s = '' OR c.area_path = %s OR starts_with(c.area_path, %s))
            """,
            [current_town(), since, at, counted, area_path, area_path, area_path + "."],
        )
        return OnTime(*cursor.fetchone())


def on_time(*, seen_by: Actor, since: datetime, at: datetime) -> OnTime:
    """Return how cases that closed in a period kept their clocks."""
    return _on_time(since, at, "", counted_visibilities(seen_by))


def bounced(*, seen_by: Actor, at: datetime, days: int = 30, most: int = 4, area_path: str = "") -> list[Bounced]:
    """Return the categories returned most 推诿 in the last days, with the units among whom they went."""
    since = at - timedelta(days=days)
    rows = (
        Step.objects.filter(_counted(seen_by, "case__"), _under(area_path, "case__"), act=Act.RETURN.value, at__gte=since, at__lte=at)
        .filter(case__category__isnull=False)
        .values_list("case__category_id", "case__category__name", "organ__name", "case__lead__name", "case__state")
        .order_by("-pk")[:2000]
    )
    gathered: dict[int, dict[str, Any]] = {}
    for category_id, name, organ, lead, state in rows:
        kept = gathered.setdefault(category_id, {"name": name, "times": 0, "organs": {}, "open": False})
        kept["times"] += 1
        for each in (organ, lead):
            if each:
                kept["organs"][each] = True
        kept["open"] = kept["open"] or state == State.RETURNED.value
    ranked = sorted(gathered.values(), key=lambda kept: -kept["times"])[:most]
    return [Bounced(kept["name"], kept["times"], list(kept["organs"])[:3], "open" if kept["open"] else "settled") for kept in ranked]


def daily(*, seen_by: Actor, since: datetime, at: datetime) -> list[tuple[date, int, int]]:
    """Return (day, opened, closed) for each day of a period in the town's time."""
    zone = town(seen_by=seen_by).time_zone
    first, last = (town(seen_by=seen_by).local(moment).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) for moment in (since, at))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d::date, coalesce(o.n, 0), coalesce(c.n, 0) FROM generate_series(%(a)s::timestamp, %(b)s::timestamp, interval '1 day') d
            LEFT JOIN (
                SELECT (opened_at AT TIME ZONE %(z)s)::date AS day, count(*) AS n FROM cases_case
                WHERE town_id = %(t)s AND visibility = ANY(%(v)s) AND opened_at >= %(a)s::timestamp AT TIME ZONE %(z)s
                  AND opened_at < (%(b)s::timestamp + interval '1 day') AT TIME ZONE %(z)s GROUP BY 1
            ) o ON o.day = d::date
            LEFT JOIN (
                SELECT (closed_at AT TIME ZONE %(z)s)::date AS day, count(*) AS n FROM cases_case
                WHERE town_id = %(t)s AND visibility = ANY(%(v)s) AND state = 'closed' AND closed_at >= %(a)s::timestamp AT TIME ZONE %(z)s
                  AND closed_at < (%(b)s::timestamp + interval '1 day') AT TIME ZONE %(z)s GROUP BY 1
            ) c ON c.day = d::date
            ORDER BY 1
            """,
            {"t": current_town(), "z": zone, "a": first, "b": last, "v": counted_visibilities(seen_by)},
        )
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Share:
    """What came in and ended in a period, of one place, unit or category."""

    key: Any  # id of the area or unit; None where a case had none
    name: str
    above: str  # the main class of a category, else ""
    opened: int
    closed: int  # of those that came in
    overdue: int  # of those that came in, then or later
    returned: int  # how often they were sent back

    @property
    def overdue_share(self) -> float | None:
        return self.overdue / self.opened if self.opened else None


@dataclass(frozen=True, slots=True)
class Period:
    """What came in in a period and what became of it. The tables count the same cases in three ways, so each sums to `opened`."""

    since: datetime
    until: datetime  # not included
    opened: int
    closed: int  # that ended in the period, whenever they came in
    on_time: OnTime
    satisfaction: rating.Satisfaction
    by_area: list[Share]
    by_unit: list[Share]
    by_category: list[Share]
    by_origin: dict[str, int]
    daily: list[tuple[date, int, int]]


_SHARES = {
    "area_id": ("area_id", "area__name", "area__parent__name"),
    "lead_id": ("lead_id", "lead__name", None),
    "category_id": ("category_id", "category__name", "category__parent__name"),
}


LEAST_SPAN = timedelta(days=7)  # over which everybody may ask for figures
LEAST_NUMBER = 3  # of cases that everybody is told of by place, unit or category; fewer stand together under no name


def least_span(*, seen_by: Actor) -> timedelta:
    """Return the shortest period of which this actor may be told figures."""
    return timedelta(0) if seen_by.is_clock or seen_by.kind == "system" or seen_by.can("may_see_town_cases") else LEAST_SPAN


def _not_too_few(shares: list[Share], actor: Actor) -> list[Share]:
    """Put rows of too few cases together under no name, with the row that has none already; sums stay whole."""
    if not least_span(seen_by=actor):
        return shares
    few = [share for share in shares if share.key is None or share.opened < LEAST_NUMBER]
    if not few:
        return shares
    together = Share(None, "", "", *(sum(getattr(share, name) for share in few) for name in ("opened", "closed", "overdue", "returned")))
    return [*(share for share in shares if share not in few), together]


def _shares(found: QuerySet[Case], by: str) -> list[Share]:
    key, name, above = _SHARES[by]
    names = [part for part in (key, name, above) if part]
    rows = found.order_by().values_list(*names).annotate(
        opened=Count("pk"), closed=Count("pk", filter=Q(state=State.CLOSED.value)), late=Count("pk", filter=Q(overdue_at__isnull=False)), back=Sum("returns")
    )
    shares = [Share(row[0], row[1] or "", (row[2] or "") if above else "", *row[len(names) :]) for row in rows]
    return sorted(shares, key=lambda share: (share.key is None, -share.opened, share.name))


def first_opened(*, seen_by: Actor) -> datetime | None:
    """Return when the town's first case came in, None before it did."""
    return Case.objects.counted_for(seen_by).filter(town_id=current_town()).order_by("opened_at").values_list("opened_at", flat=True).first()


def last_opened(*, seen_by: Actor) -> datetime | None:
    """Return when the town's newest case came in, None before the first."""
    return Case.objects.counted_for(seen_by).filter(town_id=current_town()).order_by("-opened_at").values_list("opened_at", flat=True).first()


def period(*, seen_by: Actor, since: datetime, until: datetime) -> Period:
    """Return the figures of the cases that came in from `since` on and before `until`.

    For everybody, rows of fewer than three cases stand together under no name; faces refuse spans below `least_span`.
    """
    told = _counted(seen_by, "case__")
    found = Case.objects.counted_for(seen_by).filter(town_id=current_town(), opened_at__gte=since, opened_at__lt=until)
    last = until - timedelta(microseconds=1)
    rated = dict(Rating.objects.filter(told, at__gte=since, at__lt=until).values_list("level").annotate(n=Count("pk")))
    asked = Party.objects.filter(told, asked_to_rate_at__gte=since, asked_to_rate_at__lt=until).count()
    on_time = _on_time(since, last, "", counted_visibilities(seen_by))
    by_unit = _shares(found, "lead_id")
    return Period(
        since=since, until=until, opened=sum(share.opened for share in by_unit), closed=on_time.ended, on_time=on_time,
        satisfaction=rating.Satisfaction(rated=sum(rated.values()), bad=sum(n for level, n in rated.items() if rating.is_bad(level)), asked=asked),
        by_area=_not_too_few(_shares(found, "area_id"), seen_by), by_unit=_not_too_few(by_unit, seen_by),
        by_category=_not_too_few(_shares(found, "category_id"), seen_by),
        by_origin=dict(found.order_by().values_list("origin").annotate(n=Count("pk"))), daily=daily(seen_by=seen_by, since=since, at=last),
    )  # fmt: skip
