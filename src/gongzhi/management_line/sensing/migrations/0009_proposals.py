"""What supervised units say of their devices and readings waits for an officer; what no arithmetic takes is set aside."""

import datetime

import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town

STATES = [("proposed", "待确认"), ("confirmed", "已确认"), ("declined", "不予确认")]
ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def town():
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.town")


def proposed():
    return [
        ("state", models.CharField(choices=STATES, default="confirmed", max_length=10)),
        ("decided_at", models.DateTimeField(blank=True, null=True)),
        ("decided_by", models.CharField(blank=True, max_length=80)),
        ("answer", models.CharField(blank=True, help_text="why it was not confirmed, for whoever proposed it", max_length=200)),
    ]


class Migration(migrations.Migration):
    dependencies = [("sensing", "0008_towns_with_work"), ("territory", "0001_initial")]

    operations = [
        *(migrations.AddField(model, name, field) for model in ("maintenance", "calibration") for name, field in proposed()),
        # a window that nobody meant so long ends after a month, so that the moments of all of them can be read
        migrations.RunSQL(
            "UPDATE sensing_maintenance SET ends_at = least(begins_at, timestamptz '2199-11-01 00:00:00+00') + interval '30 days',"
            " begins_at = least(begins_at, timestamptz '2199-11-01 00:00:00+00') WHERE ends_at >= timestamptz '2200-01-01 00:00:00+00'",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            "maintenance",
            models.CheckConstraint(condition=models.Q(("ends_at__lt", datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC))), name="maintenance_has_an_end"),
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ID,
                *proposed(),
                ("sort", models.CharField(choices=[("correction", "更正"), ("mark", "标记"), ("late", "补报")], max_length=10)),
                ("mark", models.CharField(blank=True, help_text="of HJ 212, where it is about a mark", max_length=1)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=80)),
                ("station", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="sensing.station")),
                ("town", town()),
            ],
            options={"indexes": [models.Index(fields=["town", "station", "-made_at"], name="claim_newest")]},
        ),
        migrations.CreateModel(
            name="ClaimedReading",
            fields=[
                ID,
                ("measured_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("value", models.FloatField()),
                ("flag", models.CharField(max_length=1)),
                ("claim", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="readings", to="sensing.claim")),
                ("series", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sensing.series")),
                ("town", town()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("town", "series", "measured_at", "value", "flag"), name="one_claim_per_value")]},
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                ID,
                ("at", models.DateTimeField(help_text="when it was measured; of an hour, its begin")),
                ("value", models.CharField(blank=True, help_text="as it stood", max_length=40)),
                (
                    "reason",
                    models.CharField(
                        choices=[("number", "不是可测的数"), ("level", "不是声级"), ("versions", "更正次数过多"), ("hour", "这一小时无法汇总")], max_length=10
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("found_at", models.DateTimeField()),
                ("series", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sensing.series")),
                ("town", town()),
            ],
            options={
                "verbose_name_plural": "set aside",
                "constraints": [models.UniqueConstraint(fields=("town", "series", "at", "reason"), name="set_aside_once")],
                "indexes": [models.Index(fields=["town", "-found_at", "-id"], name="set_aside_newest")],
            },
        ),
        own_by_town("sensing_claim"),
        own_by_town("sensing_claimedreading"),
        own_by_town("sensing_setaside"),
    ]
