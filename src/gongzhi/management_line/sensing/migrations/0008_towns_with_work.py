"""In which towns readings wait to be rolled up, alarms to be proven, devices to be looked after, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("sensing", "0007_notices"), ("territory", "0001_initial"), ("cases", "0001_initial")]

    operations = [
        towns_having("touched_hours", "SELECT 1 FROM sensing_touched r WHERE r.town_id = t.id"),
        towns_having(
            "alarms_to_prove",
            "SELECT 1 FROM sensing_episode e JOIN cases_case c ON c.id = e.case_id WHERE e.town_id = t.id AND e.state <> 'settled' AND e.answered_at IS NOT NULL"
            " AND c.town_id = t.id AND c.state = 'answered'",
        ),
        towns_having("devices_to_look_after", "SELECT 1 FROM sensing_device d WHERE d.town_id = t.id AND d.protocol = 'hj212'"),
    ]
