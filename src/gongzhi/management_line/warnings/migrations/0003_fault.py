"""A rule that could not be judged says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("warnings", "0002_towns_watching")]

    operations = [
        migrations.AddField(
            "warningrule", "fault", models.CharField(blank=True, help_text="what stood in the way when it was judged last", max_length=300),
        ),
        migrations.AddField("warningrule", "faulty_at", models.DateTimeField(blank=True, null=True)),
    ]
