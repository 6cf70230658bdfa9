"""What devices tell beside readings is kept."""

import django.db.models.deletion
from django.db import migrations, models

from gongzhi.kernel.tables import own_by_town


class Migration(migrations.Migration):
    dependencies = [("sensing", "0006_closing"), ("territory", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="DeviceNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("command", models.CharField(help_text="CN of HJ 212", max_length=4)),
                ("qn", models.CharField(blank=True, max_length=17)),
                ("told_at", models.DateTimeField(help_text="the moment that the notice is about, by the device's clock; when it came where it names none")),
                ("received_at", models.DateTimeField()),
                ("content", models.CharField(help_text="CP as it came", max_length=1000)),
                ("device", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="sensing.device")),
                ("town", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="territory.town")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("town", "device", "command", "told_at", "qn"), name="one_notice_however_often_sent")
                ],
                "indexes": [models.Index(fields=["town", "device", "-received_at"], name="device_notice_newest")],
            },
        ),
        own_by_town("sensing_devicenotice"),
    ]
