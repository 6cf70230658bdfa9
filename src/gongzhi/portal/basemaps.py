"""Which base layer lies under a town's maps: its own file, the installation's, or the one that comes with the demo towns."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

ADDRESS = "/basemap.pmtiles"
DEMO = "demo"


def file_of(town: Any) -> Path | None:
    """Return the PMTiles file kept here for this town: `basemaps/<code>.pmtiles` of the data folder, else the one the settings name."""
    own = Path(settings.BASEMAPS) / f"{town.code}.pmtiles"
    if own.is_file():
        return own
    named = settings.MAP_PMTILES
    return Path(named) if named.startswith("/") and Path(named).is_file() else None


def address_of(town: Any) -> str:
    """Return where browsers read the town's PMTiles, or "" where there is none."""
    if town is not None and file_of(town) is not None:
        return ADDRESS
    if settings.MAP_PMTILES == DEMO:
        return static("portal/demo.pmtiles")
    return str(settings.MAP_PMTILES) if settings.MAP_PMTILES.startswith(("https://", "http://")) else ""
