"""Where a photo was taken, if its file says so. Pure."""

from typing import Any

from gongzhi.foundation.attachments import images

GPS = 0x8825


def taken_at(content: bytes) -> tuple[float, float] | None:
    """Return (longitude, latitude) that the camera wrote into a photo, WGS-84 degrees, or None."""
    try:
        with images.opened(content) as photo:
            tags = photo.getexif().get_ifd(GPS)
    except images.NotReadable:
        return None
    try:
        latitude = _degrees(tags[2]) * (-1 if str(tags[1]).upper().startswith("S") else 1)
        longitude = _degrees(tags[4]) * (-1 if str(tags[3]).upper().startswith("W") else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180) or (latitude == 0 and longitude == 0):
        return None
    return round(longitude, 6), round(latitude, 6)


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
