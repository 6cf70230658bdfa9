"""In which towns readings have left for files, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("archive", "0002_drop_month"), ("territory", "0001_initial")]

    operations = [
        towns_having("archived_files", "SELECT 1 FROM archive_archivedfile f WHERE f.town_id = t.id"),
    ]
