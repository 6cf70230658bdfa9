"""When the town works."""

from datetime import date

from django.db.models import QuerySet

from gongzhi.foundation.calendar import national
from gongzhi.foundation.calendar.models import DayException, OfficeHours
from gongzhi.foundation.calendar.working_time import ORDINARY, WorkingTime, shifts
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town

EARLY = date(1990, 1, 1)
_built: dict[int, WorkingTime] = {}  # by town; the days that it has added up are worth keeping


def working_time(*, seen_by: Actor) -> WorkingTime:
    """Return the working time of the present town."""

    def find() -> WorkingTime:
        hours = [(row.valid_from, shifts(row.shifts)) for row in OfficeHours.objects.visible_to(seen_by).order_by("valid_from", "pk")]
        if not hours or hours[0][0] > EARLY:
            hours.insert(0, (EARLY, ORDINARY))
        own = {row.day: (row.is_working, row.reason) for row in DayException.objects.visible_to(seen_by)}
        zone = territory.town(seen_by=seen_by).zone
        kept = _built.get(current_town())
        if kept is None or (kept.zone, kept.hours, kept.exceptions) != (zone, hours, own):
            kept = _built[current_town()] = WorkingTime(
                zone=zone, hours=hours, exceptions=own, national=national.day, provisional=national.is_provisional,
                known_since=national.KNOWN_SINCE,
            )
        return kept

    return remember("calendar.working_time", find)


def office_hours(*, seen_by: Actor) -> QuerySet[OfficeHours]:
    """Return the office hours that the town has set, the newest first."""
    return OfficeHours.objects.visible_to(seen_by).order_by("-valid_from", "-pk")


def exceptions(*, seen_by: Actor, since: date) -> QuerySet[DayException]:
    """Return the town's own days from a day on."""
    return DayException.objects.visible_to(seen_by).filter(day__gte=since).order_by("day", "pk")
