"""In which towns files that are taken over stand still, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial"), ("territory", "0001_initial")]

    operations = [
        towns_having(
            "stalled_record_files",
            "SELECT 1 FROM record_takenfile f WHERE f.town_id = t.id AND f.state = 'running' AND f.moved_at < $1 - interval '5 minutes'",
        ),
    ]
