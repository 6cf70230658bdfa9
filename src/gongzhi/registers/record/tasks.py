"""Files taken over by the worker, looked after when a worker died, and thrown away after a month."""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.registers.record import importing, operations, queries

STALLED = timedelta(minutes=5)  # as `towns_having_stalled_record_files` asks
KEPT = timedelta(days=30)


@app.task(name="record.take_file", queue="imports")
def take_file(town_id: int, file_id: int) -> None:
    """Take a file over to its end."""
    with in_town(town_id):
        file = queries.file_for(seen_by=importing.BY, file_id=file_id)
        if file.is_running:
            importing.run(file, timezone.now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="record.resume_files", queue="clock", queueing_lock="record.resume_files")
def resume_files(timestamp: int) -> None:
    """Queue files anew that have not moved for some minutes: their worker has died."""

    def resume(town_id: int) -> None:
        for file in queries.stalled_files(seen_by=CLOCK, before=timezone.now() - STALLED):
            take_file.defer(town_id=town_id, file_id=file.pk)

    serve_towns(towns_having("stalled_record_files", timezone.now()), resume)


@app.periodic(cron="40 2 * * *")
@app.task(name="record.drop_files", queue="night", queueing_lock="record.drop_files")
def drop_files(timestamp: int) -> None:
    """Throw brought files away after a month; what was taken from them stays in its account."""
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            for file in queries.files_to_forget(seen_by=CLOCK, before=timezone.now() - KEPT):
                if Path(file.path).parent == queries.folder(seen_by=CLOCK):
                    Path(file.path).unlink(missing_ok=True)
                operations.forget_file(by=CLOCK, at=timezone.now(), file_id=file.pk)
