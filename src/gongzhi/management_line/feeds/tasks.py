"""Imports done by the worker, looked after when a worker died, and their files thrown away after a month."""

import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.kernel.towns import in_town
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.management_line.feeds import importing, operations, queries
from gongzhi.management_line.feeds.running import BY

TURN = 20.0  # seconds that an import works before others of the queue have their turn
STALLED = timedelta(minutes=3)  # as `towns_having_stalled_imports` and `…_files_to_drop` ask
KEPT = timedelta(days=30)


@app.task(name="feeds.run_import", queue="imports")
def run_import(town_id: int, file_id: int) -> None:
    """Import a part of a file; the rest is queued anew."""
    with in_town(town_id):
        file = queries.import_for(seen_by=BY, file_id=file_id)
        if not file.is_running:
            return
        end = time.monotonic() + TURN
        file = importing.run(file, timezone.now, goes_on=lambda: time.monotonic() < end)
        if file.is_running:
            run_import.defer(town_id=town_id, file_id=file_id)


@app.periodic(cron="*/3 * * * *")
@app.task(name="feeds.resume_imports", queue="clock", queueing_lock="feeds.resume_imports")
def resume_imports(timestamp: int) -> None:
    """Queue imports anew that have not moved for some minutes: their worker has died."""

    def resume(town_id: int) -> None:
        for file in queries.stalled_imports(seen_by=BY, before=timezone.now() - STALLED):
            run_import.defer(town_id=town_id, file_id=file.pk)

    serve_towns(towns_having("stalled_imports", timezone.now()), resume)


@app.periodic(cron="50 2 * * *")
@app.task(name="feeds.drop_files", queue="night", queueing_lock="feeds.drop_files")
def drop_files(timestamp: int) -> None:
    """Throw brought files away after a month; what their import did stays in its account."""

    def drop(town_id: int) -> None:
        for file in queries.imports_before(seen_by=BY, before=timezone.now() - KEPT):
            if queries.is_ours(seen_by=BY, path=Path(file.path)):
                Path(file.path).unlink(missing_ok=True)
            operations.forget_file(by=BY, at=timezone.now(), file_id=file.pk)

    serve_towns(towns_having("files_to_drop", timezone.now()), drop)
