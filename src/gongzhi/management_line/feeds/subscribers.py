"""An import that was begun is queued in the same transaction."""

from typing import Any

from gongzhi.kernel.operation import Entry, on
from gongzhi.management_line.feeds import tasks
from gongzhi.management_line.feeds.facts import ImportBegun


@on(ImportBegun)
def queue_the_import_when_it_begins(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.is_queued:
        tasks.run_import.defer(town_id=entry.town_id, file_id=int(fact.subject.rsplit(":", 1)[1]))
