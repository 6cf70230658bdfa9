"""The calendar's way in on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.calendar import queries, rules
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _told(actor: Actor, at: datetime) -> Told | None:
    return Told(queries.working_time(seen_by=actor).hours_words())


hang("administration", Door(
    key="calendar", title=_("Working days and office hours"), text=_("The town's own days beside the nation's holidays; every clock counts by them"),
    url="/administration/calendar/", icon="calendar-days", may=rules.may_set_calendar, told=_told, rank=50,
))  # fmt: skip
