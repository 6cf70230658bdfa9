"""A history as the chart and its table take it: labels, values, limits, gaps and marks in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gongzhi.management_line.ecology.queries import History
from gongzhi.management_line.ecology.spans import DAY, Gap, Span, Step
from gongzhi.management_line.sensing import factors, marks

DECIMALS = 2  # of a series that nothing is known of


@dataclass(frozen=True, slots=True)
class Missing:
    """A gap in words: from when to when, what is not there, and why as far as it is known."""

    begin: datetime
    end: datetime
    state: str
    words: str


def label(moment: datetime, span: Span, zone: tzinfo) -> str:
    """Return a step's name on the axis, in the town's time."""
    local = moment.astimezone(zone)
    if span.is_days:
        return f"{local:%Y-%m-%d}"
    if span.is_every:
        return f"{local:%H:%M:%S}"
    return f"{local:%H:%M}" if span.until - span.since <= DAY and span.name else f"{local:%m-%d %H:%M}"


def mark_words(counts: Mapping[str, int]) -> str:
    """Return marks with their numbers: D fault 3, M maintenance 2."""
    return _(", ").join(f"{mark} {marks.word(mark)} {count}" for mark, count in sorted(counts.items()))


def value(number: float | None, factor: str) -> float | None:
    """Return a value with as many decimals as are worth showing, and one more for means."""
    return None if number is None else round(number, factors.decimals(factor) + 1)


def content(found: History, zone: tzinfo, *, name: str) -> dict[str, Any]:
    """Return what charts.js draws of one history: the line, its reach, limits, gaps, and marks of what is not valid."""
    steps, factor = found.steps, found.series.factor
    shown = [(place, step) for place, step in enumerate(steps) if step.marks and (step.mean is not None or step.value is not None)]
    return {
        "kind": "line", "categories": [label(step.at, found.span, zone) for step in steps], "unit": found.series.unit,
        "series": [{"name": name, "values": [value(step.mean, factor) for step in steps]}],
        "band": None if found.span.is_every else {
            "low": [value(step.low, factor) for step in steps], "high": [value(step.high, factor) for step in steps], "label": _("lowest to highest"),
        },
        "limits": [{"value": line.value, "label": line.words} for line in found.lines],
        "gaps": [[gap.first, gap.last, gap.state, _("nothing came") if gap.state == "missing" else _("nothing valid")] for gap in found.gaps],
        "marks": [[place, value(step.value if step.mean is None else step.mean, factor), mark_words(step.marks)] for place, step in shown],
        "marks_label": _("marked as not valid"),
    }  # fmt: skip


def missing(found: History, gaps: Sequence[Gap] | None = None) -> list[Missing]:
    """Return what is missing in a history in words, in order of time."""
    rows = []
    for gap in found.gaps if gaps is None else gaps:
        last: Step = found.steps[gap.last]
        end = found.steps[gap.last + 1].at if gap.last + 1 < len(found.steps) else last.at + found.span.step
        count = sum(step.count for step in found.steps[gap.first : gap.last + 1])
        if gap.state == "missing":
            words = _("nothing came")
        else:
            words = ngettext("%(n)d reading came, not valid", "%(n)d readings came, none valid", count) % {"n": count}
            if gap.marks:
                words += _(": ") + mark_words(dict(gap.marks))
        reasons = [window.reason for window in found.reasons(gap)]
        if reasons:
            words += _("; the device was worked on: %(reason)s") % {"reason": _(", ").join(dict.fromkeys(reasons))}
        rows.append(Missing(found.steps[gap.first].at, min(end, found.span.until), gap.state, words))
    return rows


def rows(found: History, zone: tzinfo) -> list[tuple[str, Any, Any, Any, Step, str]]:
    """Return the table under the chart: (label, mean, lowest, highest, step, marks in words)."""
    factor = found.series.factor
    return [
        (label(step.at, found.span, zone), value(step.value if step.mean is None else step.mean, factor), value(step.low, factor),
         value(step.high, factor), step, mark_words(step.marks))
        for step in found.steps
    ]  # fmt: skip
