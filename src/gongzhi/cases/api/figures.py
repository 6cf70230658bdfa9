"""The town's figures over HTTP: now, and of a period."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Schema
from pydantic import AwareDatetime

from gongzhi.cases import queries
from gongzhi.cases.api.shapes import asker, router
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem
from gongzhi.kernel.web import problem


class FiguresOut(Schema):
    at: datetime
    open: int
    opened_today: int
    closed_today: int
    overdue: int
    stopped: int
    by_life: dict[str, int]
    month_ended: int
    month_on_time: int
    month_extended: int
    month_overdue: int
    month_unverified: int
    satisfied_share: float | None
    follow_ups_open: int


class ShareOut(Schema):
    """What came in in a period, of one place, unit or category."""

    id: int | None = Field(alias="key")
    name: str
    above: str = Field(description="main class of a category, community of a grid")
    opened: int
    closed: int = Field(description="of those that came in")
    overdue: int
    returned: int


class PeriodOut(Schema):
    """What came in in a period and what became of it; each table sums to `opened`."""

    since: datetime
    until: datetime
    opened: int
    closed: int = Field(description="that ended in the period, whenever they came in")
    on_time: int
    extended: int
    overdue: int
    unverified: int
    satisfied_share: float | None
    by_area: list[ShareOut]
    by_unit: list[ShareOut]
    by_category: list[ShareOut]
    by_origin: dict[str, int]
    daily: list[tuple[date, int, int]] = Field(description="day, received, closed")


class PeriodIn(Schema):
    """Which period: at most a year."""

    since: AwareDatetime
    until: AwareDatetime = Field(description="not included")


@router.get("/figures/period", response={200: PeriodOut, 422: Problem}, summary="The figures of a period", tags=["lists"])
def period(request: HttpRequest, wanted: Query[PeriodIn]) -> Any:
    """Return the figures of the cases that came in in a period.

    Restricted cases are never counted. Everybody may ask for a week or more, and rows of fewer than three cases stand
    together under no name; those with a view of the whole town may ask for any span.
    """
    if not timedelta(0) < wanted.until - wanted.since <= timedelta(days=366):
        return problem(422, _("The period must end after it begins, at most a year later."), field="until", code="BadPeriod")
    actor, _at = asker(request)
    if wanted.until - wanted.since < queries.least_span(seen_by=actor):
        return problem(422, _("Figures for everybody are of a week at least."), field="until", code="PeriodTooShort")
    told = queries.period(seen_by=actor, since=wanted.since, until=wanted.until)
    return {
        "since": told.since, "until": told.until, "opened": told.opened, "closed": told.closed, "on_time": told.on_time.on_time,
        "extended": told.on_time.extended, "overdue": told.on_time.overdue, "unverified": told.on_time.unverified,
        "satisfied_share": told.satisfaction.share, "by_area": told.by_area, "by_unit": told.by_unit, "by_category": told.by_category,
        "by_origin": told.by_origin, "daily": told.daily,
    }  # fmt: skip


@router.get("/figures", response={200: FiguresOut, 422: Problem}, summary="The town's figures", tags=["lists"])
def figures(request: HttpRequest, area: str = "") -> Any:
    """Return the town's figures now, or those of an area; restricted cases are never counted."""
    actor, at = asker(request)
    path = ""
    if area:
        found = territory.area_by_code(seen_by=actor, code=area)
        if found is None:
            return problem(422, _("There is no such area."), field="area", code="UnknownArea")
        path = found.path
    told = queries.figures(seen_by=actor, at=at, area_path=path)
    return {
        "at": told.at, "open": told.open, "opened_today": told.opened_today, "closed_today": told.closed_today, "overdue": told.overdue,
        "stopped": told.stopped,
        "by_life": {life.life: life.open for life in told.lives}, "month_ended": told.month.ended, "month_on_time": told.month.on_time,
        "month_extended": told.month.extended, "month_overdue": told.month.overdue, "month_unverified": told.month.unverified,
        "satisfied_share": told.satisfaction.share, "follow_ups_open": told.follow_ups_open,
    }  # fmt: skip
