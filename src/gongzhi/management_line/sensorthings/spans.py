"""Which readings a question of Observations can be about: between what moments, of which series; and the stretches that it is asked in. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gongzhi.management_line.sensorthings.language import Binary, Literal, Node, Order, Path

MOMENT = timedelta(microseconds=1)
_TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}
_TIME, _SERIES = ("phenomenonTime",), (("Datastream", "id"), ("Datastream", "@iot.id"))


@dataclass(frozen=True, slots=True)
class Reach:
    """Readings from `since` up to before `until` (None: without an end), of one series or of any (None). No reading outside of it can be meant."""

    since: datetime | None = None
    until: datetime | None = None
    series_id: int | None = None

    def within(self, since: datetime | None, until: datetime | None) -> "Reach":
        """Return the part of it that lies in [since, until)."""
        begin = max((each for each in (self.since, since) if each is not None), default=None)
        end = min((each for each in (self.until, until) if each is not None), default=None)
        return replace(self, since=begin, until=end)

    @property
    def is_empty(self) -> bool:
        return self.since is not None and self.until is not None and self.since >= self.until


def reach_of(tree: Node | None) -> Reach:
    """Return what a filter of Observations can let through at most, by the conditions that all must hold."""
    if isinstance(tree, Binary) and tree.operator == "and":
        one, other = reach_of(tree.left), reach_of(tree.right)
        return replace(one.within(other.since, other.until), series_id=one.series_id if one.series_id is not None else other.series_id)
    if not isinstance(tree, Binary):
        return Reach()
    operator, left, right = tree.operator, tree.left, tree.right
    if isinstance(left, Literal):
        operator, left, right = _TURNED.get(operator, ""), right, left
    if not isinstance(left, Path) or not isinstance(right, Literal):
        return Reach()
    if left.parts in _SERIES and operator == "eq" and right.kind == "number" and float(right.value).is_integer():
        return Reach(series_id=int(right.value))
    if left.parts == _TIME and right.kind == "time":
        begin, end = right.value
        if operator == "eq":
            return Reach(begin, begin + MOMENT)
        if operator in ("gt", "ge"):
            return Reach(since=end or begin)
        if operator in ("lt", "le"):
            return Reach(until=begin + MOMENT)
    return Reach()


def by_time(order: Iterable[Order]) -> bool | None:
    """Return whether the readings of one series are asked for with the newest first (True) or the oldest (False); None where by anything else."""
    for one in order:
        if one.path.parts in _SERIES:
            continue  # all of one series are alike in it
        return one.descending if one.path.parts == _TIME else None
    return False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a reach that is asked in one go: of rows, or of a month of the archive."""

    reach: Reach
    is_archived: bool


def stretches(reach: Reach, months: Iterable[tuple[datetime, datetime]], *, newest_first: bool) -> list[Stretch]:
    """Cut a reach at the months [begin, end) that have left for the archive, in the order that is asked for; what is empty is left out."""
    found, since = [], reach.since
    for begin, end in sorted(months):
        found += [Stretch(reach.within(since, begin), is_archived=False), Stretch(reach.within(begin, end), is_archived=True)]
        since = end
    found.append(Stretch(reach.within(since, None), is_archived=False))
    kept = [each for each in found if not each.reach.is_empty]
    return kept[::-1] if newest_first else kept
