"""How near two needs are to each other: in place, in time, in words. Pure."""

import math
from dataclasses import dataclass
from datetime import datetime

from gongzhi.cases.words import grams, likeness

EARTH = 6_371_008.8  # mean radius in metres (IUGG)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two (longitude, latitude) points in metres (haversine)."""
    lon1, lat1, lon2, lat2 = (math.radians(value) for value in (*one, *other))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(h)))


def box(point: tuple[float, float], radius: float) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of a square around the point, `radius` metres each way."""
    dlat = math.degrees(radius / EARTH)
    dlon = dlat / max(0.05, math.cos(math.radians(point[1])))
    return point[0] - dlon, point[1] - dlat, point[0] + dlon, point[1] + dlat


@dataclass(frozen=True, slots=True)
class Nearness:
    """How much one case looks like a repeat of another: score 0…1 and its parts."""

    score: float
    metres: float | None
    hours: float
    words: float


def nearness(*, point: tuple[float, float] | None, text: str, at: datetime, other_point: tuple[float, float] | None, other_text: str,
             other_at: datetime, same_category: bool, radius: float = 250.0, days: float = 30.0) -> Nearness:  # fmt: skip
    """Return how near a need is to a case.

    Words count 45 %, place 35 %, category 15 %, time 5 %; without both points the words must carry it.
    """
    alike = likeness(grams(text), grams(other_text))
    distance = metres(point, other_point) if point and other_point else None
    closeness = max(0.0, 1 - distance / radius) if distance is not None else 0.0
    hours = abs((at - other_at).total_seconds()) / 3600
    fresh = max(0.0, 1 - hours / 24 / days)
    score = 0.45 * alike + 0.35 * closeness + 0.15 * same_category + 0.05 * fresh
    if distance is None:
        score = 0.75 * alike + 0.15 * same_category + 0.05 * fresh
    return Nearness(score=round(score, 4), metres=distance, hours=hours, words=alike)
