"""The abstract town-owned model, and its row-level security as a migration operation."""

from typing import Any

from django.db import migrations, models


class TownOwned(models.Model):
    """A row that belongs to one town. Its migration must end with `own_by_town("<label>", "<Model>")`."""

    town = models.ForeignKey("territory.Town", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


APPLICATION_ROLE = "gongzhi_app"
POLICY = "town_id = nullif(current_setting('gongzhi.town', true), '')::int"


def own_by_town(table: str) -> migrations.RunSQL:
    """Return the migration operation that puts the town policy on a table (with column town_id)."""
    return migrations.RunSQL(
        sql=[
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'CREATE POLICY own_town ON "{table}" USING ({POLICY}) WITH CHECK ({POLICY})',
        ],
        reverse_sql=[
            f'DROP POLICY own_town ON "{table}"',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ],
    )


def follow_town_of(table: str, column: str, parent_table: str, parent_key: str = "id") -> migrations.RunSQL:
    """Return the operation for a table without town_id whose rows follow a parent row (many-to-many, third party)."""
    check = f'"{column}" IN (SELECT "{parent_key}" FROM "{parent_table}")'
    return migrations.RunSQL(
        sql=[
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'CREATE POLICY own_town ON "{table}" USING ({check}) WITH CHECK ({check})',
        ],
        reverse_sql=[
            f'DROP POLICY own_town ON "{table}"',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ],
    )


def policies(connection: Any) -> set[str]:
    """Return the names of the tables that have row-level security with a policy (architecture tests ask)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relrowsecurity GROUP BY 1"
        )
        return {row[0] for row in cursor.fetchall()}


def towns_having(name: str, *conditions: str) -> migrations.RunSQL:
    """Return the operation that makes a function which says in which towns there is something to do: `kernel.work.towns_having(name, at)`.

    Each condition is a SELECT over rows of the town `t.id` at the moment `$1`; one row of one of them is enough. The function runs as the
    tables' owner, whom no policy holds, and gives numbers of towns only. Each condition should find its row by an index that begins with
    the town: it is asked once a town.
    """
    found = " OR ".join(f"({condition} LIMIT 1) IS NOT NULL" for condition in conditions)  # LIMIT: never turned into a scan of the whole table
    return migrations.RunSQL(
        sql=[
            f'CREATE OR REPLACE FUNCTION "towns_having_{name}"(timestamptz) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER'
            f" SET search_path = public, pg_temp AS $asked$ SELECT t.id FROM territory_town t WHERE {found} ORDER BY t.id $asked$",
            f'REVOKE EXECUTE ON FUNCTION "towns_having_{name}"(timestamptz) FROM PUBLIC',
            f'GRANT EXECUTE ON FUNCTION "towns_having_{name}"(timestamptz) TO {APPLICATION_ROLE}',
        ],
        reverse_sql=[f'DROP FUNCTION "towns_having_{name}"(timestamptz)'],
    )
