"""The partitioned table of readings, and the function by which the application has months made.

Partitions belong to the owner and the application's role has no right on them: rows are reached through the parent
only, where the town policy holds. COPY straight into a table with policies is refused by PostgreSQL, so readings come
through a temporary table.
"""

from django.db import migrations

from gongzhi.kernel.tables import APPLICATION_ROLE, own_by_town

TABLE = """
CREATE TABLE sensing_reading (
    town_id bigint NOT NULL,
    series_id bigint NOT NULL,
    measured_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    value double precision NOT NULL,
    batch_id bigint NOT NULL,
    packet_no integer NOT NULL,
    version smallint NOT NULL DEFAULT 0,
    flag "char" NOT NULL DEFAULT '-',
    PRIMARY KEY (town_id, series_id, measured_at, version)
) PARTITION BY RANGE (measured_at)
"""

MAKE_MONTH = """
CREATE FUNCTION sensing_make_month(wanted timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', wanted);
    name text := 'sensing_reading_' || to_char(first, 'YYYYMM');
BEGIN
    IF wanted < now() - interval '10 years' OR wanted > now() + interval '6 months' THEN
        RAISE EXCEPTION 'no month of readings is kept for %', wanted;
    END IF;
    IF to_regclass(name) IS NOT NULL THEN
        RETURN name;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('sensing_make_month'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN name;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE sensing_reading INCLUDING DEFAULTS)', name);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
    EXECUTE format('REVOKE ALL ON %I FROM {role}', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE sensing_reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, first, first + interval '1 month');
    RETURN name;
END $$
""".format(role=APPLICATION_ROLE)


class Migration(migrations.Migration):
    dependencies = [("sensing", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE sensing_reading"),
        own_by_town("sensing_reading"),
        migrations.RunSQL(
            [
                MAKE_MONTH,
                "REVOKE ALL ON FUNCTION sensing_make_month(timestamptz) FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION sensing_make_month(timestamptz) TO {APPLICATION_ROLE}",
            ],
            "DROP FUNCTION sensing_make_month(timestamptz)",
        ),
        migrations.RunSQL(
            # updated in place once a second: leave room on the page, so that no index is touched
            "ALTER TABLE sensing_latest SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)",
            "ALTER TABLE sensing_latest RESET (fillfactor, autovacuum_vacuum_scale_factor)",
        ),
    ]
