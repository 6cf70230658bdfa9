"""Cleaning: files whose row was never committed."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.attachments import queries
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town

AGE = timedelta(days=1)


@app.periodic(cron="20 3 * * *")
@app.task(name="attachments.clean", queue="night", queueing_lock="attachments.clean")
def clean(timestamp: int) -> int:
    """Throw away files older than a day that no row names, for this month and the one before; return how many."""
    thrown = 0
    now = timezone.now()
    months = {f"{now:%Y/%m}", f"{now - timedelta(days=28):%Y/%m}"}
    for town_id in territory.town_ids(seen_by=CLOCK):
        with in_town(town_id):
            for month in months:
                folder = f"{town_id}/{month}"
                if not default_storage.exists(folder):
                    continue
                known = queries.stored_files(seen_by=CLOCK, folder=folder)
                for name in default_storage.listdir(folder)[1]:
                    path = f"{folder}/{name}"
                    if path not in known and now - default_storage.get_modified_time(path) > AGE:
                        default_storage.delete(path)
                        thrown += 1
    return thrown
