"""Old readings in a made town: a minute apart, some marked faulty, some corrected."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing.models import Series

OLD = datetime(2025, 3, 10, tzinfo=UTC)  # more than 400 days before the tests' noon


def put(series_id: int, since: datetime, count: int, *, seconds: int = 60, version: int = 0, add: float = 0.0, received: datetime | None = None) -> None:
    """Put readings as the gateway would keep them: value 40 + n % 7 + add, every tenth marked D."""
    with connection.cursor() as cursor:
        days = [since, since + timedelta(seconds=seconds * count)]
        cursor.execute("SELECT sensing_make_month(g) FROM generate_series(%s::timestamptz, %s::timestamptz, interval '1 day') g", days)
        cursor.execute(
            'INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, batch_id, packet_no, version, flag)'
            " SELECT %s, %s, %s::timestamptz + n * make_interval(secs => %s), coalesce(%s, %s::timestamptz) + n * make_interval(secs => %s),"
            " 40 + n %% 7 + %s, 1, n, %s, CASE WHEN n %% 10 = 9 THEN 'D' ELSE 'N' END::\"char\" FROM generate_series(0, %s - 1) n",
            [current_town(), series_id, since, seconds, received, since, seconds, add, version, count],
        )


def hot_rows() -> int:
    """Count what the database has of the present town."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sensing_reading")
        return int(cursor.fetchone()[0])


def series_of(station: Any) -> list[int]:
    """Return the ids of a station's series."""
    return list(Series.objects.filter(station=station).order_by("pk").values_list("pk", flat=True))
