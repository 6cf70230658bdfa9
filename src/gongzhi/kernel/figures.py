"""Figures 数据项: what a module can be measured by, declared beside what it measures.

A module brings a file `figures.py`, found at start like `doors` and `kinds`, and declares what its own facts say, one
observation a thing that happened, so that every number opens to the cases it was counted from:

    # cases/figures.py
    from gongzhi.kernel.figures import Figure, Observation, declare

    declare(Figure(code="cases.on_time", title=_("Closed in time"), text=_("Closed before its clock ran out"), sort="flag", read=_on_time))

The evaluation makes indicators of them by formulas (`share(cases.on_time)`); what is declared later joins without a change there.
A figure tells of nobody more than `seen_by` may be told of.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was observed. `value`: 1 or 0 of a flag, else an amount. `stratum`: what makes it hard or easy, for a fair comparison."""

    value: float
    organ_id: int | None
    slug: str = ""  # of the case that it opens to
    number: str = ""
    stratum: int | None = None
    area_path: str = ""


Read = Callable[..., Iterable[Observation]]  # (*, seen_by, since, until, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What can be measured. `sort`: flag (yes or no, may be shared out) or amount. `unit` of an amount: days, points, yuan …"""

    code: str
    title: Any
    text: Any
    sort: str
    read: Read
    unit: str = ""


class DeclaredTwice(ValueError):
    """Two modules named a figure alike."""


_known: dict[str, Figure] = {}


def declare(*figures: Figure) -> None:
    """Make figures known; raises DeclaredTwice."""
    for figure in figures:
        if _known.get(figure.code, figure) != figure:
            raise DeclaredTwice(figure.code)
        _known[figure.code] = figure


def known() -> dict[str, Figure]:
    """Return every declared figure by its code, in the order of the modules."""
    return dict(_known)
