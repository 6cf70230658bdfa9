"""A town with a station, a program with a token, and a real web server for it."""

import contextlib
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import orjson
from django.test import Client
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER, Made
from gongzhi.config.running import web_command
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import ANYONE
from gongzhi.management_line.sensing.tests.factories import free_port, process_environment

ROOT = "/sensorthings/v1.1"


def token_of(made: Made, who: str = "member", *scopes: str) -> str:
    """Return the text of a token of this person of the made town."""
    user = people.give_login(by=MAKER, at=timezone.now(), person_id=made.people[who].pk, username=who, password="Long-enough-2026")
    actor = organs.actor_for_user(seen_by=ANYONE, user=user, at=timezone.now())
    return people.issue_token(by=actor, at=timezone.now(), title="logger", scopes=scopes or ("sensing:read", "sensing:write"))[1]


class Program:
    """Calls SensorThings in this process, with a token or without."""

    def __init__(self, token: str = "") -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, content: Any = None, *, kind: str = "application/json", **query: str) -> Any:
        """Return the answer; `query`: options without their $."""
        body = content if isinstance(content, bytes) else b"" if content is None else orjson.dumps(content)
        options = {f"${name}": value for name, value in query.items()}
        return self.client.generic(
            method, f"{ROOT}/{path}" if path else ROOT, body, content_type=kind, headers=self.headers, query_params=options,
        )  # fmt: skip

    def get(self, path: str, **query: str) -> Any:
        """Return the JSON of a good answer."""
        answer = self.call("GET", path, **query)
        assert answer.status_code == 200, (answer.status_code, answer.content[:500])
        return orjson.loads(answer.content)

    def values(self, path: str, **query: str) -> list[Any]:
        """Return the entities of a page."""
        return list(self.get(path, **query)["value"])

    def post(self, path: str, content: Any) -> Any:
        """Return the entity that was made."""
        answer = self.call("POST", path, content)
        assert answer.status_code == 201, (answer.status_code, answer.content[:500])
        return orjson.loads(answer.content)

    def refused(self, method: str, path: str, content: Any = None, **query: str) -> tuple[int, dict[str, Any]]:
        """Return status and body of a refusal."""
        answer = self.call(method, path, content, **query)
        assert answer.status_code >= 400, answer.content[:300]
        return answer.status_code, orjson.loads(answer.content)


@contextlib.contextmanager
def running_web() -> Iterator[str]:
    """Run the real web server as a process of its own until the end of the block; gives the root of SensorThings."""
    port = free_port()
    environment = process_environment() | {"GONGZHI_POOLED": "1", "GONGZHI_HOSTS": "*"}
    process = subprocess.Popen(web_command("127.0.0.1", port, 1), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    break
            assert process.poll() is None, "the web server ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}{ROOT}"
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
