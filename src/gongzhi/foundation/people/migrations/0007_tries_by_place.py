"""Tries are counted for a name at a place; by the name they are found again, and a place from which it came in is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0006_towns_with_erasures")]

    operations = [
        migrations.AddField(
            model_name="attempt", name="name",
            field=models.BinaryField(blank=True, default=b"", help_text="keyed hash of the name it belongs to, empty where it belongs to none"),
        ),
        migrations.AddField(
            model_name="attempt", name="passed_at",
            field=models.DateTimeField(blank=True, help_text="when the name came in from this address last", null=True),
        ),
        migrations.AlterField(model_name="attempt", name="of", field=models.BinaryField(help_text="keyed hash of what is counted")),
        migrations.AddIndex(model_name="attempt", index=models.Index(fields=["town", "name"], name="attempt_name")),
        migrations.AddIndex(model_name="attempt", index=models.Index(fields=["town", "last_at"], name="attempt_last")),
    ]  # fmt: skip
