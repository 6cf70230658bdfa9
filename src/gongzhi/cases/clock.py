"""Clocks 时限: when something is due, how much is used, and why. Pure; the calendar is an argument.

Units. `working_hours` and `working_days` run only in the town's office hours; a working day is as many working hours as
an ordinary day has. `hours` run round the clock (emergencies). `calendar_days` are days of the Civil Code: the first day
does not count, the last one ends at midnight, and where it is a day off the next working day takes its place (民法典
第二百零一、二百零三条). Lawful stops do not count; what is granted on top is counted in the clock's own unit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

WARN_SHARE = 0.75
HOUR = 3600.0
DAY = 86_400.0
WORKING = frozenset({"working_hours", "working_days"})


class WorkingTime(Protocol):
    """What a clock asks of a calendar. Moments are aware datetimes; lengths are seconds."""

    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def seconds_a_day(self) -> float:
        """Return the working seconds of an ordinary working day."""
    def seconds_before(self, at: datetime) -> float:
        """Return the working seconds from the calendar's own beginning to the moment."""
    def moment_of(self, seconds: float) -> datetime:
        """Return the earliest moment by which so many working seconds have passed since the calendar's beginning."""
    def is_working(self, day: date) -> bool: ...
    def is_provisional(self, day: date) -> bool:
        """Return whether the holidays of this day's year have not been announced yet."""
    def day_words(self, day: date) -> str:
        """Return why a day is off, or works though one would not expect it; "" for ordinary days."""
    def hours_words(self) -> str:
        """Return the office hours in words: 08:30–12:00, 13:30–17:00."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take: an amount in a unit (working_hours, working_days, hours, calendar_days)."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A lawful stop, from a moment to a moment (None: it still holds), with its ground in words."""

    began_at: datetime
    ended_at: datetime | None
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """When it is due, when three quarters are used, and whether unannounced holidays may still move it."""

    at: datetime
    warn_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """How a clock stands at a moment. Amounts in `unit_word`; fractions of the drawn axis, which is counted time plus stops."""

    used: float
    stopped: float
    left: float
    over: float
    total: float
    unit_word: str
    segments: tuple[tuple[str, float, float], ...]  # (used | stopped, begin, width)
    now_fraction: float
    warn_fraction: float
    due_fraction: float
    is_stopped: bool
    hours_a_day: float = 0.0  # of office time, where the clock counts it: residents think in working days
    days_over: float = 0.0  # calendar days since the due moment, for delays too long to be said in working hours


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a due moment is what it is: a sentence, and each step of the count."""

    sentence_parts: tuple[str, ...]
    lines: tuple[Line, ...]
    provisional: bool

    @property
    def sentence(self) -> str:
        return "".join(self.sentence_parts)


class _Scale:
    """Counted time as one straight line of seconds: office hours, or round the clock."""

    __slots__ = ("calendar", "is_working")

    def __init__(self, unit: str, calendar: WorkingTime) -> None:
        self.is_working = unit in WORKING
        self.calendar = calendar

    def of(self, at: datetime) -> float:
        return self.calendar.seconds_before(at) if self.is_working else at.timestamp()

    def moment(self, seconds: float) -> datetime:
        if self.is_working:
            return self.calendar.moment_of(seconds)
        return datetime.fromtimestamp(seconds, self.calendar.zone)


def _merged(pauses: Iterable[Pause], start: datetime, until: datetime | None) -> list[tuple[datetime, datetime]]:
    """Return the stops after the start, in order and without overlap; one that still holds ends at `until` (None: left out)."""
    spans = []
    for pause in pauses:
        end = pause.ended_at if pause.ended_at is not None else until
        if end is None or end <= start:
            continue
        begin = max(pause.began_at, start)
        if end > begin:
            spans.append((begin, end))
    spans.sort()
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _after(scale: _Scale, start: float, seconds: float, stops: Sequence[tuple[float, float]]) -> float:
    """Return the place on the scale at which `seconds` have been counted since `start`, stops left out."""
    goal = start + seconds
    for begin, end in stops:
        if begin >= goal:
            break
        goal += end - begin
    return goal


def _seconds(limit: Limit, extended_by: int, calendar: WorkingTime) -> float:
    amount = limit.amount + extended_by
    if limit.unit == "working_days":
        return amount * calendar.seconds_a_day
    return amount * (DAY if limit.unit == "calendar_days" else HOUR)


def _end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the midnight that ends the day of the moment; a moment that is midnight ends the day before."""
    local = at.astimezone(zone)
    if local.time() == time(0):
        return local
    return datetime.combine(local.date() + timedelta(days=1), time(0), zone)


def _calendar_due(start: datetime, limit: Limit, extended_by: int, spans: Sequence[tuple[datetime, datetime]], calendar: WorkingTime) -> datetime:
    zone = calendar.zone
    first = datetime.combine(start.astimezone(zone).date() + timedelta(days=1), time(0), zone)
    goal = first + timedelta(days=limit.amount + extended_by)
    for begin, end in spans:
        if begin >= goal:
            break
        goal += end - begin
    goal = _end_of_day(goal, zone)
    last = (goal - timedelta(microseconds=1)).date()
    for _step in range(30):  # no run of days off is longer
        if calendar.is_working(last):
            break
        last += timedelta(days=1)
    return datetime.combine(last + timedelta(days=1), time(0), zone)


def _marks(start: datetime, limit: Limit, spans: Sequence[tuple[datetime, datetime]], calendar: WorkingTime, extended_by: int) -> tuple[datetime, datetime]:
    """Return (due, warn)."""
    scale = _Scale(limit.unit, calendar)
    begin = scale.of(start)
    stops = [(scale.of(a), scale.of(b)) for a, b in spans]
    if limit.unit == "calendar_days":
        due_at = _calendar_due(start, limit, extended_by, spans, calendar)
        stopped = sum(b - a for a, b in stops if a < scale.of(due_at))
        warn = _after(scale, begin, (scale.of(due_at) - begin - stopped) * WARN_SHARE, stops)
        return due_at, scale.moment(warn)
    total = _seconds(limit, extended_by, calendar)
    return scale.moment(_after(scale, begin, total, stops)), scale.moment(_after(scale, begin, total * WARN_SHARE, stops))


def due(start: datetime, limit: Limit, pauses: Iterable[Pause], working_time: WorkingTime, *, extended_by: int = 0, until: datetime | None = None) -> Due:
    """Return when the limit ends. A stop that still holds does not count yet, unless `until` says up to when."""
    if limit.amount < 0 or extended_by < 0:
        raise ValueError("a limit cannot be negative")
    due_at, warn_at = _marks(start, limit, _merged(pauses, start, until), working_time, extended_by)
    return Due(at=due_at, warn_at=warn_at, provisional=_is_provisional(start, due_at, limit, working_time))


def _is_provisional(start: datetime, end: datetime, limit: Limit, calendar: WorkingTime) -> bool:
    if limit.unit == "hours":
        return False
    years = range(start.astimezone(calendar.zone).year, end.astimezone(calendar.zone).year + 1)
    return any(calendar.is_provisional(date(year, 1, 1)) for year in years)


def usage(at: datetime, start: datetime, limit: Limit, pauses: Iterable[Pause], working_time: WorkingTime, *, extended_by: int = 0,
          ended_at: datetime | None = None) -> Usage:  # fmt: skip
    """Return how the clock stands at `at`, or how it stood when it ended."""
    pauses = list(pauses)
    here = max(start, min(at, ended_at) if ended_at is not None else at)
    spans = _merged(pauses, start, here)
    due_at, warn_at = _marks(start, limit, spans, working_time, extended_by)
    scale = _Scale(limit.unit, working_time)
    begin, now, goal, warn = scale.of(start), scale.of(here), scale.of(due_at), scale.of(warn_at)
    axis = max(goal, now, begin + 1e-6) - begin
    segments: list[tuple[str, float, float]] = []
    place = begin
    stopped = stopped_before_due = 0.0
    for a, b in spans:
        first, last = scale.of(a), min(scale.of(b), now)
        if first >= now:
            break
        if first > place:
            segments.append(("used", (place - begin) / axis, (first - place) / axis))
        if last > first:
            segments.append(("stopped", (first - begin) / axis, (last - first) / axis))
            stopped += last - first
            stopped_before_due += max(0.0, min(last, goal) - first)
        place = max(place, last)
    if now > place:
        segments.append(("used", (place - begin) / axis, (now - place) / axis))
    unit = DAY if limit.unit == "calendar_days" else HOUR
    total = goal - begin - sum(max(0.0, min(scale.of(b), goal) - scale.of(a)) for a, b in spans if scale.of(a) < goal)
    over = max(0.0, now - goal)
    used = now - begin - stopped
    is_stopped = ended_at is None and any(pause.ended_at is None and pause.began_at <= at for pause in pauses)
    return Usage(
        used=used / unit, stopped=stopped / unit, left=max(0.0, total - used) / unit if not over else 0.0, over=over / unit, total=total / unit,
        unit_word=_unit_word(limit.unit), segments=tuple(segments), now_fraction=(now - begin) / axis, warn_fraction=(warn - begin) / axis,
        due_fraction=(goal - begin) / axis, is_stopped=is_stopped,
        hours_a_day=working_time.seconds_a_day / HOUR if limit.unit in WORKING else 0.0, days_over=(here - due_at).total_seconds() / DAY if over else 0.0,
    )  # fmt: skip


# ---- words ----------------------------------------------------------------------------------------------------------
def _unit_word(unit: str) -> str:
    """Return in what the figures of a clock are shown."""
    if unit in WORKING:
        return pgettext("clock unit", "working hours")
    return pgettext("clock unit", "days") if unit == "calendar_days" else pgettext("clock unit", "hours")


def limit_words(limit: Limit) -> str:
    """Say a limit: 5 working days."""
    n = limit.amount
    if limit.unit == "working_hours":
        words = ngettext("%(n)d working hour", "%(n)d working hours", n)
    elif limit.unit == "working_days":
        words = ngettext("%(n)d working day", "%(n)d working days", n)
    elif limit.unit == "hours":
        words = ngettext("%(n)d hour", "%(n)d hours", n)
    else:
        words = ngettext("%(n)d day", "%(n)d days", n)
    return words % {"n": n}


def _amount(seconds: float, unit: str) -> str:
    value = f"{seconds / (DAY if unit == 'calendar_days' else HOUR):.1f}".removesuffix(".0")
    return f"{value} {_unit_word(unit)}"


_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _weekday(day: date) -> str:
    return _WEEKDAYS_EN[day.weekday()] if (get_language() or "").startswith("en") else f"周{_WEEKDAYS_ZH[day.weekday()]}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d} {_weekday(local.date())} {local:%H:%M}"


def _end_words(at: datetime, limit: Limit, zone: ZoneInfo) -> str:
    """Say a due moment; midnight that ends a calendar day is said as that day's end."""
    local = at.astimezone(zone)
    if limit.unit == "calendar_days" and local.time() == time(0):
        day = local.date() - timedelta(days=1)
        return f"{day:%Y-%m-%d} {_weekday(day)} 24:00"
    return _moment(at, zone)


def _days_off(start: datetime, end: datetime, calendar: WorkingTime) -> Iterable[tuple[list[date], str]]:
    """Return runs of days with the same reason, for the days between that are off or work unexpectedly."""
    first, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    days = [first + timedelta(days=n) for n in range(min((last - first).days + 1, 400))]
    told = [(day, calendar.day_words(day)) for day in days]
    for words, run in groupby(told, key=lambda pair: pair[1]):
        if words:
            yield [day for day, _words in run], words


def explain(start: datetime, limit: Limit, pauses: Iterable[Pause], working_time: WorkingTime, *, extended_by: int = 0,
            extension_basis: str = "", rule: str = "") -> Explanation:  # fmt: skip
    """Return why the due moment is what it is, in the reader's language."""
    zone = working_time.zone
    pauses = list(pauses)
    spans = _merged(pauses, start, None)
    found = due(start, limit, pauses, working_time, extended_by=extended_by)
    scale = _Scale(limit.unit, working_time)
    lines = [Line(_("Began"), _moment(start, zone))]
    total = limit_words(limit)
    if limit.unit == "working_days":
        total = _("%(limit)s, %(hours)s at %(daily)s a day") % {
            "limit": total, "hours": _amount(_seconds(limit, 0, working_time), limit.unit),
            "daily": f"{working_time.seconds_a_day / HOUR:.1f}".removesuffix(".0"),
        }  # fmt: skip
    lines.append(Line(_("Limit"), total))
    if rule:
        lines.append(Line(_("Rule"), rule))
    if scale.is_working:
        lines.append(Line(_("Office hours"), working_time.hours_words()))
        for days, words in _days_off(start, found.at, working_time):
            label = _("Not counted") if not working_time.is_working(days[0]) else _("Counted")
            said = f"{days[0]:%m-%d} {_weekday(days[0])}" + (f" – {days[-1]:%m-%d} {_weekday(days[-1])}" if len(days) > 1 else "")
            lines.append(Line(label, f"{said} · {words}"))
    elif limit.unit == "calendar_days":
        sentence = _("The first day does not count; the last one ends at midnight, or that of the next working day if it is a day off.")
        lines.append(Line(_("How it is counted"), sentence))
    for pause in pauses:
        if pause.ended_at is None:
            lines.append(Line(_("Stopped"), _("since %(from)s · %(ground)s") % {"from": _moment(pause.began_at, zone), "ground": pause.ground}))
        elif pause.ended_at > start:
            length = scale.of(pause.ended_at) - scale.of(max(pause.began_at, start))
            lines.append(
                Line(
                    _("Stopped"),
                    _("%(from)s to %(to)s, %(amount)s · %(ground)s")
                    % {
                        "from": _moment(pause.began_at, zone),
                        "to": _moment(pause.ended_at, zone),
                        "amount": _amount(length, limit.unit),
                        "ground": pause.ground,
                    },
                )
            )
    if extended_by:
        more = limit_words(Limit(extended_by, limit.unit))
        lines.append(Line(_("Extended"), f"{more}{_(': ') if extension_basis else ''}{extension_basis}"))
    lines.append(Line(_("Due"), _end_words(found.at, limit, zone)))
    if found.provisional:
        lines.append(Line(_("Provisional"), _("The holidays of a year it runs into have not been announced yet; the date may still move.")))
    return Explanation(sentence_parts=_sentence(start, limit, spans, extended_by, found.at, scale, zone), lines=tuple(lines), provisional=found.provisional)


def reason(start: datetime, limit: Limit, due_at: datetime, pauses: Iterable[Pause], working_time: WorkingTime, *, extended_by: int = 0) -> tuple[str, ...]:
    """Return the parts of the sentence that says why the due moment, as `due` found it, is what it is; `explain` gives each step too."""
    return _sentence(start, limit, _merged(list(pauses), start, None), extended_by, due_at, _Scale(limit.unit, working_time), working_time.zone)


def _sentence(
    start: datetime, limit: Limit, spans: Sequence[tuple[datetime, datetime]], extended_by: int, due_at: datetime, scale: _Scale, zone: ZoneInfo
) -> tuple[str, ...]:
    said: dict[str, Any] = {"from": _moment(start, zone), "limit": limit_words(limit), "due": _end_words(due_at, limit, zone)}
    parts = [_("From %(from)s, %(limit)s") % said]
    stopped = sum(scale.of(b) - scale.of(a) for a, b in spans)
    if spans:
        parts.append(_(", without the %(amount)s it was lawfully stopped") % {"amount": _amount(stopped, limit.unit)})
    if extended_by:
        parts.append(_(", and %(more)s granted on top") % {"more": limit_words(Limit(extended_by, limit.unit))})
    parts.append(_(": due %(due)s.") % said)
    return tuple(parts)
