"""`GET /health/live`, `/health/ready` and `/health/work`, for supervisors and load balancers.

A middleware, the first one: the answer must not depend on towns, sessions or templates.

live   the process answers: 200 always
ready  the database answers and is migrated: 200, else 503 with the reason. Whether work stands still is told too,
       but decides nothing: pages work without a worker
work   nothing stands still: 200, else 503 with what does (a worker not heard, tasks that a dead one left, tasks that wait long)
"""

from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import translation

from gongzhi.kernel import standing

PATIENCE = 3  # seconds to reach the database


class HealthMiddleware:
    """Answers these addresses, passes on everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.is_migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/health/live":
            return _answer(200, status="live")
        if request.path == "/health/ready":
            return self._ready()
        if request.path == "/health/work":
            return self._work()
        return self.get_response(request)

    def _ready(self) -> JsonResponse:
        try:
            with own_connection() as connection:
                lacking = set() if self.is_migrated else lacking_migrations(connection)
                self.is_migrated = not lacking
                if lacking:
                    return _answer(503, status="not ready", reason="migrations are pending", pending=sorted(lacking))
                state = standing.state(connection)
        except psycopg.Error as error:
            return _answer(503, status="not ready", reason=f"the database does not answer: {type(error).__name__}")
        return _answer(200, status="ready", work="stands still" if state.faults else "goes on", **state.told())

    def _work(self) -> JsonResponse:
        try:
            with own_connection() as connection:
                state = standing.state(connection)
        except psycopg.Error as error:
            return _answer(503, status="unknown", reason=f"the database does not answer: {type(error).__name__}")
        with translation.override("en"):
            faults = state.faults
        return _answer(503 if faults else 200, status="stands still" if faults else "goes on", faults=faults, **state.told())


def _answer(code: int, **body: Any) -> JsonResponse:
    return JsonResponse(body, status=code, headers={"Cache-Control": "no-store"})


def own_connection() -> "psycopg.Connection[Any]":
    """Return a connection beside the pool, so that a busy pool does not look like a broken database."""
    database = settings.DATABASES["default"]
    return psycopg.connect(
        dbname=connections["default"].settings_dict["NAME"], user=database["USER"], password=database["PASSWORD"],
        host=database["HOST"], port=database["PORT"] or None, connect_timeout=PATIENCE, autocommit=True,
        options=database["OPTIONS"].get("options"), application_name="gongzhi health",
    )  # fmt: skip


def lacking_migrations(connection: "psycopg.Connection[Any]") -> set[str]:
    """Return the migrations of this version that the database has not had."""
    from django.db.migrations.loader import MigrationLoader

    try:
        applied = {(app, name) for app, name in connection.execute("SELECT app, name FROM django_migrations")}
    except psycopg.errors.UndefinedTable:
        applied = set()
    known = MigrationLoader(None, ignore_no_migrations=True)
    return {f"{app}.{name}" for app, name in known.disk_migrations if (app, name) not in applied}
