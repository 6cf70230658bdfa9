"""MQTT feeds for programs: set up, mapped, tried, and what could not be used."""

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Body, Field, File, Path, Query, Router, Schema, Status
from ninja.files import UploadedFile

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import pages, sheets
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.api import needs
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.management_line.feeds import importing, operations, queries, rules
from gongzhi.management_line.feeds.definitions import MOST
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import Feed
from gongzhi.management_line.feeds.recipe import BadHeader, Recipe
from gongzhi.management_line.feeds.suggest import suggest

router = Router(tags=["feeds"])
NEWEST = pages.Order("received_at", descending=True)


class FeedOut(Schema):
    """A subscription at an MQTT 5 broker and how it does. Passwords are never given out."""

    code: str
    name: str
    host: str
    port: int
    tls: bool
    username: str
    has_password: bool
    topics: list[str]
    qos: int
    session_seconds: int
    is_active: bool
    state: str = Field(description="waiting, connected or broken")
    state_at: datetime | None
    last_message_at: datetime | None
    last_error: str = Field(description="in the reader's language where it is ours; a broker's own words as they came")
    messages: int
    readings: int
    refused: int

    @staticmethod
    def resolve_last_error(feed: Any) -> str:
        """Return it in the words of whoever asks."""
        return str(feed.error)


class FeedIn(Schema):
    """A feed as it is to be."""

    name: str = Field(min_length=1, max_length=80)
    host: str = Field(min_length=1, max_length=200)
    port: int = Field(1883, ge=1, le=65_535)
    tls: bool = False
    authority: str = Field("", max_length=20_000, description="PEM of the broker's own certificate authority")
    username: str = Field("", max_length=120)
    password: str | None = Field(None, max_length=200, description="left out: as it is; empty: none")
    topics: Annotated[list[str], Field(min_length=1, max_length=20)]
    qos: int = Field(1, ge=0, le=1)
    session_seconds: int = Field(86_400, ge=0, le=2_592_000)
    is_active: bool = True


class TrialIn(Schema):
    """A message to be tried."""

    topic: str = Field(min_length=1, max_length=1_000)
    payload: str = Field("", max_length=1_000_000)
    is_base64: bool = Field(False, description="the payload is bytes in base64")
    mappings: list[dict[str, Any]] | None = Field(None, max_length=100, description="left out: those of the feed")


class FeedTriedOut(Schema):
    """One value that the message holds."""

    station: str
    factor: str
    aggregate: str
    unit: str
    value: float
    flag: str
    moment: datetime
    is_kept: bool
    words: str


class TrialOut(Schema):
    """What would become of the message."""

    mapping: int | None = Field(description="place of the mapping that fits, from 1")
    is_subscribed: bool = Field(description="the feed's topics cover this one")
    rows: list[FeedTriedOut]
    faults: list[str]


class RefusedOut(Schema):
    """A message, or a part of one, that could not be used."""

    received_at: datetime
    topic: str
    reason: str
    size: int
    payload: str = Field(description="the beginning, as text")


class RefusedPage(Schema):
    rows: list[RefusedOut]
    after: str = Field(description="gives the next page; empty at the end")


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    admit(rules.may_look_at, actor)
    return actor


def _mapping_problem(found: Iterable[tuple[str, str]]) -> Any:
    faults = [{"field": name, "detail": why} for name, why in found]
    return problem(422, _("This mapping cannot be used."), code="BadMapping", field="mappings", errors=faults)


@router.get("/feeds", response=list[FeedOut], summary="MQTT feeds and how they do")
@needs("sensing:read")
def feeds(request: HttpRequest) -> Any:
    """List the town's feeds; for its officers."""
    return list(queries.feeds(seen_by=_officer(request)))


@router.get("/feeds/{code}", response=FeedOut, summary="One feed")
@needs("sensing:read")
def feed(request: HttpRequest, code: str) -> Any:
    """Give one feed."""
    return queries.feed_for(seen_by=_officer(request), code=code)


@router.put("/feeds/{code}", response={200: FeedOut, 201: FeedOut}, summary="Set up or change a feed")
@needs("town:write")
def put_feed(request: HttpRequest, code: Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{1,40}$")], given: FeedIn) -> Any:
    """Set up the feed of this short name, or change it; it connects anew."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_define, actor)
    known = queries.feeds(seen_by=actor).filter(code=code).exists()
    body = given.dict()
    made = operations.define_feed(by=actor, at=at, code=code, topic="\n".join(body.pop("topics")), **body)
    return Status(200 if known else 201, made)


@router.get("/feeds/{code}/mappings", response=list[dict[str, Any]], summary="What a feed's messages mean")
@needs("sensing:read")
def mappings(request: HttpRequest, code: str) -> Any:
    """List a feed's mappings in the order in which they are tried."""
    actor = _officer(request)
    found = queries.feed_for(seen_by=actor, code=code)
    return [one.definition for one in queries.mappings_of(seen_by=actor, feed_id=found.pk)]


@router.put("/feeds/{code}/mappings", response=list[dict[str, Any]], summary="Say what a feed's messages mean")
@needs("town:write")
def put_mappings(request: HttpRequest, code: str, definitions: Body[list[dict[str, Any]]]) -> Any:
    """Give a feed these mappings instead of those it had. 422 names every fault."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_define, actor)
    found = queries.feed_for(seen_by=actor, code=code)
    if len(definitions) > MOST:
        return problem(422, _("at most %(most)d mappings") % {"most": MOST}, code="BadMapping", field="mappings")
    try:
        kept = operations.keep_mappings(by=actor, at=at, feed_id=found.pk, definitions=definitions)
    except operations.CannotMap as refused:
        return _mapping_problem(refused.details["faults"])
    return [one.definition for one in kept]


@router.post("/feeds/{code}/trial", response=TrialOut, summary="Try a message")
@needs("sensing:read")
def trial(request: HttpRequest, code: str, given: TrialIn) -> Any:
    """Say what readings a message would give, or why it gives none. Nothing is kept."""
    actor, at = _officer(request), timezone.now()
    found: Feed = queries.feed_for(seen_by=actor, code=code)
    try:
        payload = base64.b64decode(given.payload, validate=True) if given.is_base64 else given.payload.encode()
    except (binascii.Error, ValueError):
        return problem(422, _("The payload is no base64."), code="BadPayload", field="payload")
    try:
        tried = queries.trial(seen_by=actor, feed=found, topic=given.topic, payload=payload, at=at, definitions=given.mappings)
    except BadMapping as error:
        return _mapping_problem(error.faults)
    return {
        "mapping": tried.mapping, "is_subscribed": tried.is_subscribed, "faults": tried.faults,
        "rows": [
            {**{name: getattr(one.row, name) for name in ("station", "factor", "aggregate", "unit", "value", "flag")}, "moment": one.moment,
             "is_kept": one.is_kept, "words": one.words}
            for one in tried.rows
        ],
    }  # fmt: skip


class From(Schema):
    after: str = Field("", max_length=200)
    most: int = Field(50, ge=1, le=200)


@router.get("/feeds/{code}/refused", response=RefusedPage, summary="What of a feed could not be used")
@needs("sensing:read")
def refused(request: HttpRequest, code: str, place: Query[From]) -> Any:
    """List refused messages with their reasons, newest first; the last 10,000 are kept."""
    actor = _officer(request)
    found = queries.feed_for(seen_by=actor, code=code)
    part = pages.cut(queries.refused_messages(seen_by=actor, feed_id=found.pk).order_by(), NEWEST, after=place.after, most=place.most)
    rows = [{"received_at": one.received_at, "topic": one.topic, "reason": one.why, "size": one.size, "payload": one.text} for one in part]
    return {"rows": rows, "after": part.after}


# ---- files ----------------------------------------------------------------------------------------------------------
class ImportOut(Schema):
    """A file of readings and the account of its rows: rows = rows_used + rows_blank + rows_refused."""

    id: int
    name: str
    size: int
    digest: str
    brought_at: datetime
    ended_at: datetime | None
    state: str = Field(description="uploaded, running, done or failed")
    error: str
    definition: dict[str, Any]
    row: int = Field(description="number of the last row that is accounted for")
    rows: int
    rows_used: int
    rows_blank: int
    rows_refused: int
    taken: int
    repeated: int
    corrected: int
    refused: int
    empty: int
    below: int


class CheckedOut(Schema):
    """What an import would do with the first rows."""

    rows: int
    readings: int
    refused: int
    empty: int
    is_whole: bool
    reasons: dict[str, list[int]] = Field(description="why → how often, first row")
    unknown_stations: dict[str, int]


class RefusedCellOut(Schema):
    row: int
    column: str
    text: str
    reason: str


class Rows(Schema):
    after_row: int = Field(0, ge=0, le=2**62)
    most: int = Field(500, ge=1, le=5_000)


class RecipeIn(Schema):
    name: str = Field(min_length=1, max_length=80)
    definition: dict[str, Any]


class RecipeOut(RecipeIn):
    code: str


def _recipe_problem(error: Any) -> Any:
    return _mapping_problem(error.details.get("faults", ()) if isinstance(error, Refused) else error.faults)


@router.post("/imports", response={201: ImportOut, 413: dict[str, Any], 422: dict[str, Any]}, summary="Bring a file of readings")
@needs("sensing:write")
def bring_file(request: HttpRequest, file: Annotated[UploadedFile, File()]) -> Any:
    """Take a CSV or XLSX in; nothing of it is imported yet. `definition` in the answer is what its header suggests."""
    actor = actor_of(request)
    admit(rules.may_import, actor)
    try:
        kept = importing.bring(actor, file, timezone.now)
        path = FilePath(kept.path)
        suggested = suggest(importing.beginning(path), territory.town(seen_by=actor).zone, stations=queries.station_names(seen_by=actor))
    except sheets.BadFile as error:
        return problem(422, str(error), code="BadFile", field="file")
    told = {name: getattr(kept, name) for name in ImportOut.model_fields if name not in ("id", "definition")}
    return Status(201, {**told, "id": kept.pk, "definition": suggested})


@router.get("/imports", response=list[ImportOut], summary="Imports of files")
@needs("sensing:read")
def imports(request: HttpRequest, most: int = Query(50, ge=1, le=200)) -> Any:
    """List the newest imports; for the town's officers."""
    return list(queries.imports(seen_by=_officer(request))[:most])


@router.get("/imports/{file_id}", response=ImportOut, summary="One import")
@needs("sensing:read")
def one_import(request: HttpRequest, file_id: Annotated[int, Path(ge=1, le=2**62)]) -> Any:
    """Give one import with the account of its rows."""
    return queries.import_for(seen_by=_officer(request), file_id=file_id)


@router.put("/imports/{file_id}/definition", response={200: CheckedOut, 409: dict[str, Any], 422: dict[str, Any]}, summary="Say what a file's columns mean")
@needs("sensing:write")
def describe_file(request: HttpRequest, file_id: Annotated[int, Path(ge=1, le=2**62)], definition: Body[dict[str, Any]]) -> Any:
    """Set the recipe of a file that was not begun, and answer what the import of its first rows would do."""
    actor, at = _officer(request), timezone.now()
    found = queries.import_for(seen_by=actor, file_id=file_id)
    try:
        kept = operations.describe_file(by=actor, at=at, file_id=found.pk, definition=definition)
        recipe = Recipe(kept.definition, territory.town(seen_by=actor).zone)
        checked = queries.check_rows(seen_by=actor, rows=importing.open_rows(FilePath(kept.path), recipe), recipe=recipe, at=at)
    except (operations.CannotImport, BadMapping) as error:
        return _recipe_problem(error)
    except (BadHeader, sheets.BadFile) as error:
        return problem(422, str(error), code="BadFile", field="definition")
    except FileNotFoundError:
        return problem(409, _("The file is no longer there; bring it again."), code="FileGone")
    return {"rows": checked.rows, "readings": checked.kept, "refused": checked.refused, "empty": checked.empty, "is_whole": checked.is_whole,
            "reasons": {why: list(one) for why, one in checked.reasons.items()}, "unknown_stations": checked.stations}  # fmt: skip


@router.post("/imports/{file_id}/begin", response={202: ImportOut, 409: dict[str, Any]}, summary="Import a file")
@needs("sensing:write")
def begin_import(request: HttpRequest, file_id: Annotated[int, Path(ge=1, le=2**62)]) -> Any:
    """Begin an import, or let one that was stopped go on; the worker does it, ask GET how far it is."""
    actor, at = _officer(request), timezone.now()
    found = queries.import_for(seen_by=actor, file_id=file_id)
    return Status(202, operations.begin_import(by=actor, at=at, file_id=found.pk))


@router.get("/imports/{file_id}/refused", response=list[RefusedCellOut], summary="What of a file could not be used")
@needs("sensing:read")
def refused_cells(request: HttpRequest, file_id: Annotated[int, Path(ge=1, le=2**62)], part: Query[Rows]) -> Any:
    """List rows and cells with reasons, by row; go on with `after_row`. A row's cells may be cut at the end of an answer: ask from the row before."""
    actor = _officer(request)
    found = queries.import_for(seen_by=actor, file_id=file_id)
    cells = queries.refused_cells(seen_by=actor, file_id=found.pk).filter(row__gt=part.after_row)[: part.most]
    return [{"row": one.row, "column": one.column, "text": one.text, "reason": one.why} for one in cells]


@router.get("/import-recipes", response=list[RecipeOut], summary="Kept recipes")
@needs("sensing:read")
def recipes(request: HttpRequest) -> Any:
    """List what the town has kept of forms of files."""
    return list(queries.recipes(seen_by=_officer(request)))


@router.put("/import-recipes/{code}", response={200: RecipeOut, 422: dict[str, Any]}, summary="Keep a recipe")
@needs("sensing:write")
def keep_recipe(request: HttpRequest, code: Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]{1,40}$")], given: RecipeIn) -> Any:
    """Keep what the columns of a form of files mean, or replace what was kept under this code."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_import, actor)
    try:
        return operations.keep_recipe(by=actor, at=at, code=code, name=given.name, definition=given.definition)
    except operations.CannotImport as refused:
        return _recipe_problem(refused)
