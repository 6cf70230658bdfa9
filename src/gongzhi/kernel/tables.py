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
