"""In which towns somebody wants one mail a day, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_device"), ("territory", "0001_initial")]

    operations = [
        towns_having("daily_mails", "SELECT 1 FROM notices_choice c WHERE c.town_id = t.id AND c.mail = 'daily'"),
    ]
