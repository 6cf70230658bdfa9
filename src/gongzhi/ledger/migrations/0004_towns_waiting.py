"""In which towns entries wait to be sealed, answered for all at once."""

from django.db import migrations

from gongzhi.kernel.tables import towns_having


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_numbers"), ("territory", "0001_initial")]

    operations = [
        towns_having(
            "entries_to_seal",
            # entries behind the one sealed last ...
            "SELECT 1 FROM ledger_entry e WHERE e.town_id = t.id AND (e.txid, e.id) > (SELECT s.txid, s.id FROM ledger_leaf l"
            " JOIN ledger_entry s ON s.town_id = l.town_id AND s.id = l.entry_id WHERE l.town_id = t.id ORDER BY l.index DESC LIMIT 1)",
            # ... or any where none was sealed ...
            "SELECT 1 FROM ledger_entry e WHERE e.town_id = t.id AND NOT EXISTS (SELECT 1 FROM ledger_leaf l WHERE l.town_id = t.id)",
            # ... or where the database came back from a copy into another server, whose count of transactions is lower
            "SELECT 1 FROM (SELECT s.txid FROM ledger_leaf l JOIN ledger_entry s ON s.town_id = l.town_id AND s.id = l.entry_id"
            " WHERE l.town_id = t.id ORDER BY l.index DESC LIMIT 1) last WHERE last.txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
        ),
    ]
