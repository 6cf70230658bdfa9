"""Nothing acknowledged is lost and nothing is done twice, whoever is killed."""

import os
import signal
import threading
import time
import uuid

import httpx
import psycopg
import pytest

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
