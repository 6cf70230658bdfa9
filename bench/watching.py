"""Early warning at a town's full size: one look of every rule over a thousand stations with four series each.

The database lies in a made installation; a process of its own looks, as the worker does. A look is measured twice: on a day when
all is well but for one station in a hundred, and on a day when every device has gone silent and every value stands still.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from bench.effort import postmaster

ROOT = Path(__file__).resolve().parents[1]
STATIONS, FEW = 1000, 100
FACTORS = ("a34004", "a34002", "a05024", "a21026")
HOURS = 336  # of rolled-up past, what neighbours are compared by
DAYS = 2  # of readings by the minute, as far as frozen values are followed

_REGISTER = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from gongzhi.foundation.territory.models import Town
from gongzhi.kernel.actors import system
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.warnings import operations
by, at = system("bench"), timezone.now() - timedelta(days=30)
with in_town(Town.objects.order_by("pk").first().pk):
    for kind, count in (("air", {stations}), ("soil", {few})):
        for number in range(count):
            station = sensing.register_station(by=by, at=at, code=f"watched-{{kind}}-{{number}}", name=f"站点 {{number}}", kind=kind,
                                               longitude=121 + number % 40 / 100, latitude=31 + number // 40 / 100)
            sensing.register_device(by=by, at=at, station_id=station.pk, mn=f"W{{kind}}{{number:018d}}", password="123456", report_seconds=60,
                                    series=dict.fromkeys({factors!r}, "ug/m³"))
"""

_FILL = """
CREATE TEMP TABLE chosen AS SELECT s.town_id, s.id, t.kind, split_part(t.code, '-', 3)::int AS number FROM sensing_series s
    JOIN sensing_station t ON t.id = s.station_id WHERE t.code LIKE 'watched-%' ORDER BY s.id;
INSERT INTO sensing_hour (town_id, series_id, at, count, valid, mean, low, high)
    SELECT town_id, id, m, 60, 60, v, v - 1, v + 1 FROM chosen, LATERAL (
        SELECT m, 40 + 10 * sin(extract(epoch FROM m) / 13750) + (extract(epoch FROM m)::bigint / 3600 * (7 + id) % 97) / 20.0 AS v
        FROM generate_series(date_trunc('hour', now()) - interval '336 hours', date_trunc('hour', now()) - interval '1 hour', interval '1 hour') m) h;
INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, batch_id, packet_no, flag)
    SELECT town_id, id, m, m, 40 + (extract(epoch FROM m)::bigint / 60 * (7 + id) % 97) / 20.0, -1, 0, 'N' FROM chosen,
        generate_series(date_trunc('minute', now()) - interval '2 days', date_trunc('minute', now()), interval '1 minute') m;
UPDATE sensing_reading r SET value = 40 FROM chosen c WHERE r.series_id = c.id AND c.number % 100 = 1 AND r.measured_at > now() - interval '3 hours';
UPDATE sensing_reading r SET value = 90 FROM chosen c WHERE r.series_id = c.id AND c.number % 100 = 2 AND r.measured_at > now() - interval '10 minutes';
UPDATE sensing_hour h SET mean = 95 FROM chosen c WHERE h.series_id = c.id AND c.number % 100 = 3 AND h.at = date_trunc('hour', now()) - interval '1 hour';
UPDATE sensing_device d SET last_seen_at = now() - CASE WHEN split_part(t.code, '-', 3)::int % 100 = 4 THEN interval '2 hours' ELSE interval '0' END
    FROM sensing_station t WHERE t.id = d.station_id AND t.code LIKE 'watched-%';
"""

_ALL_WRONG = """
UPDATE sensing_device d SET last_seen_at = now() - interval '2 hours' FROM sensing_station t WHERE t.id = d.station_id AND t.code LIKE 'watched-%';
UPDATE sensing_reading r SET value = 40 FROM sensing_series s JOIN sensing_station t ON t.id = s.station_id
    WHERE r.series_id = s.id AND t.code LIKE 'watched-%' AND r.measured_at > now() - interval '20 hours';
"""


def _look() -> None:
    """Look with every rule over the stations of a kind; the process that is measured. Prints seconds, CPU seconds, statements and what was found."""
    import django

    django.setup()
    import time

    from django.db import connection
    from django.utils import timezone

    from gongzhi.foundation.territory.models import Town
    from gongzhi.kernel.actors import CLOCK
    from gongzhi.kernel.towns import in_town
    from gongzhi.management_line.sensing.models import Series
    from gongzhi.management_line.warnings import looking
    from gongzhi.management_line.warnings.forecast import fit
    from gongzhi.management_line.warnings.models import ForecastModel, WarningRule
    from gongzhi.management_line.warnings.queries import HOUR, hour_of, lines

    kind, database = sys.argv[1], int(sys.argv[2])
    from bench.effort import Meter

    with in_town(Town.objects.order_by("pk").first().pk):
        now = timezone.now()
        more = {"station_kind": kind, "aggregate": "rtd", "clause": "bench", "valid_from": now.date(), "set_at": now, "set_by": "bench", "count": 2}
        rules = [WarningRule(pk=-1, title="silence", cause="silence", threshold=30, repeats=3, **more)]
        for number, factor in enumerate(FACTORS):
            rules += [
                WarningRule(pk=-10 - number, title="rate", cause="rate", factor=factor, threshold=30, **more),
                WarningRule(pk=-20 - number, title="frozen", cause="frozen", factor=factor, threshold=60, repeats=12, **more),
                WarningRule(pk=-30 - number, title="neighbours", cause="neighbours", factor=factor, threshold=6, radius_km=5, tolerance=5, **more),
                WarningRule(pk=-40 - number, title="forecast", cause="forecast", factor=factor, threshold=70, **more),
            ]
        series = list(Series.objects.filter(station__code__startswith=f"watched-{kind}-").order_by("pk"))
        if not ForecastModel.objects.filter(series=series[0]).exists():
            last = hour_of(seen_by=CLOCK, at=now)
            line = lines(seen_by=CLOCK, series_ids=[series[0].pk], since=last - 300 * HOUR, until=last)[series[0].pk]
            fitted = fit(line.values, line.hours)
            assert fitted is not None
            ForecastModel.objects.bulk_create(
                [ForecastModel(town_id=one.town_id, series=one, trained_at=now, begins_at=last, ends_at=last, hours=300, horizon_hours=12,
                               fitted=fitted.as_json(), score={}, is_better=True) for one in series]
            )  # fmt: skip
        counted = {"n": 0}

        def count(execute: Any, *given: Any) -> Any:
            counted["n"] += 1
            return execute(*given)

        for rule in rules:  # what is read once and kept
            looking.look(rule, now)
        told: dict[str, Any] = {}
        meter = Meter(database=database)
        with connection.execute_wrapper(count):
            for rule in rules:
                before, part = counted["n"], time.perf_counter()
                meter.begin()
                found = looking.look(rule, now)
                used = meter.read()
                one = told.setdefault(rule.cause, {"seconds": 0.0, "cpu_s": 0.0, "database_s": 0.0, "statements": 0, "found": 0})
                one["seconds"] += time.perf_counter() - part
                one["cpu_s"] += used["load"]
                one["database_s"] += used["database"]
                one["statements"] += counted["n"] - before
                one["found"] += len(found)
        print(json.dumps(told))


def looks(tell: Callable[..., None], made: Any) -> None:
    """Tell how long one look of all rules takes over a hundred and over a thousand stations, on a good day and on a bad one."""
    stations = int(os.environ.get("BENCH_STATIONS", STATIONS))
    environment = made.environment | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}

    def run(*command: str) -> str:
        done = subprocess.run([sys.executable, "-W", "ignore", *command], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def look(kind: str) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = json.loads(run("-m", "bench.watching", kind, str(postmaster(made.folder))).strip().splitlines()[-1])
        return found

    run("-c", _REGISTER.format(stations=stations, few=FEW, factors=FACTORS))
    with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
        owner.execute("SELECT sensing_make_month(now()), sensing_make_month(now() - interval '31 days')")
        owner.execute("SET synchronous_commit = off")
        for statement in _FILL.split(";\n"):
            if statement.strip():
                owner.execute(statement)
        owner.execute("VACUUM ANALYZE sensing_reading, sensing_hour, sensing_series, sensing_station, sensing_device")
        for day in ("good", "bad"):
            if day == "bad":
                for statement in _ALL_WRONG.split(";\n"):
                    if statement.strip():
                        owner.execute(statement)
                owner.execute("VACUUM ANALYZE sensing_reading, sensing_device")
            few, all_of_them = look("soil"), look("air")
            total = {name: sum(part[name] for part in all_of_them.values()) for name in ("seconds", "cpu_s", "database_s", "statements", "found")}
            small = sum(part["seconds"] for part in few.values())
            tell(f"warnings_{day}_day", total["seconds"], "s", ratio=total["seconds"] / small, baseline=small, wanted="≤ 10 s",
                 stations=stations, series=stations * len(FACTORS), few=FEW, cpu_s=total["cpu_s"], database_cpu_s=total["database_s"],
                 statements=total["statements"], statements_few=sum(part["statements"] for part in few.values()), found=total["found"],
                 by_rule={cause: {name: round(value, 3) for name, value in part.items()} for cause, part in all_of_them.items()})  # fmt: skip


if __name__ == "__main__":
    _look()
