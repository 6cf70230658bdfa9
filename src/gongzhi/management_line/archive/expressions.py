"""The questions, as Ibis expressions over two tables of readings: the same on every engine."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gongzhi.management_line.sensing.bounds import LOUDEST, MOST_VALUE, QUIETEST

if TYPE_CHECKING:
    import ibis

VALID = ("N", "-", "P")  # marks of HJ 212 with which a value counts: normal, none sent, power-up
COLUMNS = ("series_id", "measured_at", "received_at", "value", "flag", "version", "revision")


def of_series(readings: "ibis.Table", series_ids: Sequence[int], since: datetime, until: datetime) -> "ibis.Table":
    """Return what these series have in [since, until), every version."""
    import ibis

    begin, end = (ibis.literal(moment, type="timestamp('UTC')") for moment in (since, until))
    return readings.select(*COLUMNS).filter(readings.series_id.isin(list(series_ids)), readings.measured_at >= begin, readings.measured_at < end)


def newest(readings: "ibis.Table") -> "ibis.Table":
    """Return of each series and moment what was said last.

    Nearly every row is the first and only one of its moment, so only those that are not are ranked: files keep the
    lowest and highest rank of each stretch, and stretches without a later rank are not even opened for it.
    """
    import ibis

    first = readings.filter(readings.revision == 0)
    later = readings.filter(readings.revision > 0)
    window = ibis.window(group_by=[later.series_id, later.measured_at], order_by=ibis.desc(later.revision))
    later = later.mutate(place=ibis.row_number().over(window))
    later = later.filter(later.place == 0).select(*COLUMNS)
    kept = first.anti_join(later, ["series_id", "measured_at"]).select(*COLUMNS)
    return kept.union(later, distinct=False)


def in_order(readings: "ibis.Table", most: int | None, *, newest_first: bool = False) -> "ibis.Table":
    """Return the readings by series and time, or the newest of each series first."""
    import ibis

    found = readings.order_by([readings.series_id, ibis.desc(readings.measured_at) if newest_first else readings.measured_at])
    return found if most is None else found.limit(most)


def count(readings: "ibis.Table") -> "ibis.Table":
    """Return how many readings there are, in one row."""
    return readings.aggregate(count=readings.count())


def firsts(readings: "ibis.Table") -> "ibis.Table":
    """Return of each series when it was measured first."""
    return readings.group_by("series_id").aggregate(first=readings.measured_at.min())


def rolls(readings: "ibis.Table", seconds: int, energy: Sequence[int] = (), circle: Sequence[int] = ()) -> "ibis.Table":
    """Return for each series and step of so many seconds: step (Unix seconds), count, valid, low, high, and means over the valid.

    `plain` is the mean; of the series in `energy` (decibels) `power` is the mean of 10^(value/10); of those in `circle`
    (directions in degrees) `east` and `north` are the means of sine and cosine.
    """
    import ibis

    step = (readings.measured_at.epoch_seconds() // seconds).cast("int64") * seconds
    counted = readings.flag.isin(VALID) & (readings.value > -MOST_VALUE) & (readings.value < MOST_VALUE)
    if energy:  # a level that is none counts in nothing
        counted &= ~readings.series_id.isin(list(energy)) | readings.value.between(QUIETEST, LOUDEST)
    found = readings.mutate(step=step, good=counted.ifelse(readings.value, None), counted=counted.cast("int64"))
    means = {"plain": found.good.mean()}
    if energy:
        power = ibis.literal(10.0) ** (ibis.least(ibis.greatest(found.good, QUIETEST), LOUDEST) / 10.0)
        means["power"] = found.series_id.isin(list(energy)).ifelse(power, None).mean()
    if circle:
        turning = found.series_id.isin(list(circle)).ifelse(found.good, None).radians()
        means |= {"east": turning.sin().mean(), "north": turning.cos().mean()}
    return (
        found.group_by("series_id", "step")
        .aggregate(count=found.count(), valid=found.counted.sum(), low=found.good.min(), high=found.good.max(), **means)
        .order_by(["series_id", "step"])
    )
