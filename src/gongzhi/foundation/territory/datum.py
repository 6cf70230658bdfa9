"""Declared datums to WGS-84. Pure."""

import eviltransform

DATUMS = ("wgs84", "gcj02", "bd09")


class UnknownDatum(ValueError):
    """A datum that is none of wgs84, gcj02, bd09."""


def to_wgs84(longitude: float, latitude: float, datum: str = "wgs84") -> tuple[float, float]:
    """Return (longitude, latitude) in WGS-84 degrees of a point given in the datum; raise UnknownDatum."""
    if datum == "wgs84":
        return longitude, latitude
    if datum == "bd09":
        latitude, longitude = eviltransform.bd2wgs(latitude, longitude)
        return longitude, latitude
    if datum == "gcj02":
        latitude, longitude = eviltransform.gcj2wgs_exact(latitude, longitude)
        return longitude, latitude
    raise UnknownDatum(datum)
