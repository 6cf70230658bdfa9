"""A file that was begun is queued in the same transaction."""

from gongzhi.kernel.operation import Entry, on
from gongzhi.registers.record import tasks
from gongzhi.registers.record.facts import RegisterFileBegun


@on(RegisterFileBegun)
def queue_a_file(entry: Entry) -> None:
    fact = entry.fact
    assert isinstance(fact, RegisterFileBegun)
    if fact.is_queued:
        tasks.take_file.defer(town_id=entry.town_id, file_id=int(fact.subject.rsplit(":", 1)[1]))
