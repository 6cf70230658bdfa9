"""Rows of the ledger are written once: a trigger refuses changes, and the application has no right to make them."""

from django.db import migrations

from gongzhi.kernel.tables import APPLICATION_ROLE, own_by_town

TABLES = ("ledger_entry", "ledger_leaf", "ledger_tile", "ledger_checkpoint")

REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is written once: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION ledger_refuse()"),
        *(
            migrations.RunSQL(
                [
                    f"CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
                    f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APPLICATION_ROLE}",
                ],
                [f"DROP TRIGGER written_once ON {table}", f"GRANT UPDATE, DELETE ON {table} TO {APPLICATION_ROLE}"],
            )
            for table in TABLES
        ),
        *(own_by_town(table) for table in TABLES),
        migrations.RunSQL(
            "ALTER TABLE ledger_entry ALTER COLUMN txid SET DEFAULT (pg_current_xact_id()::text::bigint)",
            "ALTER TABLE ledger_entry ALTER COLUMN txid DROP DEFAULT",
        ),
    ]
