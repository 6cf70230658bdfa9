"""Which towns have rules of early warning, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("warnings", "0001_initial"), ("territory", "0001_initial")]

    operations = [
        towns_having("warning_rules", "SELECT 1 FROM warnings_warningrule r WHERE r.town_id = t.id"),
    ]
