"""Episodes of every cause: those of limits keep their rule and series; others name the rule of the module that watches."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

STATIONS = """
UPDATE sensing_episode e SET station_id = s.station_id FROM sensing_series s WHERE s.id = e.series_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("sensing", "0004_flow")]

    operations = [
        migrations.AddField("episode", "cause", models.CharField(default="limit", max_length=16)),
        migrations.AddField(
            "episode", "station", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="episodes", to="sensing.station")
        ),
        migrations.RunSQL(STATIONS, migrations.RunSQL.noop),
        migrations.AlterField(
            "episode", "station", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="episodes", to="sensing.station")
        ),
        migrations.AddField(
            "episode", "warning_id",
            models.BigIntegerField(blank=True, help_text="the rule of the module that watches for this cause; it stands above, so no key", null=True),
        ),
        migrations.AddField("episode", "said", models.JSONField(blank=True, default=dict, help_text="what was found, for the words and the small table")),
        migrations.AddField(
            "episode", "row", models.JSONField(blank=True, default=list, help_text="what was judged lately: [moment, value], newest first")
        ),
        migrations.AlterField(
            "episode", "rule",
            models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sensing.limitrule"),
        ),
        migrations.AlterField(
            "episode", "series",
            models.ForeignKey(blank=True, help_text="none where the device itself is silent", null=True, on_delete=django.db.models.deletion.PROTECT,
                              related_name="episodes", to="sensing.series"),
        ),
        migrations.AddConstraint(
            "episode",
            models.UniqueConstraint(condition=~Q(state="settled") & Q(rule__isnull=True), fields=("town", "warning_id", "station", "series", "device_id"),
                                    name="one_warning_at_a_time", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            "episode",
            models.CheckConstraint(condition=Q(rule__isnull=False, series__isnull=False, cause="limit") | Q(rule__isnull=True, warning_id__isnull=False),
                                   name="episode_has_a_cause"),
        ),
        migrations.AddIndex("episode", models.Index(condition=Q(warning_id__isnull=False), fields=["town", "warning_id"], name="episode_warning")),
    ]  # fmt: skip
