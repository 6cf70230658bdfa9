"""In which towns an erasure has come due or terms are set, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("people", "0005_acts_of_two"), ("territory", "0001_initial")]

    operations = [
        towns_having(
            "erasures",
            "SELECT 1 WHERE jsonb_typeof(t.settings -> 'retention') = 'object'",
            "SELECT 1 FROM people_erasurerequest r WHERE r.town_id = t.id AND r.state IN ('waiting', 'approved') AND r.due_at <= $1",
        ),
    ]
