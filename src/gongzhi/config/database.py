"""Prepares a database for migrations: the application's role and its grants.

Tables belong to the owner; the application's role gets rows but owns nothing, so that row-level security holds for it
and TRUNCATE is out of its reach.
"""

from typing import Any

from gongzhi.kernel.tables import APPLICATION_ROLE


def prepare(connection: Any) -> None:
    """Make the role if it is missing and give it the rows of every table that the owner makes from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {APPLICATION_ROLE} NOLOGIN NOBYPASSRLS")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            cursor.execute("SELECT pg_has_role(current_user, %s, 'member')", [APPLICATION_ROLE])
            if not cursor.fetchone()[0]:
                cursor.execute(f"GRANT {APPLICATION_ROLE} TO current_user")
        for extension in ("ltree", "pg_trgm", "btree_gist"):
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE}")
        cursor.execute(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION_ROLE}"
        )
        cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APPLICATION_ROLE}")
        cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {APPLICATION_ROLE}")


def lacking_columns(connection: Any) -> list[str]:
    """Return what the models of this version need and the database has not, as `table` or `table.column`.

    Migrations that a database has had are not run again. If one of them was written anew since (only copies from before the first
    version that was kept can have had such a one), nothing else would notice until a page fails.
    """
    from django.apps import apps

    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ANY (current_schemas(false))")
        there: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            there.setdefault(table, set()).add(column)
    lacking = []
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not model._meta.managed or model._meta.proxy:
            continue
        if table not in there:
            lacking.append(table)
        else:
            lacking += [f"{table}.{field.column}" for field in model._meta.local_concrete_fields if field.column and field.column not in there[table]]
    return sorted(lacking)
