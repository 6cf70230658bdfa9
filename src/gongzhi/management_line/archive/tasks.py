"""Every night: what is old enough leaves the database, some files are hashed again, tables that are empty go. Every hour: what came late."""

import logging

from django.utils import timezone
from django.utils.translation import gettext_noop
from procrastinate.contrib.django import app

from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import towns_having
from gongzhi.management_line.archive import moving

log = logging.getLogger(__name__)
DAMAGED = gettext_noop("The archive of readings is damaged: %(files)s files")
FAILED = gettext_noop("Readings could not be moved to the archive")


@app.periodic(cron="40 2 * * *")
@app.task(name="archive.move_out", queue="night", queueing_lock="archive.move_out", lock="archive.move_out")
def move_out(timestamp: int) -> None:
    """Move what is due out of every town's readings, then look after what lies there. One town's trouble stops no other."""
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            try:
                moving.move_out(by=CLOCK, at=timezone.now())
            except (Refused, OSError, moving.Busy) as error:
                log.exception("archive of town %s", town_id)
                _tell(FAILED, str(error)[:300], {})
            damaged = moving.check_some(by=CLOCK, at=timezone.now())
            if damaged:
                _tell(DAMAGED, "\n".join(f"{file.path}: {file.damage}" for file in damaged[:10]), {"files": len(damaged)})
    moving.drop_empty_months()


@app.periodic(cron="25 * * * *")
@app.task(name="archive.move_late", queue="night", queueing_lock="archive.move_late", lock="archive.move_out")
def move_late(timestamp: int) -> None:
    """Move what came late for months that have left, and have their hours worked out from all that is known."""
    for town_id in towns_having("archived_files", timezone.now()):
        with in_town(town_id):
            try:
                moving.move_out(by=CLOCK, at=timezone.now(), late_only=True)
            except (Refused, OSError, moving.Busy):
                log.exception("late readings of town %s", town_id)  # the night's run tells people


def _tell(title: str, text: str, params: dict[str, int]) -> None:
    """Tell the town's administrators."""
    now = timezone.now()
    today = territory.day_of(seen_by=CLOCK, at=now)
    people = organs.holders(seen_by=CLOCK, role="administrator", on=today)
    if people:
        notices.give_notice(
            by=CLOCK, at=now, person_ids=people, kind="archive", title=title, text=text, params=params, url="/stations/archive/",
            dedupe=f"archive:{title}:{today}",
        )  # fmt: skip
