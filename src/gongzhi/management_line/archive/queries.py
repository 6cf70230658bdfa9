"""Questions about the archive, and readings over hot rows and files as one.

The town is always the present one, and so is the folder: no caller names a path.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.archive import engines, expressions, files, layout, rules
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.sensing import queries as sensing

if TYPE_CHECKING:
    import ibis
    import pyarrow


class ArchiveUnreadable(Refused):
    sentence = _("A part of the archive cannot be read: %(why)s. The town's administrator can check it.")


class BadPeriod(Refused):
    sentence = _("The period must end after it begins, and both ends need a time zone.")
    field = "until"


class BadStep(Refused):
    sentence = _("The step must be hour or day.")
    field = "step"


class BadTermRule(Refused):
    sentence = _("The town's term for raw readings must be a whole number of days, at least %(least)s; it is %(rule)s.")
    field = "raw_reading_days"


# ---- the files ------------------------------------------------------------------------------------------------------
def term(*, seen_by: Actor) -> int:
    """Return after how many days raw readings leave the database."""
    rule = territory.town(seen_by=seen_by).settings.get("raw_reading_days")
    try:
        return layout.days_of(rule)
    except layout.BadTerm as error:
        raise BadTermRule(least=layout.LEAST_DAYS, rule=repr(rule)) from error


def archived_files(*, seen_by: Actor) -> QuerySet[ArchivedFile]:
    """Return the files of the present town, newest month first; nothing for those who may not look."""
    found = ArchivedFile.objects.order_by("-month", "generation", "first_series", "pk")
    return found if rules.may_look_at(seen_by) else found.none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of the archive in one line."""

    month: date
    files: int
    rows: int
    bytes: int
    late_files: int
    damaged: int
    in_hand: int
    checked_at: datetime | None

    @property
    def rows_shown(self) -> str:
        return f"{self.rows:,}"

    @property
    def bytes_a_row(self) -> float:
        return self.bytes / self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The archive of a town in figures."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    damaged: int = 0
    in_hand: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    ran_at: datetime | None = None
    checked_at: datetime | None = None
    unchecked: int = 0

    @property
    def rows_shown(self) -> str:
        return f"{self.rows:,}"


def months(*, seen_by: Actor) -> list[Month]:
    """Return the archive month by month, newest first."""
    found = archived_files(seen_by=seen_by).order_by().values("month").annotate(
        files=Count("pk"), all_rows=Sum("rows"), all_bytes=Sum("bytes"), late_files=Count("pk", filter=Q(generation__gt=0)),
        damaged=Count("pk", filter=~Q(damage="")), in_hand=Count("pk", filter=~Q(state=ArchivedFile.State.DROPPED)), checked=Min("checked_at"),
    ).order_by("-month")  # fmt: skip
    return [
        Month(month=row["month"], files=row["files"], rows=row["all_rows"], bytes=row["all_bytes"], late_files=row["late_files"], damaged=row["damaged"],
              in_hand=row["in_hand"], checked_at=row["checked"])
        for row in found
    ]  # fmt: skip


def summary(*, seen_by: Actor) -> Summary:
    """Return the archive of the present town in figures."""
    row = archived_files(seen_by=seen_by).order_by().aggregate(
        n_files=Count("pk"), n_rows=Sum("rows"), n_bytes=Sum("bytes"), n_damaged=Count("pk", filter=~Q(damage="")),
        n_in_hand=Count("pk", filter=~Q(state=ArchivedFile.State.DROPPED)), n_unchecked=Count("pk", filter=Q(checked_at__isnull=True)),
        first=Min("first_at"), last=Max("last_at"), ran=Max("written_at"), checked=Max("checked_at"),
    )  # fmt: skip
    return Summary(
        files=row["n_files"], rows=row["n_rows"] or 0, bytes=row["n_bytes"] or 0, damaged=row["n_damaged"], in_hand=row["n_in_hand"], first_at=row["first"],
        last_at=row["last"], ran_at=row["ran"], checked_at=row["checked"], unchecked=row["n_unchecked"],
    )  # fmt: skip


def unlisted(*, seen_by: Actor) -> list[str]:
    """Return Parquet files in the town's folder that the manifest does not know: left by a run that was cut off."""
    folder = layout.town_folder()
    if not rules.may_look_at(seen_by) or not folder.is_dir():
        return []
    known = set(ArchivedFile.objects.values_list("path", flat=True))
    there = (str(file.relative_to(folder)) for file in folder.glob(f"month=*/*{layout.SUFFIX}"))
    return sorted(path for path in there if path not in known)


def hot_months(*, seen_by: Actor) -> list[date]:
    """Return the months of which the database still has readings of the present town, oldest first. Whoever asks: months only, no reading."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'sensing_reading'::regclass")
        names = sorted(row[0] for row in cursor.fetchall())
        for name in names:
            if not (match := re.fullmatch(r"sensing_reading_([0-9]{4})([0-9]{2})", name)):
                continue
            month = date(int(match[1]), int(match[2]), 1)
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM sensing_reading WHERE town_id = %s AND measured_at >= %s AND measured_at < %s)",
                [current_town(), layout.start_of(month), layout.start_of(layout.next_month(month))],
            )
            if cursor.fetchone()[0]:
                found.append(month)
    return found


def due_months(*, seen_by: Actor, at: datetime) -> list[date]:
    """Return the months whose readings should leave now, oldest first."""
    days = term(seen_by=seen_by)
    return [month for month in hot_months(seen_by=seen_by) if layout.is_due(month, at, days)]


# ---- readings, hot and cold -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Point:
    """One reading: the last that was said of a moment. The fields of sensing's own points, with the series before them."""

    series_id: int
    measured_at: datetime
    received_at: datetime
    value: float
    flag: str
    version: int


def readings_between(*, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime, most: int | None = 100_000, on: str = "") -> list[Point]:
    """Return the readings of these series in [since, until), by series and time, the last version of each.

    Series of stations that the actor may not see are left out. At most `most`; `on` names another engine than the
    installation's (duckdb, or a Spark master).
    """
    found = _answer(seen_by, series_ids, since, until, lambda readings: expressions.in_order(readings, most), on)
    if found is None:
        return []
    columns = (found.column(name).to_pylist() for name in ("series_id", "measured_at", "received_at", "value", "flag", "version"))
    return [Point(series, _utc(measured), _utc(received), *rest) for series, measured, received, *rest in zip(*columns, strict=True)]


def table_between(
    *, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime, most: int | None = None, newest_first: bool = False, on: str = ""
) -> "pyarrow.Table":
    """Return the same as an Arrow table, without a bound where none is named: for exports and models. `newest_first`: of each series."""
    found = _answer(seen_by, series_ids, since, until, lambda readings: expressions.in_order(readings, most, newest_first=newest_first), on)
    return (files.nothing() if found is None else found).select(["series_id", "measured_at", "received_at", "value", "flag", "version"])


def rolls_between(
    *, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime, step: str = "hour", on: str = ""
) -> dict[int, list[sensing.Rollup]]:
    """Return hourly or daily rolls of these series in [since, until); empty steps are left out. Days are the town's own."""
    if step not in ("hour", "day"):
        raise BadStep
    zone = territory.town(seen_by=seen_by).zone
    # days begin at local midnight: quarters of an hour where a zone is not whole hours off
    whole = all((moment.astimezone(zone).utcoffset() or timedelta()) % timedelta(hours=1) == timedelta() for moment in (since, until))
    seconds = 3600 if step == "hour" or whole else 900
    kinds = _seen(seen_by, series_ids)
    energy = [series_id for series_id, (_factor, unit) in kinds.items() if unit.upper().startswith("DB")]
    circle = [series_id for series_id, (factor, unit) in kinds.items() if factor == DIRECTION and series_id not in energy]
    found = _answer(seen_by, kinds, since, until, lambda readings: expressions.rolls(readings, seconds, energy, circle), on)
    steps: dict[tuple[int, datetime], list[dict[str, Any]]] = {}
    for row in [] if found is None else found.to_pylist():
        at = datetime.fromtimestamp(row["step"], UTC)
        if step == "day":
            local = at.astimezone(zone)
            at = datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC)
        steps.setdefault((row["series_id"], at), []).append(row)
    rolled: dict[int, list[sensing.Rollup]] = {}
    for (series_id, at), rows in steps.items():
        rolled.setdefault(series_id, []).append(_rolled(at, rows))
    return rolled


def reaches(*, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime) -> bool:
    """Return whether some of the readings of these series in [since, until) have left for the archive; else the database has them all.

    Whoever asks: months only, no reading.
    """
    ids = list(series_ids)
    return bool(ids) and ArchivedFile.objects.in_force().filter(
        month__in=layout.months_between(since, until), first_series__lte=max(ids), last_series__gte=min(ids), first_at__lt=until, last_at__gte=since
    ).exists()  # fmt: skip


def months_left(
    *, seen_by: Actor, series_ids: Iterable[int] | None = None, since: datetime | None = None, until: datetime | None = None
) -> list[tuple[datetime, datetime]]:
    """Return the months [begin, end) of which readings have left the database, oldest first: of these series (None: of the town) in [since, until].

    Whoever asks: months only, no reading.
    """
    found = _left(series_ids, since, until).order_by("month").values_list("month", flat=True).distinct()
    return [(layout.start_of(month), layout.start_of(layout.next_month(month))) for month in found]


def series_left(*, seen_by: Actor, series_ids: Iterable[int], since: datetime | None = None, until: datetime | None = None) -> set[int]:
    """Return which of these series may have readings in files: those that lie between the first and the last series of one.

    Whoever asks: ids only, no reading.
    """
    ids = set(series_ids)
    spans = set(_left(ids, since, until).order_by().values_list("first_series", "last_series")) if ids else ()
    return {pk for pk in ids if any(first <= pk <= last for first, last in spans)}


def _left(series_ids: Iterable[int] | None, since: datetime | None, until: datetime | None) -> QuerySet[ArchivedFile]:
    found = ArchivedFile.objects.in_force()
    if series_ids is not None:
        ids = list(series_ids)
        found = found.filter(first_series__lte=max(ids), last_series__gte=min(ids)) if ids else found.none()
    if since is not None:
        found = found.filter(last_at__gte=since)
    return found if until is None else found.filter(first_at__lte=until)


def count_between(*, seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime) -> int:
    """Return how many readings these series have in [since, until), each moment once."""
    found = _answer(seen_by, series_ids, since, until, expressions.count, "")
    return 0 if found is None else int(found.column("count")[0].as_py())


def firsts(*, seen_by: Actor, series_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when each of these series was measured first, of those that may have readings in files."""
    ids = series_left(seen_by=seen_by, series_ids=series_ids)
    months = months_left(seen_by=seen_by, series_ids=ids) if ids else []
    if not months:
        return {}
    found = _answer(seen_by, ids, months[0][0], months[-1][1], expressions.firsts, "")
    return {} if found is None else {row["series_id"]: _utc(row["first"]) for row in found.to_pylist()}


DIRECTION = "a01008"  # wind direction, HJ 212: its mean is taken on the circle, that of decibels by energy


def _rolled(at: datetime, rows: Sequence[dict[str, Any]]) -> sensing.Rollup:
    """Return one step from the steps that it holds, each weighed by its valid readings."""
    good = [row for row in rows if row["valid"]]
    valid = sum(row["valid"] for row in good)

    def weighed(name: str) -> float | None:
        known = [row for row in good if row.get(name) is not None]
        return sum(row[name] * row["valid"] for row in known) / sum(row["valid"] for row in known) if known else None

    mean, power, east, north = (weighed(name) for name in ("plain", "power", "east", "north"))
    if power is not None:
        mean = 10 * math.log10(power)
    elif east is not None and north is not None:
        mean = (math.degrees(math.atan2(east, north)) + 360) % 360
    low = min((row["low"] for row in good), default=None)
    return sensing.Rollup(at, sum(row["count"] for row in rows), valid, mean, low, max((row["high"] for row in good), default=None))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _answer(seen_by: Actor, series_ids: Iterable[int], since: datetime, until: datetime, ask: Any, on: str) -> "pyarrow.Table | None":
    """Run a question over the newest readings, hot and cold; None when there is nothing to ask."""
    if since.tzinfo is None or until.tzinfo is None or since >= until:
        raise BadPeriod
    ids = sorted(_seen(seen_by, series_ids))
    if not ids:
        return None
    try:
        with _readings(ids, since, until, on) as (engine, readings):
            return engine.answer(ask(expressions.newest(readings)))
    except (OSError, engines.NoEngine) as error:
        raise ArchiveUnreadable(why=str(error)) from error
    except Exception as error:  # each engine has its own errors for a file that is broken
        if type(error).__module__.partition(".")[0].lstrip("_") not in ("duckdb", "pyspark", "py4j", "ibis"):
            raise
        raise ArchiveUnreadable(why=str(error).splitlines()[0].replace(str(layout.root()), "")[:160]) from error


def _seen(seen_by: Actor, series_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return which of these series belong to stations that the actor may see, closed ones too, with factor and unit."""
    wanted = sorted(set(series_ids))
    if not wanted:
        return {}
    stations = sensing.stations(seen_by=seen_by).model.objects.visible_to(seen_by).filter(series__in=wanted)
    return {series_id: (factor, unit) for series_id, factor, unit in stations.order_by("series").values_list("series", "series__factor", "series__unit")}


@contextmanager
def _readings(ids: Sequence[int], since: datetime, until: datetime, on: str) -> Iterator[tuple[engines.Engine, "ibis.Table"]]:
    """Give an engine and, in it, every version of what these series have in the period.

    The database is read first and the manifest after it: what left the database before it was read stands in the
    manifest by then, and what left between the two is in both and is counted once, because rows of the database rank
    before those of files.
    """
    found = _hot(ids, since, until)
    listed = list(
        ArchivedFile.objects.in_force().filter(
            month__in=layout.months_between(since, until), first_series__lte=ids[-1], last_series__gte=ids[0], first_at__lt=until, last_at__gte=since
        )
    )
    listed = [file for file in listed if any(file.first_series <= series_id <= file.last_series for series_id in ids)]
    paths = []
    for file in listed:
        path = layout.file_at(file.path)
        if not path.is_file():
            raise ArchiveUnreadable(why=file.path)
        paths.append(path)
    hot = files.table(found, files.revisions(found, _generations(found, {file.month for file in listed})))
    with engines.engine(layout.town_folder(), on) as engine:
        tables = [engine.cold(paths)] if paths else []
        if hot.num_rows or not tables:
            tables.append(engine.hot(hot))
        parts = [expressions.of_series(each, ids, since, until) for each in tables]
        yield engine, parts[0] if len(parts) == 1 else parts[0].union(parts[1], distinct=False)


def _generations(found: Any, months_with_files: set[date]) -> Any:
    """Return the generation of each hot record: above all files where its month has some, else none."""
    import numpy as np

    generations = np.zeros(len(found), "i4")
    for month in months_with_files:
        low, high = (round(layout.start_of(each).timestamp() * 1e6) - files.EPOCH_2000 for each in (month, layout.next_month(month)))
        generations[(found["measured_at"] >= low) & (found["measured_at"] < high)] = files.HOT
    return generations


def _hot(ids: Sequence[int], since: datetime, until: datetime) -> Any:
    """Return what the database has, as records."""
    import numpy as np

    with connection.cursor() as cursor:
        asked = f"SELECT {files.COLUMNS} FROM sensing_reading WHERE town_id = %s AND series_id = ANY(%s) AND measured_at >= %s AND measured_at < %s"
        with cursor.cursor.copy(f"COPY ({asked}) TO STDOUT (FORMAT BINARY)", [current_town(), list(ids), since, until]) as copy:
            parts = list(files.records((bytes(block) for block in copy), most=200_000))
    return np.concatenate(parts) if parts else np.empty(0, files.RECORD)
