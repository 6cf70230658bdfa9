"""SensorThings over HTTP: addresses under /sensorthings/v1.1, JSON in and out, errors as the standard's servers write them."""

import base64
import binascii
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import queries as people
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import actor_of
from gongzhi.management_line.sensorthings import arrays, entities, language, operations, patching, pathways, queries
from gongzhi.management_line.sensorthings.entities import SETS, ObservationId, Part, Row
from gongzhi.management_line.sensorthings.faults import BadJson, BadQuery, CannotReckon, Fault, NotFound, NoToken, NotServed, TooLarge
from gongzhi.management_line.sensorthings.language import Options

ROOT = "/sensorthings/v1.1"
MOST_BODY, MOST_ARRAYS = 2_500_000, 16_000_000
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REQUIREMENTS = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CONFORMANCE = [
    _REQUIREMENTS + part
    for part in (
        "datamodel", "datamodel/entity-control-information/common-control-information",
        *(f"datamodel/{name}/{kind}" for name in (
            "thing", "location", "historical-location", "datastream", "sensor", "observed-property", "observation", "feature-of-interest",
        ) for kind in ("properties", "relations")),
        "resource-path/resource-path-to-entities", "request-data", "request-data/order", "request-data/expand", "request-data/select",
        "request-data/status-codes",
        "request-data/query-status-codes", "request-data/orderby", "request-data/top", "request-data/skip", "request-data/count", "request-data/filter",
        "request-data/built-in-filter-operations", "request-data/built-in-query-functions", "request-data/pagination",
        "create-update-delete", "create-update-delete/create-entity", "create-update-delete/link-to-existing-entities", "create-update-delete/deep-insert",
        "create-update-delete/deep-insert-status-code", "create-update-delete/update-entity",  # not delete-entity: readings are never deleted
        "create-update-delete/historical-location-auto-creation", "data-array/data-array",
    )
]  # fmt: skip


@csrf_exempt
def serve(request: HttpRequest, path: str | None = None) -> HttpResponse:
    """Answer one call; what is refused is told as {code, type, message}."""
    if request.method == "OPTIONS":
        answer = HttpResponse(status=204)
        answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    else:
        try:
            answer = _Call(request, (path or "").strip("/")).answer()
        except Refused as refused:
            answer = _error(_status(refused), str(refused), refused.field)
        except ObjectDoesNotExist:
            answer = _error(404, _("Not found."))
        except DataError:  # what the database cannot hold: a NUL in a text
            answer = _error(400, str(CannotReckon()))
        except UnreadablePostError:
            answer = _error(400, str(BadJson()))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = "Location"
    answer.headers["Vary"] = "Authorization, Cookie"
    return answer


def _status(refused: Refused) -> int:
    return 403 if isinstance(refused, NotAllowed) else refused.status if isinstance(refused, Fault) else 400


def _error(status: int, message: str, field: str | None = None) -> HttpResponse:
    body = {"code": status, "type": "error", "message": message} | ({"field": field} if field else {})
    answer = _json(body, status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="SensorThings"'
    return answer


def _json(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json; charset=utf-8")


class _Call:
    """One request: who asks, when, what for."""

    def __init__(self, request: HttpRequest, path: str) -> None:
        self.request, self.path = request, path
        self.method = "GET" if request.method == "HEAD" else str(request.method)
        self.at: datetime = timezone.now()
        self.base = request.build_absolute_uri(ROOT)
        self.actor = self._caller()

    def _caller(self) -> Actor:
        """Return who calls: by bearer token, by a token as the password of Basic (what existing clients send), else, for reading, by the browser's session."""
        scheme, _space, presented = self.request.headers.get("Authorization", "").partition(" ")
        if scheme:
            text = presented.strip() if scheme.lower() == "bearer" else _password(presented) if scheme.lower() == "basic" else ""
            token = people.token_for(seen_by=ANYONE, presented=text, at=self.at) if text and "\0" not in text else None
            if token is None:
                raise NoToken
            actor = replace(organs.actor_for_user(seen_by=ANYONE, user=token.user, at=self.at), scopes=frozenset(token.scopes))
            return actor if {"sensing:read", "sensing:write"} & set(token.scopes) or self.method in WRITES else ANYONE
        if self.method in WRITES:
            raise NoToken
        return actor_of(self.request)

    def answer(self) -> HttpResponse:
        if self.method == "GET":
            return self._get()
        if self.method not in WRITES:
            raise NotServed(method=self.method)
        if queries.is_undescribed(seen_by=CLOCK):
            operations.describe_new(by=CLOCK, at=self.at)
        act = {"POST": self._post, "PATCH": self._change, "PUT": self._change, "DELETE": self._delete}[self.method]
        return act()

    # ---- reading
    def _options(self) -> Options:
        given: dict[str, str] = {}
        for key, values in self.request.GET.lists():
            if key.startswith("$") and len(values) > 1:
                raise BadQuery(part=key[:40])
            given[key] = values[-1]
        return language.read_options(given)

    def _get(self) -> HttpResponse:
        if not self.path:
            return self._root()
        way, options = pathways.read(self.path), self._options()
        if queries.is_undescribed(seen_by=CLOCK):
            operations.describe_new(by=CLOCK, at=self.at)
        if options.as_arrays and (way.last.of.name != "Observations" or way.last.is_single or options.expand):
            raise BadQuery(part="$resultFormat=dataArray")
        if way.properties:
            options = Options(select=[way.properties[0]])
        with queries.patiently(seen_by=self.actor):
            part = queries.walk(seen_by=self.actor, at=self.at, way=way, options=options)
        if way.properties:
            return self._property(way, part.rows[0])
        if way.is_ref:
            links = [{"@iot.selfLink": self._link(row)} for row in part.rows]
            return _json(links[0] if way.last.is_single else self._whole(links, part, options))
        if way.last.is_single:
            return _json(self._entity(part.rows[0], options))
        rows = self._arrays(part, options) if options.as_arrays else [self._entity(row, options) for row in part.rows]
        return _json(self._whole(rows, part, options))

    def _root(self) -> HttpResponse:
        return _json({
            "value": [{"name": name, "url": f"{self.base}/{name}"} for name in SETS],
            "serverSettings": {
                "conformance": CONFORMANCE,
                _REQUIREMENTS + "data-array/data-array": {"endpoints": [f"{self.base}/CreateObservations"]},
            },
        })  # fmt: skip

    def _whole(self, rows: list[Any], part: Part, options: Options) -> dict[str, Any]:
        body: dict[str, Any] = {} if part.count is None else {"@iot.count": part.count}
        if part.following:
            kept = {key: value for key, value in options.given.items() if key not in ("$skip", "$skiptoken")}
            body["@iot.nextLink"] = f"{self.request.build_absolute_uri(self.request.path)}?{urlencode(kept | {'$skiptoken': part.following})}"
        return body | {"value": rows}

    def _link(self, row: Row) -> str:
        return f"{self.base}/{row.name}"

    def _entity(self, row: Row, options: Options) -> dict[str, Any]:
        select = options.select
        body: dict[str, Any] = {}
        if not select or {"id", "@iot.id", "iot.id"} & set(select):
            body["@iot.id"] = row.id
        if not select or "@iot.selfLink" in select:
            body["@iot.selfLink"] = self._link(row)
        for name, value in row.values.items():
            if value is not None or not row.of.properties[name].optional:
                body[name] = value
        for name, link in row.of.links.items():
            if name not in row.expanded:
                if not select or name in select:
                    body[f"{name}@iot.navigationLink"] = f"{self._link(row)}/{name}"
                continue
            inner, held = options.expand[name], row.expanded[name]
            if not link.is_many:
                body[name] = None if held is None else self._entity(held, inner)
                continue
            if held.count is not None:
                body[f"{name}@iot.count"] = held.count
            body[name] = [self._entity(one, inner) for one in held.rows]
            if held.has_more:
                kept = inner.given | {"$skip": str(inner.skip + len(held.rows))}
                body[f"{name}@iot.nextLink"] = f"{self._link(row)}/{name}?{urlencode(kept)}"
        return body

    def _arrays(self, part: Part, options: Options) -> list[dict[str, Any]]:
        names = [name for name in options.select if name in ("id", "@iot.id") or name in SETS["Observations"].properties]
        names = ["id" if name == "@iot.id" else name for name in names] or ["id", "phenomenonTime", "resultTime", "result"]
        groups: dict[int, list[list[Any]]] = {}
        for row in part.rows:
            groups.setdefault(row.keys["datastream_id"], []).append([row.id if name == "id" else row.values[name] for name in names])
        return [
            {"Datastream@iot.navigationLink": f"{self.base}/Datastreams({series})", "components": names, "dataArray@iot.count": len(rows), "dataArray": rows}
            for series, rows in groups.items()
        ]

    def _property(self, way: pathways.Way, row: Row) -> HttpResponse:
        name, *inside = way.properties
        value: Any = row.id if name in ("id", "@iot.id") else row.values[name]
        for part in inside:
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isascii() and part.isdigit() and len(part) < 9 and int(part) < len(value):
                value = value[int(part)]
            else:
                raise NotFound(name=part[:60])
        if value is None:
            return HttpResponse(status=204)
        if not way.is_value:
            return _json({way.properties[-1]: value})
        if isinstance(value, dict | list):
            return _json(value)
        return HttpResponse(value if isinstance(value, str) else orjson.dumps(value), content_type="text/plain; charset=utf-8")

    # ---- writing
    def _body(self, most: int = MOST_BODY) -> bytes:
        length = self.request.headers.get("Content-Length") or "0"
        if (numbers.key(length) is None and length != "0") or int(length) > most:
            raise TooLarge
        sent = self.request.read(most + 1)
        if len(sent) > most:
            raise TooLarge
        return bytes(sent)

    def _content(self, sent: bytes) -> Any:
        try:
            return orjson.loads(sent)
        except orjson.JSONDecodeError as error:
            raise BadJson from error

    def _single(self) -> tuple[str, Any]:
        """Return the set and number of the one entity that the address leads to."""
        way = pathways.read(self.path)
        if way.properties or way.is_ref or not way.last.is_single:
            raise NotServed(method=self.method)
        if len(way.steps) == 1:
            return way.last.of.name, way.last.number
        part = queries.walk(seen_by=self.actor, at=self.at, way=way, options=Options(select=["id"]))
        row = part.rows[0]
        return row.of.name, way.last.number if row.of.name == "Observations" else row.keys["id"]

    def _post(self) -> HttpResponse:
        if self.path == "CreateObservations":
            return self._post_arrays()
        if not self.path:
            raise NotServed(method=self.method)
        way = pathways.read(self.path)
        if way.properties or way.is_ref or way.last.is_single:
            raise NotServed(method=self.method)
        preset: dict[str, int] = {}
        if len(way.steps) > 1:
            link, above = way.last.link, pathways.Way(way.steps[:-1])
            assert link is not None
            row = queries.walk(seen_by=self.actor, at=self.at, way=above, options=Options(select=["id"])).rows[0]
            preset[link.inverse] = row.keys["id"]
        sent = self._body()
        made = operations.create_entity(by=self.actor, at=self.at, of=way.last.of.name, content=self._content(sent), preset=preset, raw=sent)
        number = _number(way.last.of.name, made)
        answer = self._shown(way.last.of.name, number, 201)
        answer.headers["Location"] = f"{self.base}/{way.last.of.name}" + (f"('{made}')" if isinstance(made, str) else f"({made})")
        return answer

    def _post_arrays(self) -> HttpResponse:
        sent = self._body(MOST_ARRAYS)
        columns = arrays.read(self._content(sent), self.at)
        taken = operations.take_arrays(by=self.actor, at=self.at, columns=columns, raw=sent)
        head = f"{self.base}/Observations('"
        links: list[str] = []
        for column, is_usable in zip(columns, taken.usable, strict=True):
            links += ["error" if name is None else f"{head}{name}')" for name in (arrays.names(column) if is_usable else [None] * column.size)]
        return _json(links, 201)

    def _shown(self, of: str, number: Any, status: int = 200) -> HttpResponse:
        row = queries.entity(seen_by=self.actor, at=self.at, of=of, number=number)
        return _json({} if row is None else self._entity(row, Options()), status)

    def _change(self) -> HttpResponse:
        of, number = self._single()
        sent = self._body()
        content = self._content(sent)
        whole = self.method == "PUT"
        if self.request.content_type == "application/json-patch+json":
            row = None if whole else queries.entity(seen_by=self.actor, at=self.at, of=of, number=number)
            if row is None:
                raise NotFound(name=SETS[of].single)
            content = patching.apply({name: value for name, value in row.values.items() if value is not None}, content)
        if of == "Observations":
            called = operations.correct_observation(by=self.actor, at=self.at, number=number, content=content, whole=whole, raw=sent)
            return self._shown(of, _number(of, called))
        operations.change_entity(by=self.actor, at=self.at, of=of, number=number, content=content, whole=whole)
        return self._shown(of, number)

    def _delete(self) -> HttpResponse:
        of, number = self._single()
        operations.withdraw_entity(by=self.actor, at=self.at, of=of, number=number)
        return HttpResponse(status=200)


def _number(of: str, made: Any) -> "int | ObservationId | None":
    return made if isinstance(made, ObservationId) else entities.number(SETS[of], made)


def _password(presented: str) -> str:
    try:
        return base64.b64decode(presented.strip(), validate=True).decode().partition(":")[2]
    except (ValueError, binascii.Error, UnicodeDecodeError):
        return ""

