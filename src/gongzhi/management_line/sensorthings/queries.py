"""Questions in the standard's words, each scoped to who asks: what hangs on a station is seen with it."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Any

import orjson
from django.db import DataError, OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.moments import moment as read_moment
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.archive import queries as archive
from gongzhi.management_line.sensing import queries as stations
from gongzhi.management_line.sensorthings import language, moments, rules, shapes, spans
from gongzhi.management_line.sensorthings.compiling import Compiler, after
from gongzhi.management_line.sensorthings.entities import SETS, Link, ObservationId, Part, Row, Set
from gongzhi.management_line.sensorthings.faults import BadQuery, CannotReckon, InArchive, NotFound, TooCostly, TooMuch, UnknownName
from gongzhi.management_line.sensorthings.language import Node, Options
from gongzhi.management_line.sensorthings.models import Standing, Thing
from gongzhi.management_line.sensorthings.moments import EPOCH
from gongzhi.management_line.sensorthings.pathways import Way

PATIENCE = 8_000  # milliseconds for the whole of an answer, however many questions it takes
MOST_ROWS = 20_000  # in one answer, expanded ones counted
MOST_SHAPES = 20_000
MOST_COLD = 200_000  # readings of the archive that are put in an order of their own
MOST_BESIDE = 50  # Datastreams of one answer whose readings are followed into the archive


_SERIES = ('e."datastream_id"', "e.datastream_id")


_patient: ContextVar[bool] = ContextVar("sensorthings_patient", default=False)


@contextmanager
def patiently(*, seen_by: Actor) -> Iterator[None]:
    """Read in one transaction, with a limit to how long a statement may take; the reader shares it among all of an answer. Raise TooCostly, CannotReckon.

    Whoever asks: it reads nothing itself.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # views within views: the planner must see through all of them to begin where there are few rows
                cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}; SET LOCAL join_collapse_limit = 12; SET LOCAL from_collapse_limit = 12")
            token = _patient.set(True)
            try:
                yield
            finally:
                _patient.reset(token)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL join_collapse_limit = 8; SET LOCAL from_collapse_limit = 8")
    except DataError as error:
        raise CannotReckon from error
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooCostly from error
        raise


def is_undescribed(*, seen_by: Actor) -> bool:
    """Return whether there are stations or series that this interface has no words for yet. Whoever asks: yes or no, for the task that describes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM sensing_station s WHERE s.town_id = %(town)s"
            " AND NOT EXISTS (SELECT FROM sensorthings_thing t WHERE t.station_id = s.id))"
            " OR EXISTS (SELECT FROM sensing_series x WHERE x.town_id = %(town)s AND NOT EXISTS (SELECT FROM sensorthings_stream d WHERE d.series_id = x.id))",
            {"town": current_town()},
        )
        return bool(cursor.fetchone()[0])


def has_moved(*, seen_by: Actor, station_id: int) -> bool:
    """Return whether a station that has words here stands at none of the places that these give it."""
    station = stations.known_stations(seen_by=seen_by).filter(pk=station_id).first()
    if station is None or not station.has_point or not Thing.objects.filter(pk=station_id).exists():
        return False
    held = Standing.objects.filter(thing_id=station_id).values_list("place__location", flat=True)
    return (station.longitude, station.latitude) not in [shapes.point_of(location) for location in held]


def sizes(*, seen_by: Actor, at: datetime) -> dict[str, int]:
    """Return how many entities of each set the actor may see; readings are not counted, which would take long."""
    reader = _Reader(seen_by, at)
    names = [name for name in SETS if name != "Observations"]
    counts = reader.run("SELECT " + ", ".join(f"(SELECT count(*) FROM {reader.view(SETS[name])} e)" for name in names), reader.given)[0]
    return dict(zip(names, counts, strict=True))


def walk(*, seen_by: Actor, at: datetime, way: Way, options: Options) -> Part:
    """Return what an address leads to, with the options for its last set; raise NotFound where a step on the way leads nowhere."""
    return _Reader(seen_by, at).walk(way, options)


def entity(*, seen_by: Actor, at: datetime, of: str, number: Any) -> Row | None:
    """Return one entity with all its properties, or None."""
    return _Reader(seen_by, at).one(SETS[of], number)


def seen_datastreams(*, seen_by: Actor, numbers: Iterable[int]) -> set[int]:
    """Return which of these numbers are of Datastreams that the actor may see."""
    of = SETS["Datastreams"]
    reader = _Reader(seen_by, EPOCH)
    given = reader.given | {"numbers": list(numbers)}
    return {row[0] for row in reader.run(f"SELECT e.id FROM {reader.view(of)} e WHERE e.id = ANY(%(numbers)s)", given)}


def owners(*, seen_by: Actor, numbers: Iterable[int]) -> set[int | None]:
    """Return the units that the stations of these Datastreams belong to."""
    return set(stations.known_series(seen_by=seen_by).filter(pk__in=list(numbers)).values_list("station__organ_id", flat=True))


def is_in_use(*, seen_by: Actor, of: str, number: int) -> bool:
    """Return whether something stands on an entity, whoever may see it: the town's registry, a Datastream, a reading.

    Whoever asks: yes or no, so that nothing in use is taken away.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_STANDS_ON[of]}", {"n": number})
        return bool(cursor.fetchone()[0])


_STANDS_ON = {
    "Sensors": "EXISTS (SELECT FROM sensorthings_stream WHERE instrument_id = %(n)s AND withdrawn_at IS NULL)"
    " OR EXISTS (SELECT FROM sensorthings_instrument WHERE id = %(n)s AND station_id IS NOT NULL)",
    "ObservedProperties": "EXISTS (SELECT FROM sensorthings_stream WHERE observed_id = %(n)s AND withdrawn_at IS NULL)"
    " OR EXISTS (SELECT FROM sensorthings_observed WHERE id = %(n)s AND code <> '')",
    "Locations": "EXISTS (SELECT FROM sensorthings_standing WHERE place_id = %(n)s)",
    "HistoricalLocations": "false",
    "FeaturesOfInterest": "EXISTS (SELECT FROM sensorthings_thing WHERE feature_id = %(n)s)"
    " OR EXISTS (SELECT FROM sensorthings_detail WHERE feature_id = %(n)s)",
}


class _Reader:
    """Asks the database for one reader; counts the rows it gathers."""

    def __init__(self, seen_by: Actor, at: datetime) -> None:
        self.actor, self.at, self.unused, self.town = seen_by, at, rules.sees_unused(seen_by), current_town()
        self.cold: dict[str, Any] | None = None  # the readings of the archive that stand in the place of rows, by parameter
        self.seen, self.given = _seen(seen_by)
        self.rows = 0
        self.until = monotonic() + PATIENCE / 1000
        self.asked = 0

    # ---- pieces
    def view(self, of: Set, newest: str = "probed") -> str:
        if of.name == "Observations" and self.cold is not None:
            return of.view(self.town, unused=self.unused, newest="alone", readings=_COLD.format(town=int(self.town)))
        return of.view(self.town, unused=self.unused, newest=newest)

    def linked(self, of: Set) -> str:
        """Return the view of a set that a filter's path leads to; readings must all be rows then."""
        if of.name == "Observations" and (months := archive.months_left(seen_by=self.actor)):
            raise InArchive(since=moments.write(months[-1][1]))
        return self.view(of)

    def compiler(self, of: Set) -> Compiler:
        return Compiler(of, view=self.linked, measured=self.measured, at=self.at, params=dict(self.given))

    def run(self, sql: str, params: dict[str, Any]) -> list[Any]:
        with connection.cursor() as cursor:
            self.asked += 1
            if self.asked > 1 and _patient.get():  # the first has the whole of the time, see patiently
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(self.left())])
            cursor.execute(f"WITH seen AS ({self.seen}) {sql}", params | (self.cold or {}))
            return list(cursor.fetchall())

    def left(self) -> int:
        """Return how many milliseconds are left for the whole of the answer; raise TooCostly where there are none."""
        left = int((self.until - monotonic()) * 1000)
        if left <= 0:
            raise TooCostly
        return left

    def share(self, keys: int) -> int:
        """Return how many rows each of so many keys may still bring; raise TooMuch where not one each is left."""
        left = (MOST_ROWS - self.rows) // max(1, keys)
        if left < 1:
            raise TooMuch
        return left

    def measured(self, of: Set, name: str) -> list[tuple[int, Any]]:
        """Return the geometries of all entities of a set."""
        found = self.run(f'SELECT e.id, e."{name}" FROM {self.view(of)} e WHERE e."{name}" IS NOT NULL LIMIT {MOST_SHAPES + 1}', dict(self.given))
        if len(found) > MOST_SHAPES:
            raise TooCostly
        return [(number, _json(content)) for number, content in found]

    # ---- ways
    def walk(self, way: Way, options: Options) -> Part:
        condition: tuple[Link, Any] | None = None
        for step in way.steps[:-1]:
            part = self.page(step.of, Options(select=["id"]), condition, step.number)
            condition = self._next(way, step, part)
        last = way.last
        if last.is_single:
            options = Options(select=options.select, expand=options.expand)
        part = self.page(last.of, options, condition, last.number)
        if last.is_single and not part.rows:
            raise NotFound(name=last.of.single)
        return part

    def _next(self, way: Way, step: Any, part: Part) -> tuple[Link, Any]:
        if not part.rows:
            raise NotFound(name=step.of.single)
        link = way.steps[way.steps.index(step) + 1].link
        assert link is not None
        return link, part.rows[0].keys[link.key]

    def one(self, of: Set, number: Any) -> Row | None:
        rows = self.page(of, Options(), None, number).rows
        return rows[0] if rows else None

    # ---- pages
    def page(self, of: Set, options: Options, entered: tuple[Link, Any] | None = None, number: Any = None) -> Part:
        """Return a page of a set: entered by a link from a key, or one entity of it. Readings are rows and what has left for the archive, as one."""
        if of.name == "Observations":
            return self.readings(options, entered, number)
        return self.part(of, options, entered, number)

    # ---- readings, hot and cold
    def readings(self, options: Options, entered: tuple[Link, Any] | None, number: Any) -> Part:
        """Return a page of Observations; raise InArchive where it would need more of the archive than can be gone through."""
        of = SETS["Observations"]
        reach = spans.reach_of(options.filter)
        if isinstance(number, ObservationId):
            reach = spans.Reach(number.moment, number.moment + spans.MOMENT, number.series_id)
        elif entered is not None and entered[0].on == SETS["Datastreams"].links["Observations"].on:
            reach = replace(reach, series_id=entered[1])
        months = self._months(reach)
        if months and reach.series_id is None and entered is None and (only := self._only_series(options.filter)) is not None:
            reach = replace(reach, series_id=only)
            months = self._months(reach)
        if not months:
            return self.part(of, options, entered, number)
        newest_first = spans.by_time(options.order)
        if reach.series_id is None:
            return self._of_many(options, entered, months[-1][1])
        if newest_first is None:
            return self._in_any_order(options, entered, reach, months)
        return self._by_time(options, entered, number, reach, months, newest_first)

    def _months(self, reach: spans.Reach) -> list[tuple[datetime, datetime]]:
        ids = None if reach.series_id is None else [reach.series_id]
        return archive.months_left(seen_by=self.actor, series_ids=ids, since=reach.since, until=reach.until)

    def _only_series(self, tree: Node | None) -> int | None:
        """Return the one series that a filter's conditions on the Datastream leave, if it is one."""
        above, _rest = language.behind(tree, "Datastream")
        if above is None:
            return None
        compiler = self.compiler(SETS["Observations"])
        found = self.run(f"SELECT s.id FROM sensing_series s WHERE s.town_id = {self.town} AND {self._above(above, compiler)} LIMIT 2", compiler.params)
        return found[0][0] if len(found) == 1 else None

    def _of_many(self, options: Options, entered: tuple[Link, Any] | None, since: datetime) -> Part:
        """Return readings of many series: the newest, where all of a page lie after the archive; or series by series, as they come unasked."""
        paths = [(one.path.parts, one.descending) for one in options.order]
        if paths[:1] == [(("phenomenonTime",), True)] and not options.count:
            part = self.part(SETS["Observations"], options, entered, None, spans.Reach(since))
            if part.has_more:
                return part
        elif not paths and entered is None and not options.count and not options.skip:
            return self._series_by_series(options)
        raise InArchive(since=moments.write(since))

    def _series_by_series(self, options: Options) -> Part:
        """Return a page of the readings of all series in the order of their keys: one series after the other."""
        result, link = Part([]), SETS["Datastreams"].links["Observations"]
        begin = int(_read_token(options.token, 2)[0] or 0) if options.token else 0
        asked = f"SELECT s.id FROM sensing_series s WHERE s.town_id = {self.town} AND s.station_id IN (SELECT id FROM seen) AND s.id >= %(begin)s ORDER BY 1"
        for (series_id,) in self.run(asked, self.given | {"begin": begin}):
            more = replace(options, expand={}, top=options.size - len(result.rows), token=options.token if series_id == begin else "")
            part = self.readings(more, (link, series_id), None)
            result.rows += part.rows
            result.last = part.last or result.last
            if part.has_more:
                result.has_more, result.following = True, result.last
                break
        self.expand(SETS["Observations"], result.rows, options)
        return result

    def _in_any_order(self, options: Options, entered: tuple[Link, Any] | None, reach: spans.Reach, months: Sequence[tuple[datetime, datetime]]) -> Part:
        """Return a page of one series by another order than that of time: all that it may be about is looked at at once."""
        first, last = self._ends(reach.series_id)
        begin, end = reach.since or min([months[0][0], *first]), reach.until or max([self.at, *last]) + spans.MOMENT
        if archive.count_between(seen_by=self.actor, series_ids=[reach.series_id or 0], since=begin, until=end) > MOST_COLD:
            raise InArchive(since=moments.write(months[-1][1]))
        with self._from_archive(spans.Reach(begin, end, reach.series_id), None, newest_first=False):
            part = self.part(SETS["Observations"], replace(options, expand={}), entered, None)
        self.expand(SETS["Observations"], part.rows, options)
        return part

    def _ends(self, series_id: int | None) -> tuple[list[datetime], list[datetime]]:
        """Return ([first], [last]) moments of which the database has readings of a series, empty where it has none."""
        rows = f"FROM sensing_reading WHERE town_id = {self.town} AND series_id = %(n)s"
        found = self.run(f"SELECT (SELECT min(measured_at) {rows}), (SELECT max(measured_at) {rows})", self.given | {"n": series_id})[0]
        return ([found[0]], [found[1]]) if found[0] is not None else ([], [])

    def _by_time(self, options: Options, entered: tuple[Link, Any] | None, number: Any, reach: spans.Reach, months: Sequence[tuple[datetime, datetime]],
                 newest_first: bool) -> Part:  # fmt: skip
        """Return a page of one series in the order of time, stretch by stretch: rows, months of the archive, rows."""
        of = SETS["Observations"]
        whole = spans.stretches(reach, months, newest_first=newest_first)
        result = Part([])
        if options.count:
            result.count = sum(self._count(options, entered, stretch) for stretch in whole)
        if options.token:  # what lies before it is not gone through again
            moment = _read_moment(options.token)
            reach = reach.within(None, moment + spans.MOMENT) if newest_first else reach.within(moment, None)
        skip, plain = options.skip, replace(options, count=False, expand={})
        for stretch in spans.stretches(reach, months, newest_first=newest_first):
            wanted = plain.size - len(result.rows)
            if skip and not options.token:
                passed = self._count(options, entered, stretch)
                if passed <= skip:
                    skip -= passed
                    continue
            part = self._stretch(replace(plain, skip=skip, top=wanted), entered, number, stretch, newest_first=newest_first)
            skip = 0
            result.rows += part.rows
            result.last = part.last or result.last
            if part.has_more:
                result.has_more, result.following = True, result.last
                break
        self.expand(of, result.rows, options)
        return result

    def _stretch(self, options: Options, entered: tuple[Link, Any] | None, number: Any, stretch: spans.Stretch, *, newest_first: bool) -> Part:
        of, within = SETS["Observations"], stretch.reach
        if not stretch.is_archived:
            return self.part(of, options, entered, number, within)
        most = options.skip + options.size + 2 if options.filter is None else None
        with self._from_archive(within, most, newest_first=newest_first):
            return self.part(of, options, entered, number, within)

    def _count(self, options: Options, entered: tuple[Link, Any] | None, stretch: spans.Stretch) -> int:
        """Return how many readings of a stretch fit."""
        within = stretch.reach
        if stretch.is_archived and options.filter is None:
            assert within.since is not None and within.until is not None and within.series_id is not None  # noqa: PT018 - a month of one series
            return archive.count_between(seen_by=self.actor, series_ids=[within.series_id], since=within.since, until=within.until)
        only = Options(filter=options.filter, count=True, top=0)
        return self._stretch(only, entered, None, stretch, newest_first=False).count or 0

    @contextmanager
    def _from_archive(self, within: spans.Reach, most: int | None, *, newest_first: bool) -> Iterator[None]:
        """Let readings be those of a stretch as the archive and the rows beside it have them, until the end of the block."""
        assert within.since is not None and within.until is not None and within.series_id is not None  # noqa: PT018 - a month of one series
        self.left()
        table = archive.table_between(
            seen_by=self.actor, series_ids=[within.series_id], since=within.since, until=within.until, most=most, newest_first=newest_first
        )
        self.cold = {f"cold_{name}": table.column(name).to_pylist() for name in ("series_id", "measured_at", "value", "flag", "version")}
        self.cold["cold_measured_at"] = [moments.in_utc(moment) for moment in self.cold["cold_measured_at"]]
        try:
            yield
        finally:
            self.cold = None  # what is expanded is asked after it

    # ---- one question
    def part(self, of: Set, options: Options, entered: tuple[Link, Any] | None = None, number: Any = None, within: spans.Reach | None = None) -> Part:
        """Return a page of a set as it stands in the database (and in `cold`); `within`: readings of these moments only."""
        compiler = self.compiler(of)
        wheres = []
        if entered is not None:
            link, key = entered
            wheres.append(link.on.format(c="e", k=compiler.param(key, "bigint")))
        if isinstance(number, ObservationId):
            wheres.append(f"e.datastream_id = {compiler.param(number.series_id, 'bigint')} AND e.measured_at = {compiler.param(number.moment, 'timestamptz')}")
        elif number is not None:
            wheres.append(f"e.id = {compiler.param(number, 'bigint')}")
        if within is not None and within.since is not None:
            wheres.append(f"e.measured_at >= {compiler.param(within.since, 'timestamptz')}")
        if within is not None and within.until is not None:
            wheres.append(f"e.measured_at < {compiler.param(within.until, 'timestamptz')}")
        columns, names = self.columns(of, options)
        part = Part([])
        if options.count:
            where, _order_of, joins = self.body(compiler, options, wheres)
            counted = self.view(of, "first" if options.filter is None else "joined")
            part.count = self.run(f"SELECT count(*) FROM {counted} e{joins} WHERE {where}", compiler.params)[0][0]
            compiler = Compiler(of, view=self.linked, measured=self.measured, at=self.at, params=compiler.params)
        above: Node | None = None
        is_whole = entered is None and number is None and self.cold is None
        by_keys = not options.order or str(options.order[0].path) in ("phenomenonTime", "Datastream/id")
        is_across = of.name == "Observations" and is_whole and by_keys
        if is_across:
            above, rest = language.behind(options.filter, "Datastream")
            options = replace(options, filter=rest)
        where, order, joins = self.body(compiler, options, wheres)
        if options.token:
            where = f"({where}) AND {after(order, _read_token(options.token, len(order)), compiler)}"
        size = options.size
        marks = ", ".join(f"({sql})::text" for sql, _kind, _descending in order)
        body = f"FROM {self.view(of)} e{joins} WHERE {where}"
        if is_across:
            question = self._across(columns, marks, body, order, size + 1, int(options.skip), self._above(above, compiler))
        else:
            question = f"SELECT {columns}, {marks} {body} ORDER BY {_order(order)} LIMIT {size + 1} OFFSET {int(options.skip)}"
        found = self.run(question, compiler.params)
        if len(found) > size:
            part.has_more = True
            if size:
                part.following = _write_token(found[size - 1][-len(order) :])
        part.rows = [self.row(of, names, row) for row in found[:size]]
        if part.rows:
            part.last = _write_token(found[len(part.rows) - 1][-len(order) :])
        self._reach_back(of, part.rows)
        self.expand(of, part.rows, options)
        return part

    def _across(self, columns: str, marks: str, body: str, order: Sequence[tuple[str, str, bool]], size: int, skip: int, above: str) -> str:
        """Return the question for readings of all series: the first of each series, which its index knows, put in order then."""
        count = len(order)
        keys = ", ".join(f"{sql} AS o{place}" for place, (sql, _kind, _descending) in enumerate(order))
        turns = ", ".join(
            f"{'q.k' if sql in _SERIES else f'c.o{place}'}{' DESC' if descending else ''}" for place, (sql, _kind, descending) in enumerate(order)
        )
        width = columns.count(", ") + 1 + count
        names = [f"c{place}" for place in range(width)]
        series = f"SELECT s.id AS k FROM sensing_series s WHERE s.town_id = {self.town} AND s.station_id IN (SELECT id FROM seen) AND {above}"
        return (
            f"SELECT {', '.join(names)} FROM ({series}) q"
            f" CROSS JOIN LATERAL (SELECT {columns}, {marks}, {keys} {body} AND e.datastream_id = q.k ORDER BY {_order(order)} LIMIT {size + skip})"
            f" AS c({', '.join(names)}, {', '.join(f'o{place}' for place in range(count))}) ORDER BY {turns} LIMIT {size} OFFSET {skip}"
        )

    def _above(self, asked: Node | None, compiler: Compiler) -> str:
        """Return the condition on series s that a filter of Observations sets on their Datastreams: it is settled before any reading is looked at."""
        if asked is None:
            return "true"
        target = SETS["Datastreams"]
        inner = Compiler(target, view=self.linked, measured=self.measured, at=self.at, params=compiler.params)
        condition = inner.truth(asked)
        return f"s.id IN (SELECT e.id FROM {self.view(target)} e{''.join(inner.joined)} WHERE {condition})"

    def body(self, compiler: Compiler, options: Options, wheres: Sequence[str]) -> tuple[str, list[tuple[str, str, bool]], str]:
        """Return (condition, order, joins) of a question."""
        of = compiler.of
        condition = compiler.truth(options.filter) if options.filter is not None else ""
        if compiler.is_many:  # rows joined with many: each once, whatever number of them fits
            keys = ", ".join(f"e.{key}" for key in of.keys)
            inner = Compiler(of, view=self.linked, measured=self.measured, at=self.at, params=compiler.params)
            condition = f"({keys}) IN (SELECT {keys} FROM {self.view(of)} e{''.join(compiler.joined)} WHERE ({condition}))"
            order = inner.order(options.order)
            return " AND ".join([*(f"({part})" for part in wheres), condition]), order, "".join(inner.joined)
        order = compiler.order(options.order)
        return " AND ".join([*(f"({part})" for part in wheres), *([f"({condition})"] if condition else [])]) or "true", order, "".join(compiler.joined)

    def columns(self, of: Set, options: Options) -> tuple[str, list[str]]:
        """Return the SQL of what is selected, keys first, and the names of the properties in it."""
        for name in options.select:
            if name not in of.properties and name not in of.links and name not in ("id", "@iot.id", "@iot.selfLink"):
                raise UnknownName(owner=of.single, name=name[:60])
        names = [name for name in of.properties if not options.select or name in options.select]
        columns = [f"e.{key}" for key in _keys(of)]
        for name in names:
            columns.append(f'e."{name}"')
            if of.properties[name].kind == "span":
                columns.append(f'e."{name}_end"')
        return ", ".join(columns), names

    def row(self, of: Set, names: Sequence[str], found: Sequence[Any]) -> Row:
        keys = _keys(of)
        row = Row(of, dict(zip(keys, found, strict=False)), {})
        place = len(keys)
        for name in names:
            kind, value = of.properties[name].kind, found[place]
            place += 1
            if kind == "span":
                value = moments.write_span(value, found[place] if found[place] != value else None)
                place += 1
            elif value is not None and kind == "time":
                value = moments.write(value)
            elif kind in ("json", "geo"):
                value = _json(value)
            row.values[name] = value
        return row

    def _reach_back(self, of: Set, rows: Sequence[Row]) -> None:
        """Let the time of Datastreams begin with their first reading in the archive."""
        if of.name != "Datastreams":
            return
        told = {row.keys["id"]: row for row in rows if "phenomenonTime" in row.values}
        for pk, first in archive.firsts(seen_by=self.actor, series_ids=told).items() if told else ():
            now = told[pk].values["phenomenonTime"]
            if now is None:  # all of them have left
                last = self.run("SELECT measured_at FROM sensing_latest WHERE series_id = %(n)s", self.given | {"n": pk})
                told[pk].values["phenomenonTime"] = moments.write_span(first, last[0][0] if last else None)
            elif first < moments.read_span(now)[0]:
                begin, end = moments.read_span(now)
                told[pk].values["phenomenonTime"] = moments.write_span(first, end or begin)

    # ---- expanding
    def expand(self, of: Set, rows: Sequence[Row], options: Options) -> None:
        """Fetch what is expanded, one question for each link whatever the number of rows."""
        self.rows += len(rows)
        if self.rows > MOST_ROWS:
            raise TooMuch
        for name, inner in options.expand.items():
            link = of.link(name)
            if link is None:
                raise UnknownName(owner=of.single, name=name[:60])
            if inner.token or inner.as_arrays:
                raise BadQuery(part="$expand")
            keys = sorted({row.keys[link.key] for row in rows if row.keys[link.key] is not None})
            if keys:
                parts = self._expanded(link, inner, keys)
            else:
                parts = {}
                self.columns(SETS[link.target], inner)
            for row in rows:
                part = parts.get(row.keys[link.key]) or Part([], count=0 if inner.count else None)
                row.expanded[name] = part if link.is_many else part.rows[0] if part.rows else None

    def _expanded(self, link: Link, inner: Options, keys: list[int]) -> dict[int, Part]:
        target = SETS[link.target]
        if target.name == "Observations":
            reach = spans.reach_of(inner.filter)
            if link.on != SETS["Datastreams"].links["Observations"].on:
                if months := archive.months_left(seen_by=self.actor, since=reach.since, until=reach.until):
                    raise InArchive(since=moments.write(months[-1][1]))
            elif reaching := archive.series_left(seen_by=self.actor, series_ids=keys, since=reach.since, until=reach.until):
                if len(reaching) > MOST_BESIDE:
                    raise TooCostly
                size = self.share(len(keys))
                parts = {key: self.readings(inner if inner.size <= size else replace(inner, top=size), (link, key), None) for key in sorted(reaching)}
                rest = [key for key in keys if key not in reaching]
                return parts | (self._expanded(link, inner, rest) if rest else {})
        compiler = self.compiler(target)
        columns, names = self.columns(target, inner)
        where, order, joins = self.body(compiler, inner, [link.on.format(c="e", k="q.k")])
        params = compiler.params
        parents = f"unnest({compiler.param(keys, 'bigint[]')}) AS q(k)"
        body = f"FROM {self.view(target)} e{joins} WHERE {where}"
        size = min(inner.size, self.share(len(keys))) if link.is_many else 1
        found = self.run(
            f"SELECT q.k, c.* FROM {parents} CROSS JOIN LATERAL (SELECT {columns} {body} ORDER BY {_order(order)} LIMIT {size + 1} OFFSET {int(inner.skip)}) c",
            params,
        )
        parts = {}
        for key, *columns_of in found:
            part = parts.setdefault(key, Part([]))
            if len(part.rows) < size:
                part.rows.append(self.row(target, names, columns_of))
            else:
                part.has_more = True
        if inner.count and link.is_many:
            for key, count in self.run(f"SELECT q.k, (SELECT count(*) {body}) FROM {parents}", params):
                parts.setdefault(key, Part([])).count = count
        self._reach_back(target, [row for part in parts.values() for row in part.rows])
        self.expand(target, [row for part in parts.values() for row in part.rows], inner)
        return parts


def _seen(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return the SQL of the stations that an actor may see, with its parameters by name."""
    text, given = stations.stations(seen_by=actor).order_by().values("pk").query.sql_with_params()
    names = iter(range(len(given)))
    text = re.sub(r"%s", lambda _found: f"%(s{next(names)})s", text)
    return re.sub(r"^SELECT .*? FROM ", 'SELECT "sensing_station"."id" AS id FROM ', text, count=1), {f"s{place}": value for place, value in enumerate(given)}


_COLD = (
    "(SELECT {town}::bigint AS town_id, u.* FROM unnest(%(cold_series_id)s::bigint[], %(cold_measured_at)s::timestamptz[],"
    " %(cold_value)s::float8[], %(cold_flag)s::text[], %(cold_version)s::smallint[]) AS u(series_id, measured_at, value, flag, version))"
)


def _keys(of: Set) -> tuple[str, ...]:
    return of.carried if of.name == "Observations" else ("id", *of.carried)


def _order(order: Sequence[tuple[str, str, bool]]) -> str:
    return ", ".join(f"{sql}{' DESC' if descending else ''}" for sql, _kind, descending in order)


def _json(content: Any) -> Any:
    return orjson.loads(content) if isinstance(content, str | bytes) else content


def _write_token(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode()


def _read_moment(token: str) -> datetime:
    """Return the moment of the last reading of the page before."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(token))
        found = [read_moment(value) for value in values if isinstance(value, str) and "-" in value[1:] and ":" in value]
        return found[0]
    except (ValueError, TypeError, IndexError, binascii.Error) as error:
        raise BadQuery(part="$skiptoken") from error


def _read_token(token: str, count: int) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error) as error:
        raise BadQuery(part="$skiptoken") from error
    if not isinstance(values, list) or len(values) != count or not all(value is None or isinstance(value, str) for value in values):
        raise BadQuery(part="$skiptoken")
    return values
