"""The design system's parts, for every template (builtin: no load needed).

One tag per thing. Each draws words and a shape beside its colour, prints lengths as SVG percentages and never a style
attribute. What runs once per row of a long list is plain string building; the rest are small templates in
`templates/portal/parts/`.

    {% icon "camera" %}  {% chip case %}  {% state_chip "warn" _("Returned twice") "undo-2" %}  {% life case.life %}
    {% clock_bar usage %}  {% clock_bar usage size="lg" start=case.opened_at due=case.due_at %}  {% why explanation %}
    {% when case.opened_at %}  {% day case.due_at %}  {% moment case.due_at %}
    {% field form.phone %}  {% rating_input "level" %}  {% stepper _("Photo") _("Place") _("Words") current=2 %}
    {% casecard case clock %}  {% step step %}  {% stat _("Open") 189 _("cases") note="…" %}
    {% empty "inbox" _("Nothing due") _("…") url label %}  {% notice _("…") state="warn" icon="phone" %}
    {% proof 9 "7f3ac41e" url %}  {% pager previous next shown=15 %}  {% map_frame … %}  {% chart … %}
"""

import itertools
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Textarea
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gongzhi.portal import basemaps

register = template.Library()

LIFE_WORDS = {"work": _("Production"), "home": _("Living"), "eco": _("Ecology")}


# ---- icons, chips, lives ------------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("portal/icons.svg")


@lru_cache(maxsize=400)
def _icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#i-{}"/></svg>', _sprite(), name)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; it is decoration, so a word must stand beside it or in an aria-label."""
    return _icon(str(name))


@register.simple_tag
def state_chip(state: str, word: Any, icon: str = "circle-dot") -> SafeString:
    """Draw a chip: state is one of open work done ok stop warn late."""
    return mark_safe(f'<span class="chip" data-state="{conditional_escape(state)}">{_icon(icon)}{conditional_escape(word)}</span>')  # noqa: S308 - parts escaped


@register.simple_tag
def chip(case: Any, note: Any = "") -> SafeString:
    """Draw the state of a case (or of anything with state_word, chip and icon); `note` says more, such as the ground of a stop."""
    word = f"{case.state_word}{gettext(': ')}{note}" if note else case.state_word
    return state_chip(case.chip, word, case.icon)


@register.simple_tag
def late_chip() -> SafeString:
    """Draw the word Overdue."""
    return state_chip("late", gettext("Overdue"), "triangle-alert")


_CHIP_WORDS = {
    "open": _("waits"), "work": _("in hand"), "done": _("handled"), "ok": _("checked"), "warn": _("returned or reopened"),
    "stop": _("clock stopped"), "late": _("overdue"),
}  # fmt: skip


@register.filter
def chip_word(state: str) -> Any:
    """Say one of the seven chips."""
    return _CHIP_WORDS.get(str(state), state)


@register.filter
def life_word(life: str) -> Any:
    """Say one of the three lives."""
    return LIFE_WORDS.get(str(life), life)


@register.simple_tag
def life(value: str, word: Any = "") -> SafeString:
    """Draw one of the three lives: a shape of its own and its word (or another word, such as the category)."""
    shown = word or LIFE_WORDS.get(str(value), "")
    return mark_safe(f'<span class="life" data-life="{conditional_escape(value)}">{conditional_escape(shown)}</span>')  # noqa: S308


# ---- times --------------------------------------------------------------------------------------------------------
_WEEKDAYS = (
    pgettext_lazy("weekday", "Mon"), pgettext_lazy("weekday", "Tue"), pgettext_lazy("weekday", "Wed"), pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"), pgettext_lazy("weekday", "Sat"), pgettext_lazy("weekday", "Sun"),
)  # fmt: skip


def weekday(on: date) -> str:
    """Return the short name of the weekday: 周二, Tue."""
    return str(_WEEKDAYS[on.weekday()])


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def exact(at: datetime) -> str:
    """Return the moment in full, in the town's zone: 2026-11-24 周二 09:12."""
    local = timezone.localtime(at)
    return f"{local:%Y-%m-%d} {weekday(local)} {_clock(local)}"


def nearby(at: datetime, now: datetime) -> str:
    """Return the moment as people say it: today 14:30, 周二 09:12, 11-19 10:40, 2025-11-19."""
    local, here = timezone.localtime(at), timezone.localtime(now)
    days = (local.date() - here.date()).days
    if days == 0:
        return gettext("today %(clock)s") % {"clock": _clock(local)}
    if days == 1:
        return gettext("tomorrow %(clock)s") % {"clock": _clock(local)}
    if days == -1:
        return gettext("yesterday %(clock)s") % {"clock": _clock(local)}
    if 1 < days < 7:
        return f"{weekday(local)} {_clock(local)}"
    if local.year == here.year:
        return f"{local:%m-%d} {_clock(local)}"
    return f"{local:%Y-%m-%d}"


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago (or in how long) the moment is, roughly; past a day it is said as a date."""
    gap = now - at
    past = gap >= timedelta(0)
    minutes = int(abs(gap).total_seconds() // 60)
    if minutes < 1:
        return gettext("just now") if past else gettext("in a moment")
    if minutes < 60:
        if past:
            return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
        return ngettext("in %(n)d minute", "in %(n)d minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 12:
        if past:
            return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
        return ngettext("in %(n)d hour", "in %(n)d hours", hours) % {"n": hours}
    return nearby(at, now)


def _time(at: datetime, shown: str) -> SafeString:
    local = timezone.localtime(at)
    return mark_safe(  # noqa: S308 - parts escaped
        f'<time datetime="{local.isoformat(timespec="seconds")}" title="{conditional_escape(exact(at))}">{conditional_escape(shown)}</time>'
    )


def _now(context: Any) -> datetime:
    """Return one moment for the whole page, so that its figures agree with each other."""
    given = context.get("now") if hasattr(context, "get") else None
    return given if isinstance(given, datetime) else timezone.now()


@register.simple_tag(takes_context=True)
def when(context: Any, at: datetime | None) -> SafeString | str:
    """Show a past or coming moment relatively, with the exact one on hover."""
    return _time(at, ago(at, _now(context))) if at else "—"


@register.simple_tag(takes_context=True)
def moment(context: Any, at: datetime | None) -> SafeString | str:
    """Show a moment as people say it: today 14:30, Tue 09:12; the exact one on hover."""
    return _time(at, nearby(at, _now(context))) if at else "—"


@register.simple_tag
def day(at: datetime | date | None) -> SafeString | str:
    """Show a date: 2026-11-24."""
    if at is None:
        return "—"
    shown = timezone.localtime(at).date() if isinstance(at, datetime) else at
    return mark_safe(f'<time datetime="{shown.isoformat()}">{shown.isoformat()}</time>')  # noqa: S308


@register.simple_tag(takes_context=True)
def full_time(context: Any, at: datetime | None) -> SafeString | str:
    """Show a moment with weekday: 11-24 周二 09:12 (with the year if it is another)."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    head = f"{local:%m-%d}" if local.year == timezone.localtime(_now(context)).year else f"{local:%Y-%m-%d}"
    return _time(at, f"{head} {weekday(local)} {_clock(local)}")


@register.filter
def weekday_word(at: datetime) -> str:
    """Name the weekday in the town's zone: 周五, Fri."""
    return weekday(timezone.localtime(at))


@register.filter
def clock_or_day(at: datetime, now: datetime) -> str:
    """Write 10:29 for today, 11-19 for another day."""
    local = timezone.localtime(at)
    return _clock(local) if local.date() == timezone.localtime(now).date() else f"{local:%m-%d}"


# ---- the clock ----------------------------------------------------------------------------------------------------
def number(value: Any) -> str:
    """Return an amount with at most one decimal, without a trailing zero: 22.3, 7."""
    text = f"{float(value):.1f}"
    return text.removesuffix(".0")


@register.filter
def money(value: Any) -> str:
    """Return an amount of yuan with its cents and its thousands apart: 1,740,000.00; "" for none, what is no amount as it is."""
    if value is None:
        return ""
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


@register.filter
def unpadded(value: Any) -> str:
    """Return an exact amount without idle zeros and with its thousands apart: 0.25, 1,902.86; a dash for None."""
    return "—" if value is None else f"{Decimal(str(value)).normalize():,f}"


def clock_state(usage: Any, *, is_over: bool = False) -> str:
    """Return the colour of a clock: late, stop, warn, ok (finished) or work."""
    if usage.over and float(usage.over) > 0:
        return "late"
    if is_over:
        return "ok"
    if usage.is_stopped:
        return "stop"
    return "warn" if usage.now_fraction >= usage.warn_fraction else "work"


LONG_OVER = 30  # days; beyond them nobody thinks in working hours


def left_words(usage: Any) -> str:
    """Return what a clock says in one phrase: 12.7 working hours left, 2 over, stopped."""
    if usage.over and float(usage.over) > 0:
        if usage.days_over >= LONG_OVER:
            return ngettext("%(n)d day over", "%(n)d days over", int(usage.days_over)) % {"n": int(usage.days_over)}
        return gettext("%(amount)s %(unit)s over") % {"amount": number(usage.over), "unit": usage.unit_word}
    if usage.is_stopped:
        return gettext("stopped")
    if float(usage.left) <= 0:
        return gettext("due now")
    if number(usage.left) == "0":  # there is time left, less than can be written with one decimal
        return gettext("less than %(amount)s %(unit)s left") % {"amount": "0.1", "unit": usage.unit_word}
    return gettext("%(amount)s %(unit)s left") % {"amount": number(usage.left), "unit": usage.unit_word}


def _for_residents(context: Any) -> bool:
    """Return whether the page is read by those who do not work by the hour: everybody but staff, on pages that know their reader."""
    shell = context.get("shell")
    return shell is not None and not shell.is_staff


def days_of(usage: Any) -> tuple[float, Any] | None:
    """Return how many hours of this clock are a day as residents count, and what they call it; None where hours are what they read.

    Office time in working days; round the clock in days from 48 hours on.
    """
    if getattr(usage, "hours_a_day", 0):
        return usage.hours_a_day, pgettext("clock unit", "working days")
    if usage.unit_word == pgettext("clock unit", "hours") and float(usage.total) >= 48:
        return 24.0, pgettext("clock unit", "days")
    return None


def plain_left_words(usage: Any) -> str:
    """Return what a clock says to a resident: 5 more working days; never working hours."""
    if usage.is_stopped and not float(usage.over or 0):
        return gettext("stopped")
    if usage.over and float(usage.over) > 0 and usage.days_over >= 1:
        n = int(usage.days_over)
        return ngettext("%(n)d day over", "%(n)d days over", n) % {"n": n}
    day = days_of(usage)
    if day is None or float(usage.left) <= 0:
        return left_words(usage)
    n = round(float(usage.left) / day[0])
    if getattr(usage, "hours_a_day", 0):
        words = ngettext("%(n)d more working day", "%(n)d more working days", n) if n else gettext("less than one working day left")
    else:
        words = ngettext("%(n)d more day", "%(n)d more days", n) if n else gettext("less than one day left")
    return words % {"n": n} if n else words


def _percent(fraction: float) -> str:
    return f"{max(0.0, min(1.0, float(fraction))) * 100:.1f}%"


@register.simple_tag(takes_context=True)
def clock_bar(
    context: Any, usage: Any, size: str = "", state: str = "", begin: Any = "", end: Any = "", finished: bool = False
) -> SafeString | str:
    """Draw a clock: used, stopped (hatched) and left time, the 75 % mark, now, and the due moment as a diamond.

    `usage` is cases.clock.Usage. `begin` and `end` are words under the bar; size="lg" is the bar of a case page.
    """
    if usage is None:
        return ""
    colour = state or clock_state(usage, is_over=finished)
    large = size == "lg"
    y, height, middle, half, above, below = (7, 16, 15, 7, 2, 28) if large else (2, 10, 7, 5, 0, 14)
    due = usage.due_fraction
    plain = _for_residents(context)
    share, unit = (plain and days_of(usage)) or (1.0, usage.unit_word)
    label = gettext("Clock: %(used)s of %(total)s %(unit)s used, %(left)s") % {
        "used": number(usage.used / share), "total": number(usage.total / share), "unit": unit,
        "left": gettext("ended") if finished and not float(usage.over or 0) else (plain_left_words if plain else left_words)(usage),
    }  # fmt: skip
    large_size = ' data-size="lg"' if large else ""
    parts = [
        f'<div class="clock" data-state="{conditional_escape(colour)}"{large_size}><svg role="img" aria-label="{conditional_escape(label)}">'
        f'<rect class="track" x="0" y="{y}" width="100%" height="{height}" rx="3"/>'
    ]
    for kind, start, width in usage.segments:
        if width <= 0:
            continue
        x, w = _percent(start), _percent(width)
        if kind == "stopped":
            parts.append(
                f'<rect class="stopped-bg" x="{x}" y="{y}" width="{w}" height="{height}"/>'
                f'<rect class="stopped" x="{x}" y="{y}" width="{w}" height="{height}" fill="url(#hatch)"/>'
            )
            continue
        inside = min(start + width, due) - start
        if inside > 0:
            round_end = ' rx="3"' if start == 0 else ""
            parts.append(f'<rect class="used" x="{x}" y="{y}" width="{_percent(inside)}" height="{height}"{round_end}/>')
        beyond = start + width - max(start, due)
        if beyond > 0:
            parts.append(f'<rect class="over" x="{_percent(max(start, due))}" y="{y}" width="{_percent(beyond)}" height="{height}"/>')
    if colour == "work":
        mark = _percent(usage.warn_fraction)
        parts.append(f'<line class="warnmark" x1="{mark}" x2="{mark}" y1="{y}" y2="{y + height}"/>')
    if large and not finished:
        now = _percent(usage.now_fraction)
        parts.append(f'<line class="now" x1="{now}" x2="{now}" y1="{above}" y2="{below}"/>')
    parts.append(
        f'<svg x="{_percent(due)}" y="{middle}" overflow="visible"><path class="due" d="M0 -{half}L{half} 0L0 {half}L-{half} 0Z"/></svg></svg>'
    )
    if begin or end:
        parts.append(f'<div class="clock-text"><span>{conditional_escape(begin)}</span><span>{conditional_escape(end)}</span></div>')
    parts.append("</div>")
    return mark_safe("".join(parts))  # noqa: S308 - parts escaped


@register.filter
def clock_words(usage: Any) -> str:
    """Say a clock in one phrase."""
    return left_words(usage) if usage else ""


@register.filter(name="clock_state")
def clock_state_filter(usage: Any) -> str:
    """Give the colour of a clock, for `due-…` classes."""
    return clock_state(usage) if usage else ""


register.filter("number", number)


@register.filter
def plain(value: Any) -> str:
    """Write a number for SVG: a point and no thousands marks, whatever the language."""
    return f"{float(value):g}"


_ORIGINS = {
    "resident": _("Residents"), "enterprise": _("Firms"), "patrol": _("Grid patrol"), "hotline": _("Hotline"), "device": _("Sensors"),
    "superior": _("Superior government"), "other_system": _("Other systems"), "referral": _("Referred"), "import": _("Imported"),
}  # fmt: skip


@register.filter
def origin_word(origin: str) -> Any:
    """Say where a case came from."""
    return _ORIGINS.get(str(origin), origin)


@register.inclusion_tag("portal/parts/clock_figures.html", takes_context=True)
def clock_figures(context: Any, clock: Any) -> dict[str, Any]:
    """Write the four figures over a large clock (cases.queries.ClockView): used, stopped, left (or over), due. The date is that of the same clock."""
    usage, is_ended = clock.usage, getattr(clock.clock, "ended_at", None) is not None
    plain = _for_residents(context)
    share, unit = (plain and days_of(usage)) or (1.0, usage.unit_word)
    amounts = {name: getattr(usage, name) / share for name in ("used", "stopped", "left", "over")}
    return {"amounts": amounts, "unit": unit, "left_words": plain_left_words(usage) if plain else "",
            "due_at": clock.clock.due_at, "now": _now(context), "is_over": bool(usage) and float(usage.over or 0) > 0,
            "is_ended": is_ended, "is_stopped": usage.is_stopped and not is_ended}


@register.inclusion_tag("portal/parts/why.html")
def why(explanation: Any, open: bool = False) -> dict[str, Any]:
    """Explain a due time: one sentence and a table (cases.clock.Explanation)."""
    return {"explanation": explanation, "open": open}


# ---- cards, steps, figures ----------------------------------------------------------------------------------------
@register.inclusion_tag("portal/parts/casecard.html", takes_context=True)
def casecard(context: Any, case: Any, clock: Any = None, url: str = "", note: Any = "") -> dict[str, Any]:
    """Draw a case in short: title, state, clock (cases.queries.ClockView; its date stands beside it, else the case's own), what it waits for."""
    due_at = clock.clock.due_at if clock else case.due_at
    return {"case": case, "usage": clock.usage if clock else None, "due_at": due_at, "url": url or f"/cases/{case.slug}/", "note": note, "now": _now(context)}


@register.inclusion_tag("portal/parts/step.html", takes_context=True)
def step(context: Any, step: Any, text: Any = None, by: Any = None, photos: Iterable[Any] = ()) -> dict[str, Any]:
    """Draw one step of a case in the timeline; `text` is what this reader may read (else the public text)."""
    return {
        "step": step, "text": step.public_text if text is None else text, "photos": photos, "now": _now(context),
        "by": by if by is not None else (step.organ or ""),
    }  # fmt: skip


@register.simple_tag
def tl_dot(icon: str) -> SafeString:
    """Draw the dot of a timeline entry; the state stands on its li."""
    return mark_safe(f'<span class="dot">{_icon(icon)}</span>')  # noqa: S308


@register.inclusion_tag("portal/parts/stat.html")
def stat(name: Any, value: Any, unit: Any = "", note: Any = "") -> dict[str, Any]:
    """Draw one figure; put them into <dl class="stats">. None is shown as a dash, never as 0."""
    return {"name": name, "value": "—" if value is None else value, "unit": "" if value is None else unit, "note": note}


@register.inclusion_tag("portal/parts/empty.html")
def empty(icon: str, title: Any, text: Any = "", url: str = "", label: Any = "") -> dict[str, Any]:
    """Draw an empty state: what is not there and what to do now."""
    return {"icon": icon, "title": title, "text": text, "url": url, "label": label}


@register.inclusion_tag("portal/parts/notice.html")
def notice(text: Any, state: str = "", icon: str = "info", title: Any = "") -> dict[str, Any]:
    """Draw a notice: state is "", ok, warn or late."""
    return {"text": text, "state": state, "icon": icon, "title": title}


@register.simple_tag
def proof(count: int | None, digest: Any = "", url: str = "") -> SafeString:
    """Draw the seal: how many entries the ledger has of this, and the head of the last hash."""
    text = str(digest)
    short = f"{text[:4]}…{text[-4:]}" if len(text) > 12 else text
    words = ngettext("%(n)d entry in the ledger", "%(n)d entries in the ledger", count or 0) % {"n": count or 0}
    code = format_html(" <code>{}</code>", short) if short else ""
    if url:
        return format_html('<a class="proof" href="{}">{}{}{}</a>', url, _icon("stamp"), words, code)
    return format_html('<span class="proof">{}{}{}</span>', _icon("stamp"), words, code)


# ---- forms --------------------------------------------------------------------------------------------------------
@register.inclusion_tag("portal/parts/field.html")
def field(bound: BoundField, hint: Any = "", icon: str = "") -> dict[str, Any]:
    """Draw a form field: label, control, hint and error, tied together for screen readers."""
    widget = bound.field.widget
    many = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    hint = hint or bound.help_text
    described = [f"{bound.auto_id}_hint"] if hint else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    attributes: dict[str, Any] = {}
    if not many and not isinstance(widget, CheckboxInput):
        attributes["class"] = f"{widget.attrs.get('class', '')} input".strip()
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if isinstance(widget, Textarea):
        attributes.setdefault("rows", widget.attrs.get("rows") if widget.attrs.get("rows") != "10" else "4")
    return {
        "bound": bound, "control": bound.as_widget(attrs=attributes), "hint": hint, "many": many,
        "is_check": isinstance(widget, CheckboxInput), "icon": icon,
        "optional": not bound.field.required and not isinstance(widget, CheckboxInput),
    }  # fmt: skip


_RATING_WORDS = (
    (1, _("Very dissatisfied")), (2, _("Dissatisfied")), (3, _("Basically satisfied")), (4, _("Satisfied")), (5, _("Very satisfied")),
)  # fmt: skip


@register.inclusion_tag("portal/parts/rating_input.html")
def rating_input(name: str = "level", legend: Any = "", chosen: Any = None, error: Any = "") -> dict[str, Any]:
    """Ask for one of the five levels of 好差评 as radio buttons, worst first."""
    return {
        "name": name, "legend": legend or _("How was this handled?"), "error": error,
        "levels": [(value, word, str(chosen) == str(value)) for value, word in _RATING_WORDS],
    }  # fmt: skip


@register.filter
def rating_word(level: Any) -> str:
    """Say a level of the rating."""
    return str(dict(_RATING_WORDS).get(int(level), "")) if level else ""


@register.inclusion_tag("portal/parts/stepper.html")
def stepper(*titles: Any, current: int = 1) -> dict[str, Any]:
    """Show where in a flow the reader is; steps done have a tick and a word."""
    return {
        "steps": [
            {"number": n, "title": title, "is_done": n < current, "is_current": n == current}
            for n, title in enumerate(titles, start=1)
        ],
        "current": current,
        "count": len(titles),
    }


# ---- lists --------------------------------------------------------------------------------------------------------
@register.inclusion_tag("portal/parts/pager.html", takes_context=True)
def pager(context: Any, before: str = "", after: str = "", shown: int | None = None, of: int | None = None) -> dict[str, Any]:
    """Lead through keyset pages: `before` and `after` are cursors; the present filters are kept."""
    request = context["request"]

    def address(cursor: str, name: str) -> str:
        words = [(k, v) for k, values in request.GET.lists() for v in values if k not in ("before", "after")]
        return "?" + urlencode([*words, (name, cursor)])

    return {
        "before": address(before, "before") if before else "", "after": address(after, "after") if after else "",
        "shown": shown, "of": of,
    }  # fmt: skip


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """Return the present query string with some words changed; None takes a word out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None and value != "":
            query[name] = str(value)
    return "?" + query.urlencode()


# ---- maps and charts ----------------------------------------------------------------------------------------------
_serial = itertools.count(1)


@register.inclusion_tag("portal/parts/map_frame.html", takes_context=True)
def map_frame(
    context: Any, label: Any, areas: str = "/areas.geojson", points: str = "", stations: str = "", counts: str = "",
    longitude: Any = None, latitude: Any = None, zoom: Any = None, pick: str | None = None, css: str = "", note: Any = "", fallback: Any = "",
) -> dict[str, Any]:  # fmt: skip
    """Draw a map (needs {% map_scripts %} in the scripts block).

    `points` and `stations` are addresses of GeoJSON, `counts` of {"areas": {id: {open, overdue, shade}}}; longitude and latitude put a pin
    (WGS-84 degrees); `pick` is the prefix (may be "") of two inputs <prefix>longitude and <prefix>latitude that the reader sets by moving the pin.
    `fallback` is the same in words, for readers without the map.
    """
    from django.conf import settings

    return {
        "label": label, "areas": areas, "points": points, "stations": stations, "counts": counts, "longitude": longitude,
        "latitude": latitude,
        "zoom": zoom, "pick": pick, "css": css, "note": note, "fallback": fallback,
        "style": getattr(settings, "MAP_STYLE", ""), "pmtiles": basemaps.address_of(context.get("town")),
        "tianditu": getattr(settings, "MAP_TIANDITU_KEY", ""), "attribution": getattr(settings, "MAP_ATTRIBUTION", ""),
        "worker": static("vendor/maplibre-gl-5.24.1/maplibre-gl-csp-worker.js"),
    }  # fmt: skip


@register.inclusion_tag("portal/parts/map_scripts.html", takes_context=True)
def map_scripts(context: Any) -> dict[str, Any]:
    """Load what maps need; for the scripts block of pages with a map."""
    return {"pmtiles": basemaps.address_of(context.get("town"))}


@register.inclusion_tag("portal/parts/chart_scripts.html")
def chart_scripts() -> dict[str, Any]:
    """Load what charts need; for the scripts block of pages with a chart."""
    return {}


@register.inclusion_tag("portal/parts/chart.html")
def chart(
    label: Any, kind: str, categories: Any, series: Any, unit: Any = "", limit: Any = None, limit_label: Any = "", css: str = "", table: bool = True
) -> dict[str, Any]:
    """Draw a chart with its table under it.

    `kind` is line, bar, stack or pie; `categories` the names along the axis; `series` a list of (name, values), None
    for a gap. The table is the chart for those who cannot see it, and what is shown without JavaScript.
    """
    names = [str(c) for c in categories]
    rows = [(str(name), list(values)) for name, values in series]
    return {
        "id": f"chart-{next(_serial)}", "label": label, "css": css, "unit": unit, "table": table,
        "heads": [name for name, _v in rows],
        "rows": [(names[i], [values[i] if i < len(values) else None for _n, values in rows]) for i in range(len(names))],
        "content": {
            "kind": kind, "categories": names, "unit": str(unit), "limit": limit, "limit_label": str(limit_label),
            "series": [{"name": name, "values": values} for name, values in rows],
        },
    }  # fmt: skip


@register.filter
def percent(value: Any, digits: int = 1) -> str:
    """Write a fraction 0..1 as a percentage figure without the sign; None is a dash."""
    return "—" if value is None else f"{float(value) * 100:.{digits}f}"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Look a key up in a mapping."""
    return mapping.get(key) if mapping else None


def listing(words: Iterable[Any]) -> str:
    """Join words as a sentence lists them: 、in Chinese, commas in English."""
    return pgettext("between the members of a list", ", ").join(str(word) for word in words)


register.filter("listing", listing)
