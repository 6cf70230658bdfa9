"""Data arrays over SensorThings, as loggers' programs send them."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson

from bench.effort import Meter, postmaster

PROGRAMS, STREAMS = 2, 8
FACTORS = ("w01018", "w21003")

_PREPARE = """
import django; django.setup()
from datetime import datetime, UTC
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people.models import User
from gongzhi.foundation.territory.models import Town
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.sensing import operations
by, at = system("bench"), datetime.now(UTC)
with in_town(Town.objects.order_by("pk").first().pk):
    ids = []
    for number in range({stations}):
        station = operations.register_station(by=by, at=at, code=f"bench-{{number}}", name=f"站点 {{number}}", kind="waste_water")
        for factor in {factors!r}:
            ids.append(operations.define_series(by=by, at=at, station_id=station.pk, factor=factor, unit="mg/L").pk)
    officers = (organs.actor_for_user(seen_by=ANYONE, user=user, at=at) for user in User.objects.filter(person__isnull=False).order_by("pk"))
    officer = next(actor for actor in officers if actor.serves_as("committee_member", "administrator"))
    print(people.issue_token(by=officer, at=at, title="bench", scopes=["sensing:write"])[1], *ids)
"""


def prepare(made: Any) -> tuple[str, list[int]]:
    """Register stations with series in the first town; return a token and the numbers of the Datastreams."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PREPARE.format(stations=PROGRAMS * STREAMS // len(FACTORS), factors=FACTORS)], env=made.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    token, *ids = done.stdout.split()
    return token, list(map(int, ids))


def _documents(ids: list[int], documents: int, rows: int, begin: datetime) -> list[bytes]:
    """Return bodies of data arrays: each with all of these Datastreams, so many rows of each."""
    made = []
    for number in range(documents):
        moments = [(begin + timedelta(seconds=number * rows + row)).strftime("%Y-%m-%dT%H:%M:%SZ") for row in range(rows)]
        rows_of = [[moment, row % 60 + 0.25] for row, moment in enumerate(moments)]
        made.append(orjson.dumps([{"Datastream": {"@iot.id": pk}, "components": ["phenomenonTime", "result"], "dataArray": rows_of} for pk in ids]))
    return made


def arrays(tell: Callable[..., None], made: Any, bare: Callable[[str, int, Meter], float], *, documents: int = 30, rows: int = 625) -> None:
    """Two programs sending data arrays of 5,000 readings, each answered when it is durable, judged and on the list to be rolled up, against a bare COPY."""
    token, ids = prepare(made)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)

    def program(which: int, bodies: list[bytes]) -> None:
        with httpx.Client(base_url=made.address, timeout=120, headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}) as http:
            for body in bodies:
                answer = http.post("/sensorthings/v1.1/CreateObservations", content=body)
                assert answer.status_code == 201, answer.text[:300]

    def run(count: int, after: datetime) -> float:
        sent = [_documents(ids[which * STREAMS : (which + 1) * STREAMS], count, rows, after) for which in range(PROGRAMS)]
        threads = [threading.Thread(target=program, args=(which, bodies)) for which, bodies in enumerate(sent)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return PROGRAMS * STREAMS * count * rows / (time.perf_counter() - began)

    run(2, begin - timedelta(hours=1))
    meter = Meter(database=postmaster(made.folder))
    ours = run(documents, begin)
    base = bare(made.cluster.owner_url, PROGRAMS * STREAMS * documents * rows, meter)
    tell("sensorthings", ours, "readings/s", ratio=ours / base, baseline=base, wanted="ratio ≥ 0.3", per_request=STREAMS * rows)
