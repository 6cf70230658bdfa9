"""Entries are found by the digits of a case number, however people write it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            r"CREATE INDEX entry_number ON ledger_entry (town_id, regexp_replace(content->>'number', '\D', '', 'g'), id)"
            " WHERE is_public AND content->>'number' IS NOT NULL",
            "DROP INDEX entry_number",
        ),
    ]
