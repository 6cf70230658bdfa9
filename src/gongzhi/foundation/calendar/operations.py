"""Acts on the town's calendar."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.calendar import rules
from gongzhi.foundation.calendar.facts import DayCleared, DaySet, OfficeHoursSet
from gongzhi.foundation.calendar.models import DayException, OfficeHours
from gongzhi.foundation.calendar.working_time import BadHours, shifts
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town


class UnusableHours(Refused):
    sentence = _("These office hours cannot be used: each part of the day must end after it begins, and they must follow each other.")
    field = "shifts"


class NoReason(Refused):
    sentence = _("Please say why.")
    field = "reason"


@operation
def set_day(*, by: Actor, at: datetime, day: date, is_working: bool, reason: str) -> DayException:
    """Make one day worked or free in this town, with the reason that people read."""
    ensure(rules.may_set_calendar)
    if not reason.strip():
        raise NoReason
    kept, _made = DayException.objects.update_or_create(
        town_id=current_town(), day=day, defaults={"is_working": is_working, "reason": reason.strip()[:80]}
    )
    forget("calendar.working_time")
    record(DaySet(subject=ref(kept), day=day, is_working=is_working))
    return kept


@operation
def clear_day(*, by: Actor, at: datetime, exception_id: int) -> DayException:
    """Take one of the town's own days back: it is as in the nation again."""
    kept = DayException.objects.select_for_update().get(pk=exception_id)
    ensure(rules.may_set_calendar)
    record(DayCleared(subject=ref(kept), day=kept.day))
    DayException.objects.filter(pk=exception_id).delete()
    forget("calendar.working_time")
    return kept


@operation
def set_office_hours(*, by: Actor, at: datetime, pairs: Sequence[Sequence[str]], valid_from: date, reason: str = "") -> OfficeHours:
    """Set the office hours from a day on; days before it keep theirs."""
    ensure(rules.may_set_calendar)
    try:
        read = shifts(pairs)
    except BadHours as error:
        raise UnusableHours from error
    plain = [[f"{begin:%H:%M}", f"{end:%H:%M}"] for begin, end in read]
    kept, _made = OfficeHours.objects.update_or_create(
        town_id=current_town(), valid_from=valid_from, defaults={"shifts": plain, "reason": reason.strip()[:120]}
    )
    forget("calendar.working_time")
    record(OfficeHoursSet(subject=ref(kept), valid_from=valid_from, shifts=tuple("–".join(pair) for pair in plain)))
    return kept
