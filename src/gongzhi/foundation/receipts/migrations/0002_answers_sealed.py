"""Answers are sealed from now on; those that stood in the clear are thrown away (that their act was done stays)."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('receipts', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(sql="UPDATE receipts_receipt SET answer = '', status = NULL WHERE answer <> ''", reverse_sql=migrations.RunSQL.noop),
    ]
