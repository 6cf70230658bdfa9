"""In which towns feeds are switched on, imports stand still, files lie here too long, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("feeds", "0004_reasons"), ("territory", "0001_initial")]

    operations = [
        towns_having("active_feeds", "SELECT 1 FROM feeds_feed f WHERE f.town_id = t.id AND f.is_active"),
        towns_having(
            "stalled_imports",
            "SELECT 1 FROM feeds_fileimport f WHERE f.town_id = t.id AND f.state = 'running' AND f.moved_at < $1 - interval '3 minutes'",
        ),
        towns_having(
            "files_to_drop",
            "SELECT 1 FROM feeds_fileimport f WHERE f.town_id = t.id AND f.path <> '' AND f.brought_at < $1 - interval '30 days'",
        ),
    ]
