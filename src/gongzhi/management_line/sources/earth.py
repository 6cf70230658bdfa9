"""Distances and bearings on the ground, WGS-84 degrees in. Pure."""

import math

from django.utils.translation import pgettext_lazy

RADIUS = 6_371_008.8  # metres, mean
_POINTS = (
    pgettext_lazy("wind", "north"),
    pgettext_lazy("wind", "north-east"),
    pgettext_lazy("wind", "east"),
    pgettext_lazy("wind", "south-east"),
    pgettext_lazy("wind", "south"),
    pgettext_lazy("wind", "south-west"),
    pgettext_lazy("wind", "west"),
    pgettext_lazy("wind", "north-west"),
)

Point = tuple[float, float]  # longitude, latitude


def distance(one: Point, other: Point) -> float:
    """Return metres along the great circle."""
    (a, b), (c, d) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    part = math.sin((d - b) / 2) ** 2 + math.cos(b) * math.cos(d) * math.sin((c - a) / 2) ** 2
    return 2 * RADIUS * math.asin(min(1.0, math.sqrt(part)))


def bearing(one: Point, other: Point) -> float:
    """Return in which direction the other lies, degrees clockwise from north, 0 to below 360."""
    (a, b), (c, d) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    y = math.sin(c - a) * math.cos(d)
    x = math.cos(b) * math.sin(d) - math.sin(b) * math.cos(d) * math.cos(c - a)
    return math.degrees(math.atan2(y, x)) % 360


def turn(one: float, other: float) -> float:
    """Return the angle between two directions, 0 to 180 degrees."""
    return abs((one - other + 180) % 360 - 180)


def compass(degrees: float) -> str:
    """Name a direction by the eight points: 东北, north-east."""
    return str(_POINTS[round(degrees / 45) % 8])
