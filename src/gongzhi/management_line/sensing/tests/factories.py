"""A station with a limit in a made town, and a real gateway on a port of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases.tests.factories import MAKER, Made, make_town_with_list
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import system
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.kinds import ALARM
from gongzhi.management_line.sensing.operations import TakenPacket

GATEWAY = system("gateway")
MN, PASSWORD = "330110108200000000000A01", "123456"


def make_station(at: Any) -> tuple[Made, Any, Any]:
    """Return (town, station, device): COD at an outlet, limit 80 mg/L, two beyond begin, three clean end."""
    made = make_town_with_list(at)
    early = at - timedelta(days=100)
    cases.adopt_procedure(by=MAKER, at=early, kind="alarm", definition=procedures.read(ALARM.procedure.read_text(encoding="utf-8")), reason="first")
    longitude, latitude = middle(0, 0)
    station = operations.register_station(
        by=MAKER, at=early, code="outlet", name="东排口", kind="waste_water", longitude=longitude, latitude=latitude, organ_id=made.organs["firm"].pk
    )
    device = operations.register_device(by=MAKER, at=early, station_id=station.pk, mn=MN, password=PASSWORD, series={"w01018": "mg/L", "w01001": "pH"})
    operations.set_limit(
        by=MAKER, at=early, title="COD", factor="w01018", limit=80, unit="mg/L", valid_from=early.date(), station_id=station.pk, return_difference=4,
        count=2, clean_count=3, severity=2, category_id=made.categories["bin"].pk, clause="GB 4287-2012",
    )  # fmt: skip
    return made, station, device


def make_station_beyond(now: Any) -> tuple[Made, Any, Any]:
    """Return (town, station, device) of make_station after three minutes of readings, the last two beyond the limit, and a packet that was refused."""
    made, station, device = make_station(now)
    for place, value in enumerate((60.0, 90.0, 91.5)):
        at = now - timedelta(minutes=3 - place)
        packet = TakenPacket(b"x", device.pk, station.pk, at, (("w01018", "rtd", at, value, "N"), ("w01001", "rtd", at, 7.4, "N")))
        operations.take_readings(by=GATEWAY, at=at, key=uuid.uuid4(), packets=[packet])
    operations.keep_refused(
        by=GATEWAY, at=now, peer="10.0.0.1:5", mn=MN, verdict="crc_mismatch", reason="gives CRC 0000", raw=b"PW=secret;", device_id=device.pk
    )
    return made, station, device


def browser_of(made: Made, who: str = "") -> Client:
    """Return a browser, signed in as this person of the made town where one is named."""
    browser = Client()
    if who:
        user = people.give_login(by=MAKER, at=timezone.now(), person_id=made.people[who].pk, username=who, password="Long-enough-2026")
        browser.force_login(user)
    return browser


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def process_environment() -> dict[str, str]:
    """Return the environment in which a child process works on this test's database, as the application."""
    info = settings.OWNER_CONNINFO
    url = f"postgresql://{info['user']}:{info['password'] or ''}@/{info['dbname']}?host={info['host']}&port={info['port'] or 5432}"
    return os.environ | {
        "GONGZHI_OUTBOUND_ALLOWED": "127.0.0.0/8",  # the brokers of the tests
        "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings.base", "GONGZHI_FIELD_KEY": settings.FIELD_KEY,
        "GONGZHI_SECRET_KEY": settings.SECRET_KEY, "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip


@contextlib.contextmanager
def running_gateway(port: int, spool: Path | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the real gateway as a process of its own until the end of the block."""
    own = tempfile.TemporaryDirectory()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "django", "gateway", "--port", str(port), "--spool", str(spool or own.name)],
        env=process_environment(), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, "the gateway ended"
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        own.cleanup()
