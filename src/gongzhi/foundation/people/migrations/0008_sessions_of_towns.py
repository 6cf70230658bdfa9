"""Sessions are rows of their town. Those of before belong to no town and end: everybody signs in once more."""

import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):
    dependencies = [("territory", "0001_initial"), ("people", "0007_tries_by_place")]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("town", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.town")),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        own_by_town("people_session"),
        migrations.RunSQL(["DROP TABLE IF EXISTS django_session"], migrations.RunSQL.noop),
    ]
