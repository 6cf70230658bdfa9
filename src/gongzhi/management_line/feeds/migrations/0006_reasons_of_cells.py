"""Why a cell of a file was refused, as msgids with parameters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feeds", "0005_towns_with_work")]

    operations = [
        migrations.AddField("refusedcell", "said", models.JSONField(
            blank=True, default=list, help_text="the same as msgids with parameters; none of what was refused before they were kept")),
        migrations.AlterField("refusedcell", "reason", models.CharField(help_text="in the words of the process that refused it", max_length=300)),
    ]
