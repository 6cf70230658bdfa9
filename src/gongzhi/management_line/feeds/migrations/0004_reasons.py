"""Why a message was refused, as msgids with parameters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("feeds", "0003_files")]

    operations = [
        migrations.AddField("refusedmessage", "said", models.JSONField(
            blank=True, default=list, help_text="the same as msgids with parameters; none of what was refused before they were kept")),
        migrations.AlterField("refusedmessage", "reason", models.CharField(help_text="in the words of the process that refused it", max_length=300)),
        migrations.AddField("feed", "last_said", models.JSONField(
            blank=True, default=list, help_text="the same as msgids with parameters, where it was ours to say")),
    ]
