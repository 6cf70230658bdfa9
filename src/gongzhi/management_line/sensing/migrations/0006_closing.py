"""Why a station was closed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sensing", "0005_causes")]

    operations = [migrations.AddField("station", "close_reason", models.CharField(blank=True, max_length=200))]
