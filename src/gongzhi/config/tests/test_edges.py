import errno
import json
from urllib.parse import quote

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import get_resolver

from gongzhi.config import faults, health
from gongzhi.config.api import MOST_BODY
from gongzhi.config.edges import _page_of
from gongzhi.kernel import budget, standing
from gongzhi.kernel.postgres.base import DatabaseWrapper

GBK = quote("路灯坏了", encoding="gbk")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def browser(town):
    return Client(raise_request_exception=False, headers={"accept": "text/html"})


@pytest.mark.django_db
class TestHead:
    @pytest.mark.parametrize("path", ["/", "/report/", "/sign-in/", "/ledger/", "/open/", "/no-such-page/", "/api/v1/openapi.json"])
    def test_gives_what_get_gives_without_its_body(self, browser, path):
        shown, head = browser.get(path), browser.head(path)
        assert head.status_code == shown.status_code
        assert head.content == b""
        assert head.headers["Content-Type"] == shown.headers["Content-Type"]
        if path.startswith("/api/"):
            assert int(head.headers["Content-Length"]) == len(shown.content)


@pytest.mark.django_db
class TestLengthToldOfABody:
    @pytest.mark.parametrize("told", ["", "0"])  # PEP 3333: "may be empty or absent", which most servers do for a GET
    def test_may_be_left_empty(self, browser, told):
        assert browser.get("/api/v1/ledger", CONTENT_LENGTH=told).status_code != 413

    @pytest.mark.parametrize(("told", "status"), [(MOST_BODY + 1, 413), ("1e3", 413), ("-1", 413), (MOST_BODY, 401)])
    def test_is_judged_before_anything_is_read(self, browser, told, status):
        answer = browser.get("/api/v1/ledger", CONTENT_LENGTH=str(told), headers={"authorization": "Bearer none"})
        assert answer.status_code == status


@pytest.mark.django_db
class TestAddressOfAnAct:
    def test_leads_to_the_page_it_belongs_to(self, browser):
        answer = browser.get("/sign-out/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")

    def test_of_every_act_has_a_page(self):
        for page in ("/cases/2026-00001/acts/accept/", "/stations/E-1/close/"):
            assert _page_of(page) is not None
        assert _page_of("/cases/2026-00001/no-such/act/").startswith("/cases/2026-00001/")
        assert _page_of("/no-such/act/") == "/"

    def test_stays_405_for_programs(self, browser):
        assert browser.get("/sign-out/", headers={"accept": "application/json"}).status_code == 405


@pytest.mark.django_db
class TestBytesThatAreNotUtf8:
    @pytest.mark.parametrize("path", ["/report/", "/open311/v2/requests.json", "/api/v1/reports", "/sign-in/"])
    def test_in_a_form_answer_400_in_the_answers_own_format(self, browser, path):
        answer = browser.post(path, f"description={GBK}&api_key=demo", content_type=FORM)
        assert answer.status_code == 400
        if path.startswith("/api/"):
            assert json.loads(answer.content)["type"].endswith("NotUtf8")
        else:
            assert "UTF-8" in answer.content.decode()

    def test_raw_ones_too(self, browser):
        assert browser.post("/report/", "text=路灯".encode("gbk"), content_type=FORM).status_code == 400

    def test_in_a_form_of_parts(self, browser):
        body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + "路灯坏了".encode("gbk") + b"\r\n--x--\r\n"
        assert browser.post("/report/", body, content_type="multipart/form-data; boundary=x").status_code == 400
        body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + "路灯坏了".encode() + b"\r\n--x--\r\n"
        assert browser.post("/report/", body, content_type="multipart/form-data; boundary=x").status_code != 400

    def test_in_a_query(self, browser):
        assert browser.get(f"/open/?q={GBK}").status_code == 400
        assert browser.get(f"/open/?q={quote('路灯')}").status_code == 200
        assert json.loads(browser.get(f"/api/v1/cases?q={GBK}", headers={"accept-language": "en"}).content)["title"].startswith("What was sent is not text")

    def test_in_json(self, browser):
        assert browser.post("/api/v1/reports", '{"text": "路灯"}'.encode("gbk"), content_type="application/json").status_code == 400


@pytest.mark.django_db
class TestFaultOfOurs:
    def _raise(self, monkeypatch, error):
        def cursor(self, name=None):
            raise error

        monkeypatch.setattr(DatabaseWrapper, "create_cursor", cursor)

    @pytest.mark.parametrize("path", ["/", "/api/v1/cases"])
    def test_of_the_database_is_told_without_it(self, browser, monkeypatch, path):
        from gongzhi.portal.middleware import towns

        towns.forget()
        self._raise(monkeypatch, OperationalError("the server is away"))
        answer = browser.get(path)
        towns.forget()
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert "数据库暂时没有响应" in answer.content.decode()

    def test_is_told_apart(self):
        full = OperationalError("could not extend file")
        full.__cause__ = psycopg.errors.DiskFull("could not extend file")
        assert faults.sort_of(full)[0] == 507
        assert faults.sort_of(OSError(errno.ENOSPC, "No space left on device"))[0] == 507
        assert faults.sort_of(OSError(errno.EACCES, "no"))[0] == 500
        assert faults.sort_of(budget.WorkEnded("time"))[0] == 504
        assert faults.sort_of(OperationalError("away"))[0] == 503
        assert faults.sort_of(ValueError("x"))[0] == 500

    def test_of_a_full_disk_is_a_sentence_on_pages_and_for_programs(self, browser, monkeypatch):
        def full(*args, **more):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("gongzhi.portal.middleware.towns.at", full)
        page, call = browser.get("/"), browser.get("/api/v1/cases", headers={"accept-language": "en"})
        assert (page.status_code, call.status_code) == (507, 507)
        assert "磁盘已满" in page.content.decode()
        assert "disk of this installation is full" in json.loads(call.content)["title"]

    def test_that_is_unknown_tells_nothing_of_itself(self):
        try:
            raise ValueError("the secret")
        except ValueError:
            answer = faults.server_error(RequestFactory().get("/"))
        assert answer.status_code == 500
        assert b"secret" not in answer.content
        assert get_resolver().resolve_error_handler(500) is faults.server_error


def _job(owner, task, *, status="doing", lock=None, queueing_lock=None, worker=None, attempts=0):
    return owner.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status, worker_id, attempts)"
        " VALUES ('clock', %s, %s, %s, %s, %s, %s) RETURNING id", [task, lock, queueing_lock, status, worker, attempts],
    ).fetchone()[0]  # fmt: skip


@pytest.mark.usefixtures("committed_db")
class TestJobsOfDeadWorkers:
    @pytest.fixture
    def connection(self):
        with health.own_connection() as connection:
            yield connection

    def test_are_taken_up_again_with_their_locks_and_living_ones_are_left(self, connection):
        def worker(heard):
            insert = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id"
            return connection.execute(insert, [heard]).fetchone()[0]

        alive, dead = worker(standing.UNHEARD - 5), worker(standing.UNHEARD + 1)
        kept = _job(connection, "a", worker=alive)
        left = _job(connection, "warnings.judge", worker=dead, lock="warnings.judge", queueing_lock="warnings.judge")
        orphan = _job(connection, "b")
        relieved = _job(connection, "c", worker=dead, queueing_lock="c")
        _job(connection, "c", status="todo", queueing_lock="c")
        deadly = _job(connection, "d", worker=dead, attempts=standing.MOST_DEATHS - 1)
        assert standing.take_up_again(connection) == 4
        states = dict(connection.execute("SELECT id, status::text FROM procrastinate_jobs").fetchall())
        assert (states[kept], states[left], states[orphan], states[relieved], states[deadly]) == ("doing", "todo", "todo", "failed", "failed")
        assert connection.execute("SELECT lock FROM procrastinate_jobs WHERE id = %s", [left]).fetchone() == ("warnings.judge",)
        assert standing.take_up_again(connection) == 0

    def test_are_told_by_health_until_they_are_taken_up(self, connection, client):
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        assert client.get("/health/work").json()["status"] == "goes on"
        job = _job(connection, "a")
        connection.execute("UPDATE procrastinate_events SET at = now() - interval '3 minutes' WHERE job_id = %s", [job])
        connection.execute("INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'started', now() - interval '121 seconds')", [job])
        answer = client.get("/health/work")
        assert (answer.status_code, answer.json()["status"], answer.json()["abandoned_tasks"]) == (503, "stands still", 1)
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["work"]) == (200, "stands still")
        standing.take_up_again(connection)
        assert client.get("/health/work").status_code == 200

    def test_no_worker_at_all_is_told(self, connection, client):
        answer = client.get("/health/work").json()
        assert answer["faults"] == ["No worker runs: nothing that is to be done in the background is done."]
