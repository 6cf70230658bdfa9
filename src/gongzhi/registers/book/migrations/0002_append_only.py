"""Postings are written once and balance: triggers refuse changes, and what does not balance when the act commits fails it."""

from django.db import migrations

from gongzhi.kernel.tables import APPLICATION_ROLE, own_by_town

ONCE = ("book_posting", "book_line", "book_closing")

REFUSE = """
CREATE FUNCTION book_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the book is written once: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
BALANCED = """
CREATE FUNCTION book_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which bigint := CASE TG_TABLE_NAME WHEN 'book_posting' THEN (to_jsonb(NEW)->>'id')::bigint ELSE (to_jsonb(NEW)->>'posting_id')::bigint END;
    total numeric;
    lines bigint;
    days bigint;
BEGIN
    SELECT coalesce(sum(l.cents), 0), count(*), count(*) FILTER (WHERE l."on" <> p."on")
        INTO total, lines, days FROM book_line l JOIN book_posting p ON p.id = l.posting_id WHERE l.posting_id = which;
    IF total <> 0 OR lines < 2 OR days > 0 THEN
        RAISE EXCEPTION 'posting % does not balance: % cents in % lines', which, total, lines USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
OPEN = """
CREATE FUNCTION book_open_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM book_closing c WHERE c.town_id = NEW.town_id AND c.until >= NEW."on") THEN
        RAISE EXCEPTION 'the period of % is closed', NEW."on" USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("book", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION book_refuse()"),
        migrations.RunSQL(BALANCED, "DROP FUNCTION book_balanced()"),
        migrations.RunSQL(OPEN, "DROP FUNCTION book_open_on()"),
        *(
            migrations.RunSQL(
                [
                    f"CREATE TRIGGER written_once BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION book_refuse()",
                    f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APPLICATION_ROLE}",
                ],
                [f"DROP TRIGGER written_once ON {table}", f"GRANT UPDATE, DELETE ON {table} TO {APPLICATION_ROLE}"],
            )
            for table in ONCE
        ),
        *(
            migrations.RunSQL(
                f"CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION book_balanced()",
                f"DROP TRIGGER balanced ON {table}",
            )
            for table in ("book_posting", "book_line")
        ),
        migrations.RunSQL(
            "CREATE TRIGGER open_on BEFORE INSERT ON book_posting FOR EACH ROW EXECUTE FUNCTION book_open_on()", "DROP TRIGGER open_on ON book_posting"
        ),
        *(own_by_town(table) for table in ("book_account", *ONCE)),
    ]
