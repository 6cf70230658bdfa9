"""What tests of every module share: a real PostgreSQL, two towns, times, committed databases.

Tests run as the application's role, so that row-level security and grants are those of production. `db` (of
pytest-django) rolls back; `committed_db` commits for real and cleans up as the owner afterwards, for tests with
several connections, processes or browsers.
"""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from gongzhi.kernel import memory
from gongzhi.kernel.towns import enter_town

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # Wednesday noon in Shanghai, an ordinary working day


def pytest_configure(config: pytest.Config) -> None:
    """Name the folders of this run's databases."""
    if not hasattr(config, "workerinput"):
        os.environ["GONGZHI_TEST_RUN"] = tempfile.mktemp(prefix="gongzhi-test-")  # noqa: S306 — a name only; made when a test needs it


hypothesis.settings.register_profile("gongzhi", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])  # a busy machine is no fault
hypothesis.settings.load_profile("gongzhi")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Clone a migrated database for this process, then work in it as the application.

    GONGZHI_TEST_DATABASE_URL names a server to use instead of the embedded one; there each process migrates for itself.
    """
    import psycopg

    from gongzhi.config import environment, migrated

    given = os.environ.get("GONGZHI_TEST_DATABASE_URL")
    # a cluster for each process: what the ledger may seal is asked of the whole server, other databases included
    folder = Path(f"{os.environ['GONGZHI_TEST_RUN']}-{os.getpid()}")
    with django_db_blocker.unblock():
        owner_url = given or migrated.run_cluster(folder, lambda made, name: _migrate(made.owner_url, name)).owner_url
    name = f"gongzhi_test_{os.getpid()}"
    admin = environment.database(owner_url)
    conninfo = _conninfo(admin)
    with django_db_blocker.unblock():
        if given:
            _migrate(owner_url, name)
        else:
            with psycopg.connect(**conninfo, dbname=admin["NAME"], autocommit=True) as owner:
                owner.execute(f"CREATE DATABASE {name} TEMPLATE {migrated.TEMPLATE}")
        connections["default"].close()
        as_app = dict(admin, NAME=name)
        as_app["OPTIONS"] = {**admin["OPTIONS"], "options": "-c role=gongzhi_app"}
        _point_at(as_app)
    settings.OWNER_CONNINFO = {**conninfo, "dbname": name}
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    if given:
        with psycopg.connect(**conninfo, dbname=admin["NAME"], autocommit=True) as owner:
            owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    else:
        migrated.end_run(folder)


def _migrate(owner_url: str, name: str) -> None:
    """Make the database of this name anew and migrate it as its owner."""
    import psycopg

    from gongzhi.config import database, environment

    admin = environment.database(owner_url)
    with psycopg.connect(**_conninfo(admin), dbname=admin["NAME"], autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {name}")
    connections["default"].close()
    _point_at(admin | {"NAME": name})
    database.prepare(connection)
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def _conninfo(admin: dict[str, Any]) -> dict[str, Any]:
    return {"host": admin["HOST"], "port": admin["PORT"] or None, "user": admin["USER"], "password": admin["PASSWORD"]}


def _point_at(database: dict[str, Any]) -> None:
    settings.DATABASES["default"].update(database)
    connection.settings_dict.update({key: database[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")})
    connection.settings_dict["CONN_HEALTH_CHECKS"] = False


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Commit for real; afterwards the owner empties every table that a migration did not fill."""
    import psycopg

    with django_db_blocker.unblock():
        try:
            yield
        finally:
            connections.close_all()
            with psycopg.connect(**settings.OWNER_CONNINFO, autocommit=True) as owner:
                tables = owner.execute(
                    "SELECT quote_ident(relname) FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
                    " AND relnamespace = 'public'::regnamespace AND relname NOT IN ('django_migrations', 'django_content_type')"
                ).fetchall()
                owner.execute("SET session_replication_role = replica")
                owner.execute("TRUNCATE " + ", ".join(row[0] for row in tables) + " RESTART IDENTITY CASCADE")


@pytest.fixture(autouse=True)
def _no_town_left_over() -> Iterator[None]:
    enter_town(None)
    memory.forget()
    yield
    enter_town(None)


@pytest.fixture
def noon() -> datetime:
    """Return a Wednesday noon, Shanghai time, on an ordinary working day."""
    return NOON


@pytest.fixture
def town(request: pytest.FixtureRequest) -> Any:
    """Return a town and work in it for the rest of the test."""
    if "committed_db" not in request.fixturenames:
        request.getfixturevalue("db")
    from gongzhi.foundation.territory.models import Town

    made = Town.objects.create(code="yunxi", name="云溪小镇", name_en="Yunxi", short_name="云溪", is_default=True)
    enter_town(made.pk)
    return made


@pytest.fixture
def other_town(town: Any) -> Any:
    """Return a second town; the test goes on working in the first."""
    from gongzhi.foundation.territory.models import Town

    return Town.objects.create(code="lanwan", name="兰湾小镇", name_en="Lanwan", short_name="兰湾")
