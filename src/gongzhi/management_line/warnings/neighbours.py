"""Whether two stations that measure the same disagree more than they usually do. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 72  # hours of both stations that must be known before anything is said
CALM = 0.5  # m/s; under it no direction is believed
WITHIN = 45.0  # degrees beside the wind that still count as along it


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two (longitude, latitude), good for some tens of kilometres."""
    width = math.cos(math.radians((one[1] + other[1]) / 2))
    return 111_195 * math.hypot((other[0] - one[0]) * width, other[1] - one[1])


def bearing(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the direction from one place to another, degrees from north, clockwise."""
    width = math.cos(math.radians((one[1] + other[1]) / 2))
    return math.degrees(math.atan2((other[0] - one[0]) * width, other[1] - one[1])) % 360


def is_upwind(one: tuple[float, float], other: tuple[float, float], wind_from: float) -> bool:
    """Return whether the first place lies upwind of the second; `wind_from` as winds are told, degrees it comes from."""
    turned = (bearing(one, other) - (wind_from + 180) + 180) % 360 - 180
    return abs(turned) <= WITHIN


def nearest_pairs(places: Mapping[int, tuple[float, float]], radius: float, most: int = 2) -> list[tuple[int, int]]:
    """Return pairs (smaller id first) of each place with its `most` nearest within `radius` metres, each pair once."""
    ids = sorted(places)
    if len(ids) < 2:
        return []
    east = np.array([places[pk][0] for pk in ids])
    north = np.array([places[pk][1] for pk in ids])
    pairs = set()
    for number, pk in enumerate(ids):
        far = 111_195 * np.hypot((east - east[number]) * math.cos(math.radians(float(north[number]))), north - north[number])
        far[number] = np.inf
        for other in np.argsort(far, kind="stable")[:most]:
            if far[other] <= radius:
                pairs.add((min(pk, ids[int(other)]), max(pk, ids[int(other)])))
    return sorted(pairs)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How a difference stands to what is usual: the middle of the differences, and by how many usual scatters it is off."""

    difference: float
    usual: float
    scatters: float


def disagreement(differences: NDArray[np.float64], now: float) -> Disagreement | None:
    """Return how a difference now stands to earlier ones (gaps NaN), by median and median absolute deviation; None where too few are known."""
    known = differences[np.isfinite(differences)]
    if len(known) < LEAST or not math.isfinite(now):
        return None
    usual = float(np.median(known))
    scatter = 1.4826 * float(np.median(np.abs(known - usual)))
    scatter = max(scatter, 1e-6 * max(1.0, abs(usual)))  # two that never differed: any difference is many scatters, the floor decides
    return Disagreement(now, usual, abs(now - usual) / scatter)


def odd_one(one: NDArray[np.float64], other: NDArray[np.float64], now: Sequence[float]) -> int:
    """Return which of two stations (0 or 1) is further from its own usual values now."""
    own = [disagreement(values, value) for values, value in zip((one, other), now, strict=True)]
    return 1 if (own[1].scatters if own[1] else 0) > (own[0].scatters if own[0] else 0) else 0
