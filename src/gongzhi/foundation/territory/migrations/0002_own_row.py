"""A town changes its own row only, and none is ever thrown away.

Every town may be read: a request finds its town by its host before it is in one, and the clock goes through all of them. What stands
there is no secret and names nobody (secrets come from the environment). A new one may be made by whoever may found a town.
"""

from django.db import migrations

from gongzhi.kernel.tables import POLICY

OWN = POLICY.replace("town_id", "id")
assert OWN.startswith("id = ")


class Migration(migrations.Migration):
    dependencies = [("territory", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE territory_town ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY read_all ON territory_town FOR SELECT USING (true)",
                "CREATE POLICY found ON territory_town FOR INSERT WITH CHECK (true)",
                f"CREATE POLICY own_town ON territory_town FOR UPDATE USING ({OWN}) WITH CHECK ({OWN})",
            ],
            [
                "DROP POLICY own_town ON territory_town",
                "DROP POLICY found ON territory_town",
                "DROP POLICY read_all ON territory_town",
                "ALTER TABLE territory_town DISABLE ROW LEVEL SECURITY",
            ],
        )
    ]
