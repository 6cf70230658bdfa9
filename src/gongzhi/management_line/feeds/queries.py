"""Questions about feeds, each scoped to who asks."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Fields
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.sheets import is_blank
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.feeds import rules
from gongzhi.management_line.feeds.book import Book, Known, Message
from gongzhi.management_line.feeds.fitting import explain
from gongzhi.management_line.feeds.mapping import Compiled, Row
from gongzhi.management_line.feeds.models import Feed, FileImport, ImportRecipe, Mapping, RefusedCell, RefusedMessage
from gongzhi.management_line.feeds.recipe import Recipe
from gongzhi.management_line.feeds.said import told
from gongzhi.management_line.feeds.topics import covers
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing.columns import moment_of


def feeds(*, seen_by: Actor) -> QuerySet[Feed]:
    """Return the town's feeds for those who may look at them."""
    found = Feed.objects.order_by("code", "pk")
    return found if rules.may_look_at(seen_by) else found.none()


def feed_for(*, seen_by: Actor, code: str) -> Feed:
    """Return a feed by its code; what one may not see is not found."""
    return feeds(seen_by=seen_by).get(code=code)


def mappings_of(*, seen_by: Actor, feed_id: int) -> list[Mapping]:
    """Return a feed's mappings in the order in which they are tried."""
    return list(Mapping.objects.filter(feed__in=feeds(seen_by=seen_by), feed_id=feed_id).order_by("place"))


def refused_messages(*, seen_by: Actor, feed_id: int) -> QuerySet[RefusedMessage]:
    """Return what of a feed could not be used, newest first."""
    return RefusedMessage.objects.filter(feed__in=feeds(seen_by=seen_by), feed_id=feed_id).order_by("-received_at", "-pk")


def refused_reasons(*, seen_by: Actor, feed_id: int, most: int = 5) -> list[tuple[str, int]]:
    """Return the commonest reasons with how often each stands among what was refused."""
    found = refused_messages(seen_by=seen_by, feed_id=feed_id).values_list("reason", "said").annotate(n=Count("pk"))
    return [(told(sentences) or reason, n) for reason, sentences, n in found.order_by("-n", "reason")[:most]]


def password_of(*, seen_by: Actor, feed: Feed) -> str:
    """Return the password for the broker; for the process that connects."""
    if not rules.may_run(seen_by):
        return ""
    return sealing.unseal_text(feed.sealed_password, "feed")


def book_of(*, seen_by: Actor, feed_id: int) -> Book:
    """Return a feed's mappings made ready."""
    return _book(seen_by, feed_id, [one.definition for one in Mapping.objects.filter(feed_id=feed_id).order_by("place")])


def _book(seen_by: Actor, feed_id: int, definitions: Sequence[Fields[str, Any]]) -> Book:
    zone = territory.town(seen_by=seen_by).zone
    return Book(feed_id, [Compiled(one, zone) for one in definitions], zone)


@dataclass(frozen=True, slots=True)
class Tried:
    """A value of a message that was only tried: would it be kept, and as what or why not."""

    row: Row
    moment: datetime
    is_kept: bool
    words: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a message. `mapping`: place of the mapping that fits its topic, from 1; None: none does."""

    mapping: int | None
    pattern: str
    is_subscribed: bool
    rows: list[Tried]
    faults: list[str]

    @property
    def kept(self) -> int:
        return sum(one.is_kept for one in self.rows)


def trial(*, seen_by: Actor, feed: Feed, topic: str, payload: bytes, at: datetime, definitions: Sequence[Fields[str, Any]] | None = None) -> Trial:
    """Return what would become of a message, by the feed's mappings or by these instead. Nothing is kept. Raises BadMapping."""
    book = book_of(seen_by=seen_by, feed_id=feed.pk) if definitions is None else _book(seen_by, feed.pk, definitions)
    rows, faults, mapping = book.read(Message(topic, payload, at))
    known = {station.code: station.pk for station in sensing.stations(seen_by=seen_by)}
    for code in {row.station for row in rows} & known.keys():
        for series in sensing.series_of(seen_by=seen_by, station_id=known[code]):
            book.series[(known[code], series.factor, series.aggregate)] = Known(series.pk, series.unit)
    book.stations = known
    tried = [] if mapping is None else [Tried(row, at if row.moment is None else moment_of(row.moment), *explain(row, book, mapping, at)) for row in rows]
    place = None if mapping is None else list(book.mappings).index(mapping) + 1
    return Trial(place, mapping.topic if mapping else "", any(covers(one, topic) for one in feed.topics), tried, faults)


# ---- files ----------------------------------------------------------------------------------------------------------
def imports(*, seen_by: Actor) -> QuerySet[FileImport]:
    """Return the town's imports of files for those who may look at them, newest first."""
    found = FileImport.objects.order_by("-brought_at", "-pk")
    return found if rules.may_look_at(seen_by) else found.none()


def import_for(*, seen_by: Actor, file_id: int) -> FileImport:
    """Return an import; what one may not see is not found."""
    return imports(seen_by=seen_by).get(pk=file_id)


def unfinished_import(*, seen_by: Actor, digest: str) -> FileImport | None:
    """Return the newest import of a file with this digest that was cut off."""
    found = imports(seen_by=seen_by).filter(digest=digest, state__in=[FileImport.State.RUNNING, FileImport.State.FAILED])
    return found.exclude(path="").first()


def stalled_imports(*, seen_by: Actor, before: datetime) -> QuerySet[FileImport]:
    """Return imports that should run and have not moved since."""
    return imports(seen_by=seen_by).filter(state=FileImport.State.RUNNING, moved_at__lt=before)


def imports_before(*, seen_by: Actor, before: datetime) -> QuerySet[FileImport]:
    """Return imports of before a moment whose file still lies here and that do not run."""
    return imports(seen_by=seen_by).filter(brought_at__lt=before).exclude(path="").exclude(state=FileImport.State.RUNNING)


def refused_cells(*, seen_by: Actor, file_id: int) -> QuerySet[RefusedCell]:
    """Return what of a file could not be used, in the order of its rows."""
    return RefusedCell.objects.filter(file__in=imports(seen_by=seen_by), file_id=file_id).order_by("row", "pk")


def refused_cell_reasons(*, seen_by: Actor, file_id: int, most: int = 8) -> list[tuple[str, int]]:
    """Return the commonest reasons with how often each stands in a file."""
    found = RefusedCell.objects.filter(file__in=imports(seen_by=seen_by), file_id=file_id).values_list("reason", "said").annotate(n=Count("pk"))
    return [(told(sentences) or reason, n) for reason, sentences, n in found.order_by("-n", "reason")[:most]]


def recipes(*, seen_by: Actor) -> QuerySet[ImportRecipe]:
    """Return the recipes that the town has kept, by name."""
    found = ImportRecipe.objects.order_by("name", "pk")
    return found if rules.may_look_at(seen_by) else found.none()


def import_folder(*, seen_by: Actor) -> Path:
    """Return the folder in which the present town's brought files lie. Whoever asks: a path of the server, for its own work."""
    return Path(settings.VAR) / "imports" / str(current_town())


def is_ours(*, seen_by: Actor, path: Path) -> bool:
    """Return whether a file was brought through the product, so that it may be thrown away."""
    return path.parent == import_folder(seen_by=seen_by)


def import_book(*, seen_by: Actor, file: FileImport) -> tuple[Book, Recipe]:
    """Return what is known of the town while a file is read, and the file's recipe; raise BadMapping."""
    zone = territory.town(seen_by=seen_by).zone
    return Book(0, (), zone), Recipe(file.definition, zone)


def station_names(*, seen_by: Actor) -> dict[str, str]:
    """Return name → code of the town's stations, and code → code."""
    found: dict[str, str] = {}
    for station in sensing.stations(seen_by=seen_by):
        found |= {name: station.code for name in (station.name, station.name_en, station.code) if name}
    return found


@dataclass(slots=True)
class Checked:
    """What an import of the first rows would do. `reasons`: why → (how often, first row)."""

    rows: int = 0
    kept: int = 0
    empty: int = 0
    below: int = 0
    is_whole: bool = True
    reasons: dict[str, tuple[int, int]] = field(default_factory=dict)
    stations: dict[str, int] = field(default_factory=dict)  # names that are not known → how often
    sample: list[tuple[int, str, Tried]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return sum(n for n, _row in self.reasons.values())

    def refuse(self, why: str, row: int) -> None:
        n, first = self.reasons.get(why, (0, row))
        self.reasons[why] = (n + 1, first)


def check_rows(*, seen_by: Actor, rows: Iterable[tuple[int, Sequence[Any]]], recipe: Recipe, at: datetime, most: int = 3_000) -> Checked:
    """Return what would become of the first rows below the header. Nothing is kept."""
    checked = Checked()
    book = Book(0, (), recipe.zone)
    book.stations = {station.code: station.pk for station in sensing.stations(seen_by=seen_by)}
    looked: set[str] = set()
    said: dict[tuple[str, str, str, str], tuple[bool, str]] = {}
    for number, cells in rows:
        if checked.rows >= most:
            checked.is_whole = False
            break
        checked.rows += 1
        if is_blank(cells):
            continue
        found = recipe.read(cells)
        checked.empty += found.empty
        checked.below += found.below
        for fault in found.faults:
            checked.refuse(fault.why, number)
        for column, row in found.rows:
            if row.station not in looked:
                looked.add(row.station)
                if row.station in book.stations:
                    for series in sensing.series_of(seen_by=seen_by, station_id=book.stations[row.station]):
                        book.series[(book.stations[row.station], series.factor, series.aggregate)] = Known(series.pk, series.unit)
            if row.station not in book.stations:
                checked.stations[row.station] = checked.stations.get(row.station, 0) + 1
            is_kept, words = explain(row, book, recipe, at)
            if is_kept:
                checked.kept += 1
            else:
                checked.refuse(words, number)
            if len(checked.sample) < 12 and (number, column) and said.get((row.station, row.factor, row.aggregate, row.unit)) is None:
                said[(row.station, row.factor, row.aggregate, row.unit)] = (is_kept, words)
                checked.sample.append((number, column, Tried(row, moment_of(row.moment or 0), is_kept, words)))
    return checked
