"""What this interface does when stations are registered or moved."""

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.management_line.sensing.facts import StationRegistered
from gongzhi.management_line.sensorthings import operations, queries


@on(StationRegistered)
def follow_a_station_when_it_is_registered(entry: Entry) -> None:
    """Keep where a station stood before it moved."""
    station_id = int(entry.fact.subject.rpartition(":")[2])
    if queries.has_moved(seen_by=CLOCK, station_id=station_id):
        operations.follow_station(by=CLOCK, at=entry.at, station_id=station_id)
