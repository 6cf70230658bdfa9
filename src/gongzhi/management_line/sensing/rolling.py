"""Roll-ups, in SQL: one hour of a series from the last versions of its readings, one day from its hours.

The mean is what the quantity demands: decibels are averaged by energy (HJ 640-2012, GB 3096-2008 annex B: Leq), directions on the circle, the
rest plainly. Readings whose mark is not N, - or P count but are not valid; neither are numbers that nothing can measure and levels that are none,
whatever way they came into the table: no stored value stops the arithmetic of the others.
"""

import math
from collections.abc import Iterable
from typing import Protocol

from gongzhi.management_line.sensing.bounds import LOUDEST, MOST_VALUE, QUIETEST, is_decibel

DIRECTION = "a01008"  # wind direction, HJ 212


class Rolled(Protocol):
    """A step that has been rolled up."""

    @property
    def mean(self) -> float | None: ...

    @property
    def valid(self) -> int: ...


def averaging(factor: str, unit: str) -> str:
    """Return how means of a quantity are taken: "energy" for decibels, "circle" for directions, else "plain"."""
    if is_decibel(unit):
        return "energy"
    return "circle" if factor == DIRECTION else "plain"


def mean_of(steps: Iterable[Rolled], how: str = "plain") -> float | None:
    """Return the mean of steps, each by the number of its valid readings, taken as `averaging` says; None where none is valid.

    A direction's step counts by its `steadiness`, too (1 where it is not known). Winds that cancel each other out have no mean.
    """
    known = [(step.mean, step.valid, step) for step in steps if step.mean is not None and -MOST_VALUE < step.mean < MOST_VALUE]
    valid = sum(count for _mean, count, _step in known)
    if not valid:
        return None
    if how == "energy":
        known = [(min(max(mean, QUIETEST), LOUDEST), count, step) for mean, count, step in known]
        top = max(mean for mean, _count, _step in known)  # taken out, so that no power overflows
        return top + 10 * math.log10(sum(count * 10 ** ((mean - top) / 10) for mean, count, _step in known) / valid)
    if how == "circle":
        lengths = [(mean, count * (1.0 if (steady := getattr(step, "steadiness", None)) is None else steady)) for mean, count, step in known]
        east = sum(length * math.sin(math.radians(mean)) for mean, length in lengths)
        north = sum(length * math.cos(math.radians(mean)) for mean, length in lengths)
        return None if math.hypot(east, north) < 1e-9 * valid else (math.degrees(math.atan2(east, north)) + 360) % 360
    return sum(mean * count for mean, count, _step in known) / valid


# what is nearer to nought than anything measured is nought: PostgreSQL refuses products and quotients that come out smaller than it can write
# of a reading r and its series s: whether it counts. A comparison with NaN is false in the direction that excludes it
COUNTS = (
    "(r.flag IN ('N', '-', 'P') AND r.value > -1e15 AND r.value < 1e15"
    f" AND (s.unit NOT ILIKE 'dB%%' OR r.value BETWEEN {QUIETEST} AND {LOUDEST}))"
)

# {pairs}: a relation with series_id and at (begin of the hour); %(town)s: the town. {bounds}: conditions on measured_at that hold for all
# pairs anyway, so that months without any are left out once and not hour by hour
HOURS = """
SELECT p.series_id, p.at, coalesce(r.count, 0)::integer AS count, coalesce(r.valid, 0)::integer AS valid,
    CASE WHEN s.unit ILIKE 'dB%%' THEN 10 * log(r.energy) WHEN s.factor = 'a01008' THEN (degrees(atan2(r.east, r.north)) + 360)::numeric %% 360 ELSE r.plain END
        ::double precision AS mean,
    r.low, r.high, CASE WHEN s.factor = 'a01008' THEN sqrt(r.east * r.east + r.north * r.north) END AS steadiness
FROM {pairs} p
JOIN sensing_series s ON s.town_id = %(town)s AND s.id = p.series_id
LEFT JOIN LATERAL (
    SELECT count(*) AS count, count(*) FILTER (WHERE valid) AS valid, avg(value) FILTER (WHERE valid) AS plain,
        avg(power(10, CASE WHEN valid AND s.unit ILIKE 'dB%%' THEN value END / 10)) AS energy,
        avg(sind(CASE WHEN valid AND s.factor = 'a01008' THEN value END)) AS east, avg(cosd(CASE WHEN valid AND s.factor = 'a01008' THEN value END)) AS north,
        min(value) FILTER (WHERE valid) AS low, max(value) FILTER (WHERE valid) AS high
    FROM (
        SELECT DISTINCT ON (measured_at) CASE WHEN abs(value) < 1e-150 THEN 0 ELSE value END AS value, {counts} AS valid FROM sensing_reading r
        WHERE town_id = %(town)s AND series_id = p.series_id AND measured_at >= p.at AND measured_at < p.at + interval '1 hour'{bounds}
        ORDER BY measured_at, version DESC
    ) last
) r ON true
""".replace("{counts}", COUNTS)

_PLAIN = "CASE WHEN abs(h.mean) < 1e-150 THEN 0 WHEN h.mean > -1e15 AND h.mean < 1e15 THEN h.mean END"
_TURNED = f"CASE WHEN s.factor = 'a01008' THEN {_PLAIN} END"
# {days}: a relation with series_id and "on"; {hours}: sensing_hour or what stands for it; %(zone)s: the town's time zone
DAYS = """
SELECT d.series_id, d."on", sum(h.count)::integer AS count, sum(h.valid)::integer AS valid, count(h.mean)::smallint AS hours,
    CASE WHEN min(s.unit) ILIKE 'dB%%' THEN 10 * log(nullif(sum(h.valid * power(10, least(greatest(CASE WHEN s.unit ILIKE 'dB%%' THEN {plain} END,
            {quietest}), {loudest}) / 10)) / nullif(sum(h.valid) FILTER (WHERE h.mean IS NOT NULL), 0), 0))
         WHEN min(s.factor) = 'a01008' THEN (degrees(atan2(sum(h.valid * h.steadiness * sind({turned})), sum(h.valid * h.steadiness * cosd({turned})))) + 360)
            ::numeric %% 360
         ELSE sum(h.valid * {plain}) / nullif(sum(h.valid) FILTER (WHERE {plain} IS NOT NULL), 0) END::double precision AS mean,
    min(h.low) AS low, max(h.high) AS high
FROM {days} d
JOIN sensing_series s ON s.town_id = %(town)s AND s.id = d.series_id
JOIN {hours} h ON h.town_id = %(town)s AND h.series_id = d.series_id AND h.at >= (d."on"::timestamp AT TIME ZONE %(zone)s)
    AND h.at < ((d."on" + 1)::timestamp AT TIME ZONE %(zone)s)
GROUP BY d.series_id, d."on"
""".replace("{turned}", _TURNED).replace("{plain}", _PLAIN).replace("{quietest}", str(QUIETEST)).replace("{loudest}", str(LOUDEST))
