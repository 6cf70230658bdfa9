"""MQTT through a real mosquitto: readings kept, judged and on the list to be rolled up, against a bare COPY of the same rows."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.effort import Meter, postmaster

STATIONS, FACTORS, RECORDS = 50, ("w01018", "w21003", "w01001", "w00000"), 10

_SET_UP = """
import django; django.setup()
from datetime import datetime, UTC
from gongzhi.foundation.territory.models import Town
from gongzhi.kernel.actors import system
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.feeds import operations as feeds
from gongzhi.management_line.sensing import operations
by, at = system("bench"), datetime.now(UTC)
with in_town(Town.objects.order_by("pk").first().pk):
    for number in range({stations}):
        station = operations.register_station(by=by, at=at, code=f"bench-{{number}}", name=f"站点 {{number}}", kind="waste_water")
        for factor in {factors!r}:
            operations.define_series(by=by, at=at, station_id=station.pk, factor=factor, unit="mg/L")
    feed = feeds.define_feed(by=by, at=at, code="bench", name="bench", host="127.0.0.1", port={port}, topic="bench/#")
    feeds.keep_mappings(by=by, at=at, feed_id=feed.pk, definitions=[{{"topic": "bench/{{station}}", "each": "$.r[*]", "time": "t", "values":
        [{{"path": factor, "factor": factor, "unit": "mg/L"}} for factor in {factors!r}]}}])
"""


def _payloads(messages: int) -> list[tuple[str, bytes]]:
    """Return messages of ten records with four values each."""
    begin = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    made = []
    for number in range(messages):
        first = begin + number // STATIONS * RECORDS
        records = [{"t": first + record, **dict.fromkeys(FACTORS, 20 + record / 10)} for record in range(RECORDS)]
        made.append((f"bench/bench-{number % STATIONS}", json.dumps({"r": records}).encode()))
    return made


def mqtt(tell: Callable[..., None], made: Any, bare: Callable[[str, int, Meter], float], messages: int = 10_000) -> None:
    """Publish to mosquitto with QoS 1 and wait until every reading stands in the database."""
    import paho.mqtt.client as paho

    broker = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if broker is None:
        print(json.dumps({"name": "mqtt", "value": None, "why": "mosquitto is not installed (apt-get install mosquitto)"}), flush=True)
        return
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port = opened.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="gongzhi-bench-"))
    (folder / "m.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nuser root\n")
    process = subprocess.Popen([broker, "-c", str(folder / "m.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        text = _SET_UP.format(stations=STATIONS, factors=FACTORS, port=port)
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", text], env=made.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        child = made.start([sys.executable, "-W", "ignore", "-m", "django", "feeds"])
        payloads, rows = _payloads(messages), messages * RECORDS * len(FACTORS)
        with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:

            def kept() -> int:
                return owner.execute("SELECT readings FROM feeds_feed WHERE code = 'bench'").fetchone()[0]

            _until(lambda: owner.execute("SELECT state FROM feeds_feed WHERE code = 'bench'").fetchone()[0] == "connected")
            sender = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
            sender.max_queued_messages_set(0)
            sender.max_inflight_messages_set(2_000)
            sender.connect("127.0.0.1", port)
            sender.loop_start()
            meter = Meter(feeds=child.pid, broker=process.pid, database=postmaster(made.folder))
            before, began = kept(), time.perf_counter()
            for topic, payload in payloads:
                sender.publish(topic, payload, qos=1)
            _until(lambda: kept() - before >= rows, 300)
            took, used = time.perf_counter() - began, meter.read()
            sender.disconnect()
            sender.loop_stop()
        base = bare(made.cluster.owner_url, rows, meter)
        tell("mqtt", rows / took, "readings/s", ratio=rows / took / base, baseline=base, wanted="ratio ≥ 0.6, ≥ 50,000 readings/s",
             per_message=RECORDS * len(FACTORS), cpu_us={part: round(1e6 * seconds / rows, 2) for part, seconds in used.items()})  # fmt: skip
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _until(true: Callable[[], bool], patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
