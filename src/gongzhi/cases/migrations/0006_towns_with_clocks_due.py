"""In which towns clocks have come to their yellow line or their end, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_written_answers"), ("territory", "0001_initial")]

    operations = [
        towns_having(
            "clocks_to_mark",
            "SELECT 1 FROM cases_clock c WHERE c.town_id = t.id AND c.ended_at IS NULL AND c.overdue_at IS NULL AND c.due_at <= $1",
            "SELECT 1 FROM cases_clock c WHERE c.town_id = t.id AND c.ended_at IS NULL AND c.warned_at IS NULL AND c.warn_at <= $1",
        ),
    ]
