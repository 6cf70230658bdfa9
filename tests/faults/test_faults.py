"""Nothing acknowledged is lost and nothing is done twice, whoever is killed."""

import os
import re
import signal
import socket
import threading
import time
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from gongzhi.management_line.sensing import demo
from gongzhi.management_line.sensing.hj212 import build

pytestmark = pytest.mark.fault


def rows(installation, statement, *given):
    """Ask the database as its owner; it may have just come back."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with psycopg.connect(installation.cluster.owner_url) as owner:
                return owner.execute(statement, given).fetchall()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class TestDatabaseKilledUnderLoad:
    def test_loses_and_doubles_no_report(self, installation):
        """Clients file reports with keys and send again after every error, as the API tells them to, while the database dies."""
        installation.start_web()
        acknowledged: dict[str, str] = {}
        errors: list[str] = []
        lock, ended = threading.Lock(), threading.Event()

        def client(number):
            with httpx.Client(base_url=installation.address, timeout=20) as http:
                while not ended.is_set():
                    key = str(uuid.uuid4())
                    body = {"text": f"垃圾桶满溢 {number} {key[:8]}"}
                    deadline = time.monotonic() + 40
                    while time.monotonic() < deadline:
                        try:
                            answer = http.post("/api/v1/reports", json=body, headers={"Idempotency-Key": key})
                        except httpx.HTTPError as error:
                            errors.append(type(error).__name__)
                            time.sleep(0.2)
                            continue
                        if answer.status_code == 201:
                            with lock:
                                acknowledged[key] = answer.json()["number"]
                            break
                        if answer.status_code == 409 and answer.json()["type"].endswith("DoneAlready"):
                            with lock:
                                acknowledged[key] = ""  # done; only its answer was lost with the database
                            break
                        errors.append(str(answer.status_code))
                        time.sleep(0.2)

        clients = [threading.Thread(target=client, args=(number,)) for number in range(3)]
        for thread in clients:
            thread.start()
        time.sleep(3)
        installation.cluster.kill()
        time.sleep(1)
        installation.cluster.start()
        time.sleep(4)
        ended.set()
        for thread in clients:
            thread.join()
        assert len(acknowledged) > 20
        assert errors, "the database was not away while they sent"
        known = {row[0] for row in rows(installation, "SELECT number FROM cases_case")}
        assert {number for number in acknowledged.values() if number} <= known
        filed = rows(installation, "SELECT text, count(*) FROM cases_case WHERE text LIKE %s GROUP BY text HAVING count(*) > 1", "垃圾桶满溢 %")
        assert filed == []
        assert rows(installation, "SELECT count(*) FROM receipts_receipt")[0][0] == len(acknowledged)


class TestWorkerKilledInMidTask:
    def test_goes_on_where_it_was_and_seals_everything_once(self, installation):
        waiting = "SELECT count(*) FROM ledger_entry e LEFT JOIN ledger_leaf l ON l.entry_id = e.id AND l.town_id = e.town_id WHERE l.id IS NULL"
        assert rows(installation, waiting)[0][0] > 0
        for pause in (0.8, 1.4, 2.2):
            worker = installation.start_worker()
            time.sleep(pause)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        installation.start_worker()
        deadline = time.monotonic() + 60
        while rows(installation, waiting)[0][0] and time.monotonic() < deadline:
            time.sleep(0.5)
        assert rows(installation, waiting)[0][0] == 0
        installation.run("ledger", "verify", "--data-dir", str(installation.folder))


class TestDatabaseAwayUnderAGateway:
    def test_answers_from_disk_and_keeps_everything_once_when_it_is_back(self, installation):
        """The database is killed while a device reports; packets are answered all the same, and the gateway is killed too before it is back."""
        played = demo.STATIONS[0]
        port = installation.start_gateway()
        gateway = installation.children[-1]
        begin = datetime.now(ZoneInfo("Asia/Shanghai")).replace(microsecond=0) - timedelta(days=4)  # before the past that the demo has played

        def send(peer, numbers):
            for number in numbers:
                stamp = f"{begin + timedelta(seconds=number):%Y%m%d%H%M%S}"
                factors = [("w01018", {"Rtd": 40 + number / 1000, "Flag": "N"})]
                peer.sendall(build(mn=played.mn, cn="2011", pw=demo.password_of(played), qn=f"{stamp}000", data_time=stamp, flag=5, factors=factors))
                time.sleep(0.002)

        def answered(peer, count, patience=30.0):
            peer.settimeout(patience)
            got = b""
            while got.count(b"\r\n") < count:
                got += peer.recv(1 << 16)
            return set(re.findall(rb"QN=(\d{17})", got))

        with socket.create_connection(("127.0.0.1", port)) as peer:
            send(peer, range(100))
            first = answered(peer, 100)
            installation.cluster.kill()
            send(peer, range(100, 400))
            second = answered(peer, 300)
            os.killpg(gateway.pid, signal.SIGKILL)
            gateway.wait()
        assert len(first | second) == 400
        assert list((installation.folder / "gateway").glob("*.batch"))
        installation.cluster.start()
        port = installation.start_gateway()
        statement = (
            "SELECT count(*), count(DISTINCT measured_at), max(version) FROM sensing_reading r JOIN sensing_series s ON s.id = r.series_id"
            " JOIN sensing_device d ON d.station_id = s.station_id WHERE d.mn = %s AND s.factor = 'w01018' AND measured_at >= %s AND measured_at < %s"
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = rows(installation, statement, played.mn, begin, begin + timedelta(seconds=400))[0]
            if found[0] >= 400 and not list((installation.folder / "gateway").glob("*.batch")):
                break
            time.sleep(0.3)
        assert found == (400, 400, 0)
        with socket.create_connection(("127.0.0.1", port)) as peer:
            send(peer, [500])
            assert answered(peer, 1)
