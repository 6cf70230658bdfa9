"""The catalogue as plain words: who gives which datasets, in which files, over which time and place. Pure.

Addresses are paths of this installation ("/opendata/…"); dcat.py makes them whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Words = Mapping[str, str]  # language (zh, en) → text


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who is asked about the data; mail and telephone "" where there is none."""

    name: str
    mail: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A distribution: one CSV."""

    path: str
    title: Words
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What belongs together: the hours of a station, its daily index. `frequency` is a code of the EU's list."""

    key: str
    page: str
    title: Words
    text: Words
    keywords: tuple[Words, ...]
    frequency: str
    files: tuple[File, ...]
    first: date
    last: date
    longitude: float | None = None
    latitude: float | None = None
    place: str = ""
    standards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All of a town. `licence` is the address of its licence; `bounds` west, south, east, north in degrees (WGS 84)."""

    title: Words
    text: Words
    publisher: Words
    contact: Contact
    licence: str
    issued: date
    modified: date
    datasets: tuple[Dataset, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
