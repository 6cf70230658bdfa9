"""What became of cases that closed in a period: kept its clock, how long it took, whether it came back, how it was rated."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from gongzhi.cases.models.case import counted_visibilities, slug_of
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town

BACK_WITHIN = timedelta(days=30)
NEAR = 0.0005  # degrees of latitude, some 55 m: what comes up again this near is the same matter


@dataclass(frozen=True, slots=True)
class Outcome:
    """One closed case. `came_back` is None while its thirty days run and nothing has come back; `level` is the worst rating, or None."""

    case_id: int
    number: str
    slug: str
    kind: str
    lead_id: int | None
    category_id: int | None
    area_path: str
    opened_at: datetime
    closed_at: datetime
    due_at: datetime | None
    was_late: bool | None  # None: it had no clock
    unverified: bool
    came_back: bool | None
    returns: int
    level: int | None

    @property
    def days(self) -> float:
        """Return the calendar days from coming in to being closed."""
        return (self.closed_at - self.opened_at).total_seconds() / 86400


def outcomes(*, seen_by: Actor, since: datetime, until: datetime, at: datetime) -> list[Outcome]:
    """Return the cases that closed from `since` on and before `until`, as known at `at`; those that figures tell this actor of, remembered for a minute.

    A case came back if it was opened again, or if another of its category came in within thirty days within some 55 m.
    """
    counted = counted_visibilities(seen_by)
    key = f"cases.outcomes:{since.isoformat()}:{until.isoformat()}:{','.join(counted)}"
    return remember(key, lambda: _found(since, until, at, counted), age=60)


def _found(since: datetime, until: datetime, at: datetime, counted: list[str]) -> list[Outcome]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.id, c.number, c.year, c.serial, c.kind, c.lead_id, c.category_id, c.area_path, c.opened_at, c.closed_at, k.due_at,
                   k.overdue_at IS NOT NULL, k.id IS NULL, c.closed_unverified, c.returns, c.worst_rating,
                   EXISTS (SELECT 1 FROM cases_step s WHERE s.town_id = c.town_id AND s.case_id = c.id AND s.act = 'reopen')
                   OR (c.latitude IS NOT NULL AND EXISTS (
                        SELECT 1 FROM cases_case d WHERE d.town_id = c.town_id AND d.category_id = c.category_id AND d.id <> c.id
                          AND d.opened_at > c.closed_at AND d.opened_at <= c.closed_at + make_interval(days => %(days)s) AND d.state <> 'rejected'
                          AND d.latitude BETWEEN c.latitude - %(near)s AND c.latitude + %(near)s
                          AND d.longitude BETWEEN c.longitude - %(near)s AND c.longitude + %(near)s))
            FROM cases_case c LEFT JOIN LATERAL (
                SELECT id, due_at, overdue_at FROM cases_clock WHERE case_id = c.id AND "of" = 'case' ORDER BY id DESC LIMIT 1
            ) k ON true
            WHERE c.town_id = %(town)s AND c.closed_at >= %(since)s AND c.closed_at < %(until)s AND c.state = 'closed' AND c.visibility = ANY(%(counted)s)
            ORDER BY c.id
            """,
            {"days": BACK_WITHIN.days, "near": NEAR, "town": current_town(), "since": since, "until": until, "counted": counted},
        )
        rows = cursor.fetchall()
    return [
        Outcome(
            case_id, number, slug_of(year, serial), kind, lead_id, category_id, area_path, opened_at, closed_at, due_at, None if no_clock else late, unverified,
            True if back else False if closed_at + BACK_WITHIN <= at else None, returns, level,
        )
        for (case_id, number, year, serial, kind, lead_id, category_id, area_path, opened_at, closed_at, due_at, late, no_clock, unverified, returns, level,
             back) in rows
    ]  # fmt: skip
