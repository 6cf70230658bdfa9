"""The whole product on Debian's PostgreSQL 15: migrate, load a town, report, measure, seal, verify, stop."""

import signal
import socket
import tempfile
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from gongzhi.config.checks import POSTGRESQL
from gongzhi.management_line.sensing import demo
from gongzhi.management_line.sensing.hj212 import Framer, build
from tests.installation import Installation
from tests.servers.debian import debian_server

pytestmark = pytest.mark.skipif(
    not (POSTGRESQL / "initdb").exists(), reason=f"there is no PostgreSQL 15 of Debian in {POSTGRESQL}: apt-get install postgresql-15 (as root)"
)


def measured(port: int, value: float) -> int:
    """Send one minute of an outlet as its logger does; return how many answers came."""
    outlet = next(played for played in demo.STATIONS if played.code == "dye-outlet")
    stamp = f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y%m%d%H%M%S}"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        peer.sendall(
            build(mn=outlet.mn, cn="2011", st=outlet.st, pw=demo.password_of(outlet), qn=f"{stamp}000", data_time=stamp, flag=5,
                  factors=[("w01018", {"Rtd": value, "Flag": "N"})])
        )  # fmt: skip
        framer, answers = Framer(), 0
        while not answers:
            chunk = peer.recv(4096)
            assert chunk, "the gateway hung up"
            answers += len(framer.feed(chunk))
    return answers


def test_works_from_an_empty_database_to_a_verified_ledger():
    with debian_server() as server, tempfile.TemporaryDirectory(prefix="gongzhi-data-") as data:
        made = Installation(Path(data), server)
        try:
            with psycopg.connect(server.owner_url, autocommit=True) as owner:
                assert owner.info.server_version // 10_000 == 15
                made.run("migrate", "--quiet", "--data-dir", data)
                made.run("load-demo", "--cases", "6", "--data-dir", data)
                web, worker = made.start_web(), made.start_worker()
                port = made.start_gateway()

                told = httpx.post(f"{made.address}/api/v1/reports", json={"text": "溪西花苑东门的垃圾桶满了两天没人收"})
                assert told.status_code == 201
                assert measured(port, 61.25) == 1
                assert owner.execute("SELECT text FROM cases_case WHERE number = %s", [told.json()["number"]]).fetchone() == (
                    "溪西花苑东门的垃圾桶满了两天没人收",
                )
                kept = "SELECT count(*) FROM sensing_reading WHERE value = 61.25 AND received_at > now() - interval '5 minutes'"
                assert owner.execute(kept).fetchone() == (1,)

                waiting = "SELECT count(*) FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_leaf l WHERE l.town_id = e.town_id AND l.entry_id = e.id)"
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline and owner.execute(waiting).fetchone() != (0,):
                    time.sleep(0.5)
                assert owner.execute(waiting).fetchone() == (0,)
            made.run("ledger", "verify", "--data-dir", data)

            for child in made.children:
                child.send_signal(signal.SIGTERM)
            assert [child.wait(30) for child in (web, worker)] == [0, 0]
        finally:
            made.end()
