"""Sensing at a town's full size: a thousand devices at once; the newest values and a month with 100 million readings stored."""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

DEVICES, SERIES = 1000, 4
FACTORS = ("w01018", "w21003", "w01001", "w00000")

_REGISTER = """
import django; django.setup()
from datetime import datetime, UTC
from gongzhi.foundation.territory.models import Town
from gongzhi.kernel.actors import system
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.sensing import operations
by, at = system("bench"), datetime.now(UTC)
with in_town(Town.objects.order_by("pk").first().pk):
    for number in range({devices}):
        station = operations.register_station(by=by, at=at, code=f"bench-{{number}}", name=f"站点 {{number}}", kind="waste_water")
        operations.register_device(by=by, at=at, station_id=station.pk, mn=f"BENCH{{number:019d}}", password="123456", report_seconds=5,
                                   series=dict.fromkeys({factors!r}, "mg/L"))
"""


def register(made: Any) -> None:
    """Register the bench's devices in the first town."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _REGISTER.format(devices=DEVICES, factors=FACTORS)], env=made.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def _busy(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    with Path(f"/proc/{pid}/stat").open() as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def devices(tell: Callable[..., None], port: int, pid: int, seconds: float = 40.0) -> None:
    """A thousand connections, each reporting every five seconds: the gateway's share of a core, and how long an answer takes."""
    from gongzhi.management_line.sensing.hj212 import build

    peers = [socket.create_connection(("127.0.0.1", port)) for _number in range(DEVICES)]
    took: list[float] = []
    lock = threading.Lock()

    def play(part: range) -> None:
        """Let some of the devices report, each at its own moment of the five seconds."""
        own: list[float] = []
        began = time.perf_counter()
        count = 0
        while time.perf_counter() - began < seconds:
            for place, number in enumerate(part):
                due = began + 5 * (count + place / len(part))
                time.sleep(max(0.0, due - time.perf_counter()))
                stamp = f"{datetime.now(UTC) + timedelta(hours=8):%Y%m%d%H%M%S}"
                sent = time.perf_counter()
                peers[number].sendall(
                    build(mn=f"BENCH{number:019d}", cn="2011", pw="123456", qn=f"{stamp}000", data_time=stamp, flag=5,
                          factors=[(factor, {"Rtd": 20 + count, "Flag": "N"}) for factor in FACTORS])
                )  # fmt: skip
                peers[number].recv(4096)
                own.append(time.perf_counter() - sent)
            count += 1
        with lock:
            took.extend(own)

    width = DEVICES // 20
    players = [threading.Thread(target=play, args=(range(begin, begin + width),)) for begin in range(0, DEVICES, width)]
    time.sleep(1)
    busy, began = _busy(pid), time.perf_counter()
    for player in players:
        player.start()
    for player in players:
        player.join()
    share = (_busy(pid) - busy) / (time.perf_counter() - began)
    for peer in peers:
        peer.close()
    ranked = sorted(took)
    tell("devices_cpu", 100 * share, "% of a core", wanted="≤ 50 %", devices=DEVICES, packets=len(took))
    tell("devices_answer_p99", 1000 * ranked[round(0.99 * (len(ranked) - 1))], "ms", median=1000 * statistics.median(ranked))


def fill(url: str, readings: int) -> None:
    """Have the bench's series hold so many readings in all, over the last thirty days, with latest values and rolled-up hours."""
    each = readings // (DEVICES * SERIES)
    stations = DEVICES
    if each < 720:  # few readings: an hour apart, at as many stations as they suffice for
        each, stations = 720, max(1, readings // (720 * SERIES))
    step = timedelta(days=30) / each
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SELECT sensing_make_month(now()), sensing_make_month(now() - interval '31 days')")
        owner.execute("SET synchronous_commit = off")
        owner.execute("DELETE FROM sensing_reading WHERE batch_id = -1")
        owner.execute("TRUNCATE sensing_hour, sensing_touched, sensing_day")
        owner.execute(
            "CREATE TEMP TABLE chosen AS SELECT s.town_id, s.id FROM sensing_series s JOIN sensing_station t ON t.id = s.station_id"
            " WHERE t.code LIKE 'bench-%%' AND split_part(t.code, '-', 2)::int < %s ORDER BY s.id", [stations]
        )  # fmt: skip
        owner.execute(
            "INSERT INTO sensing_reading (town_id, series_id, measured_at, received_at, value, batch_id, packet_no, flag)"
            " SELECT c.town_id, c.id, m, m, 20 + (extract(epoch FROM m)::bigint %% 97) / 10.0, -1, 0, 'N' FROM chosen c,"
            " generate_series(date_trunc('hour', now()) - interval '30 days', now() - %s::interval, %s::interval) m", [step, step]
        )  # fmt: skip
        owner.execute(
            "INSERT INTO sensing_hour (town_id, series_id, at, count, valid, mean, low, high) SELECT town_id, series_id, date_trunc('hour', measured_at),"
            " count(*), count(*), avg(value), min(value), max(value) FROM sensing_reading WHERE batch_id = -1 GROUP BY 1, 2, 3"
        )
        owner.execute(
            "INSERT INTO sensing_latest (town_id, series_id, measured_at, received_at, value, flag) SELECT s.town_id, s.id, now(), now(), 21.5, 'N'"
            " FROM sensing_series s JOIN sensing_station t ON t.id = s.station_id WHERE t.code LIKE 'bench-%%' ON CONFLICT (series_id) DO NOTHING"
        )
        owner.execute("VACUUM ANALYZE sensing_reading, sensing_hour, sensing_latest, sensing_series, sensing_station")


_ASK = """
import django; django.setup()
import json, statistics, time
from datetime import UTC, datetime, timedelta
from gongzhi.foundation.territory.models import Town
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.sensing import queries
def median(ask, times=41):
    took = []
    for _time in range(times):
        began = time.perf_counter(); found = ask(); took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took), found
with in_town(Town.objects.order_by("pk").first().pk):
    now = datetime.now(UTC)
    latest, values = median(lambda: queries.latest_json(seen_by=CLOCK))
    series = queries.series_of(seen_by=CLOCK, station_id=queries.station_for(seen_by=CLOCK, code="bench-7").pk)
    ids = list(series.values_list("pk", flat=True))
    month, hours = median(lambda: queries.rollups(seen_by=CLOCK, series_ids=ids, since=now - timedelta(days=30), until=now))
    print(json.dumps([latest, len(json.loads(values)), month, sum(map(len, hours.values()))]))
"""


def stations(tell: Callable[..., None], made: Any, sizes: tuple[int, int]) -> None:
    """The newest value of every series of 1,000 stations, and one station's month by the hour, at two sizes of the store."""
    figures = []
    for size in sizes:
        fill(made.cluster.owner_url, size)
        with psycopg.connect(made.cluster.owner_url) as owner:
            held = owner.execute("SELECT count(*) FROM sensing_reading").fetchone()[0]
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", _ASK], env=made.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        figures.append((held, *json.loads(done.stdout.strip().splitlines()[-1])))
    small, large = figures
    tell("latest_of_1000_stations", large[1], "ms", ratio=large[1] / small[1], baseline=small[1], wanted="≤ 15 ms, ≤ 1.3 ×", values=large[2], readings=large[0])
    tell("station_month_by_hour", large[3], "ms", ratio=large[3] / small[3], baseline=small[3], wanted="≤ 25 ms, ≤ 1.3 ×", hours=large[4], few=small[4])
