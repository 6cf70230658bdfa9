"""The function by which the application has empty tables of old months dropped; it owns none of them."""

from django.db import migrations

from gongzhi.kernel.tables import APPLICATION_ROLE

DROP_MONTH = """
CREATE FUNCTION archive_drop_month(name text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    is_filled boolean;
BEGIN
    IF name !~ '^sensing_reading_[0-9]{6}$' THEN
        RAISE EXCEPTION '% is no month of readings', name;
    END IF;
    IF to_date(right(name, 6), 'YYYYMM') > now() - interval '93 days' THEN
        RETURN false;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(name) AND inhparent = 'sensing_reading'::regclass) THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO is_filled;
    IF is_filled THEN
        RETURN false;
    END IF;
    BEGIN
        -- in the order in which a statement on the readings takes them
        LOCK TABLE ONLY sensing_reading IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', name);
    EXCEPTION WHEN lock_not_available OR undefined_table THEN
        RETURN false;
    END;
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO is_filled;
    IF is_filled THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE %I', name);
    RETURN true;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_initial"), ("sensing", "0002_readings")]

    operations = [
        migrations.RunSQL(
            [
                DROP_MONTH,
                "REVOKE ALL ON FUNCTION archive_drop_month(text) FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION archive_drop_month(text) TO {APPLICATION_ROLE}",
            ],
            "DROP FUNCTION archive_drop_month(text)",
        ),
    ]
