"""Cold questions: one station's year out of 100 towns of Parquet, by the product's own expressions on DuckDB.

    python -m bench.archive [--towns 100] [--stations 10] [--factors 6] [--minutes 15] [--folder DIR] [--keep] [--move N]

The files are written by the product's own writer settings (order, row groups, zstd), one a town and month. By default
100 towns × 10 stations × 6 factors × a reading each quarter of an hour = 213 million readings: a minute and 0.9 GB on
two cores, which is what a small machine can make in passing. The first town also has a reading a minute for the
station asked, so that the station-year itself is full size (3.2 million readings). Then a real PostgreSQL gives so many
readings (--move) to `archive run`, against a bare COPY of the same rows out of it. Prints JSON lines.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings.base")

import django  # noqa: E402
import numpy as np  # noqa: E402

django.setup()

from gongzhi.management_line.archive import engines, expressions, files  # noqa: E402

YEAR = datetime(2025, 1, 1, tzinfo=UTC)
WANTED = 2.0


def tell(name: str, value: float, unit: str, *, ratio: float | None = None, baseline: float | None = None, **more: object) -> None:
    """Print one figure as ./gongzhi bench does."""
    line = {"name": name, "value": round(value, 3), "unit": unit, "ratio": None if ratio is None else round(ratio, 3)}
    print(json.dumps(line | {"baseline": None if baseline is None else round(baseline, 3)} | more), flush=True)


def month_of_town(folder: Path, town: int, month: int, series: dict[int, int]) -> int:
    """Write one month of one town: `series` gives the seconds between readings of each; return the rows."""
    chance = np.random.default_rng(town * 100 + month)
    first = datetime(2025, month, 1, tzinfo=UTC)
    last = datetime(2025 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    start, end = (round(moment.timestamp() * 1e6) - files.EPOCH_2000 for moment in (first, last))
    parts = []
    for series_id, seconds in sorted(series.items()):
        moments = np.arange(start, end, seconds * 1_000_000)
        part = np.zeros(len(moments), files.RECORD)
        part["fields"] = len(files.TYPES)
        for name, width in files.WIDTHS.items():
            part[name] = width
        day = 2 * np.pi * (moments % 86_400_000_000) / 86_400_000_000
        part["series_id"], part["measured_at"], part["received_at"] = series_id, moments, moments + chance.integers(1_000_000, 3_000_000, len(moments))
        part["value"] = np.round(40 + 10 * np.sin(day) + chance.normal(0, 3, len(moments)), 1)
        part["flag"] = np.where(chance.random(len(moments)) < 0.01, b"D", b"N")
        part["batch_id"], part["packet_no"] = np.arange(len(moments)) // 60, np.arange(len(moments)) % 60
        parts.append(part)
    rows = np.concatenate(parts).astype(files.RECORD)  # concatenate turns the byte order round
    written = files.write([b"PGCOPY\n\xff\r\n\0" + bytes(8), rows.tobytes(), b"\xff\xff"], folder / f"town={town}" / f"month=2025-{month:02d}", generation=0)
    assert written is not None
    return written.rows


def ask(folder: Path, paths: list[Path], series: list[int], seconds: int) -> tuple[float, float, int]:
    """Return seconds to the answer of a year's rolls, seconds to all its readings, and how many there are."""
    until = YEAR + timedelta(days=365)
    began = time.perf_counter()
    with engines.engine(folder, "duckdb") as engine:
        readings = expressions.newest(expressions.of_series(engine.cold(paths), series, YEAR, until))
        steps = engine.answer(expressions.rolls(readings, seconds)).num_rows
    rolled = time.perf_counter() - began
    began = time.perf_counter()
    with engines.engine(folder, "duckdb") as engine:
        readings = expressions.newest(expressions.of_series(engine.cold(paths), series, YEAR, until))
        count = engine.answer(expressions.in_order(readings, None)).num_rows
    assert steps == 365 * 86_400 // seconds * len(series), steps
    return rolled, time.perf_counter() - began, count


PUT = """
INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, batch_id, packet_no, flag)
SELECT 1, s, m, m + interval '2 seconds', round((40 + 10 * random())::numeric, 1), 1 + extract(minute FROM m)::int, 0, 'N'
FROM generate_series(1000001, 1000000 + %s) s, generate_series(timestamptz '2025-03-01 00:00+00', '2025-03-31 23:59+00', interval '1 minute') m
"""


def move(wanted: int) -> None:
    """Move so many readings (whole series of a month) out of a real database: written, read again, deleted as compared."""
    import psycopg
    from tests.installation import installed

    with installed(12) as made, psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
        series = max(1, wanted // 44_640)
        owner.execute("SELECT sensing_make_month('2025-03-01 00:00+00')")
        owner.execute(PUT, [series])
        owner.execute("VACUUM ANALYZE sensing_reading")
        rows = owner.execute("SELECT count(*) FROM sensing_reading WHERE measured_at < '2025-04-01'").fetchone()[0]
        began = time.perf_counter()
        with owner.cursor().copy("COPY (SELECT * FROM sensing_reading WHERE measured_at < '2025-04-01') TO STDOUT (FORMAT BINARY)") as copy:
            for _block in copy:
                pass
        bare = rows / (time.perf_counter() - began)
        began = time.perf_counter()
        made.run("archive", "run")
        took = time.perf_counter() - began
        left = owner.execute("SELECT count(*) FROM sensing_reading WHERE measured_at < '2025-04-01'").fetchone()[0]
        assert left == 0, left
        tell("archive_move", rows / took, "readings/s", ratio=rows / took / bare, baseline=bare, rows=rows, with_start_of_the_process=True)


def main() -> None:
    """Make the files, ask cold and warm, print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, value in (("towns", 100), ("stations", 10), ("factors", 6), ("minutes", 15)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--folder", type=Path, help="where the files lie; made when it is empty, else used as it is")
    parser.add_argument("--keep", action="store_true", help="leave the files there")
    parser.add_argument("--move", type=int, default=2_000_000, metavar="N", help="readings to move out of a real database; 0: none")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    folder = (given.folder or Path(tempfile.mkdtemp(prefix="gongzhi-bench-archive-"))).resolve()
    asked = list(range(given.stations // 2 * given.factors + 1, given.stations // 2 * given.factors + given.factors + 1))
    try:
        if not any(folder.glob("town=*")):
            began, rows = time.perf_counter(), 0
            with ProcessPoolExecutor(2) as pool:
                waiting = []
                for town in range(1, given.towns + 1):
                    series = dict.fromkeys(range(1, given.stations * given.factors + 1), given.minutes * 60)
                    if town == 1:
                        series |= dict.fromkeys(asked, 60)
                    waiting += [pool.submit(month_of_town, folder, town, month, series) for month in range(1, 13)]
                rows = sum(each.result() for each in waiting)
            size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
            tell("archive_write", rows / (time.perf_counter() - began), "readings/s", rows=rows, bytes=size, bytes_a_reading=round(size / rows, 2))
        everything = sorted(folder.rglob("*.parquet"))
        own = [path for path in everything if path.parts[-3] == "town=1"]
        found: dict[str, list[float]] = {"cold": [], "rolls": [], "readings": [], "small": []}
        for _round in range(given.rounds):
            forgets = not subprocess.run(["sh", "-c", "sync; echo 1 > /proc/sys/vm/drop_caches"], check=False, stderr=subprocess.DEVNULL).returncode
            cold, _readings, count = ask(folder, own, asked, 3600)
            found["cold"].append(cold)
            rolled, listed, count = ask(folder, own, asked, 3600)
            found["rolls"].append(rolled)
            found["readings"].append(listed)
            other = [path for path in everything if path.parts[-3] == f"town={min(2, given.towns)}"]
            found["small"].append(ask(folder, other, asked, 3600)[0] if given.towns > 1 else rolled)
        towns = len({path.parts[-3] for path in everything})
        more = {"towns": towns, "files": len(everything), "readings": count, "wanted": f"≤ {WANTED} s"}
        tell("archive_station_year_first", found["cold"][0], "s", **more)
        tell("archive_station_year", statistics.median(found["cold"]), "s", **more, page_cache_dropped_before=forgets)
        tell("archive_station_year_warm", statistics.median(found["rolls"]), "s", **more)
        tell("archive_station_year_every_reading", statistics.median(found["readings"]), "s", **more)
        tell("archive_station_year_quarter_hours", statistics.median(found["small"]), "s", towns=towns)
        if given.move:
            move(given.move)
    finally:
        if not given.keep and given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
