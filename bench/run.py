"""What the claims about speed rest on: ./gongzhi bench [NAME …] prints one JSON line a figure.

Every figure that compares is a ratio within one run, on the same server and database: machines differ, ratios less so.
Names: intake, desk, pages, gateway, mqtt, alarm, devices, stations, warnings, towns, sensorthings, archive, registers, start.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx
import psycopg
from tests.installation import installed

from bench.effort import Meter, postmaster

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings.base")
import django

django.setup()

SHANGHAI = ZoneInfo("Asia/Shanghai")


def tell(name: str, value: float, unit: str, *, ratio: float | None = None, baseline: float | None = None, **more: object) -> None:
    """Print one figure."""
    line = {"name": name, "value": round(value, 3), "unit": unit, "ratio": None if ratio is None else round(ratio, 3)}
    print(json.dumps(line | {"baseline": None if baseline is None else round(baseline, 3)} | more), flush=True)


def effort(ours: list[dict[str, float]], theirs: list[dict[str, float]], name: str) -> dict[str, object]:
    """Return what an item cost on each side in CPU time (median of the rounds), and the baseline's share of it: what holds on a busy machine too."""
    both = [{part: round(statistics.median(one[part] for one in side), 4) for part in side[0]} for side in (ours, theirs)]
    return {name: both[0], f"{name}_baseline": both[1], "ratio_cpu": round(sum(both[1].values()) / sum(both[0].values()), 3)}


# ---- intake ---------------------------------------------------------------------------------------------------------
def hammer(address: str, make_body, seconds: float, clients: int = 4) -> float:
    """POST from several clients for some seconds; return answers a second that made something."""
    done = [0] * clients
    ended = time.monotonic() + seconds

    def client(number: int) -> None:
        with httpx.Client(timeout=30) as http:
            count = 0
            while time.monotonic() < ended:
                answer = http.post(address, json=make_body(number, count))
                assert answer.status_code == 201, answer.text[:300]
                count += 1
            done[number] = count

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - began)


def intake() -> None:
    """Intake of a report over HTTP with everything it does, against a bare Django view that inserts one row."""
    with installed(60) as made:
        with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
            owner.execute("CREATE TABLE bench_row (id bigserial PRIMARY KEY, text text NOT NULL, at timestamptz NOT NULL DEFAULT now())")
            owner.execute("GRANT INSERT, SELECT ON bench_row TO gongzhi_app; GRANT USAGE ON SEQUENCE bench_row_id_seq TO gongzhi_app")
        made.environment["GONGZHI_URLS"] = "bench.urls"
        made.environment["GONGZHI_REPORTS_A_MINUTE"] = "1000000000"  # all of a run comes from one address
        made.environment["GONGZHI_CLIENT_REPORTS_A_MINUTE"] = "1000000000"
        made.environment["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        web = made.start_web()

        def body(number: int, count: int) -> dict[str, object]:
            return {
                "text": f"文昌路垃圾桶满溢两天没人清运，味道很大，苍蝇很多 {number}-{count}", "longitude": 120.0 + (number * 131 + count * 17) % 400 / 10_000,
                "latitude": 30.265 + count * 37 % 300 / 10_000, "category": "H301",
            }  # fmt: skip

        paths = {"bare": f"{made.address}/bench/", "full": f"{made.address}/api/v1/reports"}
        meter = Meter(web=web.pid, database=postmaster(made.folder))
        rates: dict[str, list[float]] = {"bare": [], "full": []}
        used: dict[str, list[dict[str, float]]] = {"bare": [], "full": []}
        for path in paths.values():
            hammer(path, body, 2)
        for _round in range(5):  # one after the other, so that whatever else the machine does falls on both
            for name, path in paths.items():
                meter.begin()
                began = time.monotonic()
                rate = hammer(path, body, 4)
                count = rate * (time.monotonic() - began)
                rates[name].append(rate)
                used[name].append({part: 1000 * seconds / count for part, seconds in meter.read().items()})
        one, other = statistics.median(rates["full"]), statistics.median(rates["bare"])
        tell("intake", one, "reports/s", ratio=one / other, baseline=other, wanted="ratio ≥ 0.35 and ≥ 100/s", **effort(used["full"], used["bare"], "cpu_ms"))


# ---- desk -----------------------------------------------------------------------------------------------------------
PAGE = 50  # rows of a page of the desk
MULTIPLY = """
INSERT INTO cases_case ({columns})
SELECT {values} FROM cases_case c CROSS JOIN generate_series(1, %(times)s) g
WHERE c.town_id = 1 AND {which} ORDER BY g, c.id LIMIT %(rows)s
"""
OLD = "c.serial <= 200"  # most of them have ended, as most cases of a town have
# what lies on the desk that is measured: enough for a whole page, as many in a small town as in a large one
ON_THE_DESK = """
c.state = 'in_hand' AND c.kind = 'report' AND c.life = 'home'
AND c.holder_id = (SELECT p.organ_id FROM organs_post p JOIN people_user u USING (person_id) WHERE u.town_id = 1 AND u.username = 'utilities' LIMIT 1)
"""


def grow(owner: "psycopg.Connection", wanted: int) -> None:
    """Multiply the cases of the first town to so many, each with its clocks."""
    (waiting,) = owner.execute(f"SELECT count(*) FROM cases_case c WHERE c.town_id = 1 AND {ON_THE_DESK}").fetchone()
    assert waiting, "the demo has no report in the hands of the unit whose desk is measured"
    if waiting < PAGE:
        _multiply(owner, ON_THE_DESK, -(-PAGE // waiting), PAGE)
    (have,) = owner.execute("SELECT count(*) FROM cases_case WHERE town_id = 1").fetchone()
    _multiply(owner, OLD, (wanted - have) // 200 + 1, wanted - have)
    owner.execute(
        "INSERT INTO cases_clock (town_id, case_id, \"of\", stage, organ_id, started_at, amount, unit, basis, rule, extended_by, extension_basis, due_at,"
        " warn_at, ended_at, provisional, \"then\") SELECT c.town_id, c.id, 'case', '', c.lead_id, c.opened_at, 5, 'working_days', '', '', 0, '',"
        " coalesce(c.due_at, now()),"
        " coalesce(c.due_at, now()), c.closed_at, false, '' FROM cases_case c LEFT JOIN cases_clock k ON k.case_id = c.id WHERE c.town_id = 1 AND k.id IS NULL"
    )
    owner.execute("ANALYZE")


def _multiply(owner: "psycopg.Connection", which: str, times: int, rows: int) -> None:
    """Copy some cases so many times, each copy nine hours older than the one before (200,000 are a year's), `rows` of them in all."""
    columns = [row[0] for row in owner.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'cases_case' AND column_name <> 'id'")]
    (top,) = owner.execute("SELECT max(serial) FROM cases_case WHERE town_id = 1").fetchone()
    changed = {
        "serial": f"{top} + row_number() OVER ()", "number": f"'云溪报〔2026〕' || ({top} + row_number() OVER ())", "submission_key": "NULL",
        "opened_at": "c.opened_at - g * interval '9 hours'", "closed_at": "c.closed_at - g * interval '9 hours'",
        "touched_at": "c.touched_at - g * interval '9 hours'", "next_due_at": "c.next_due_at + (g %% 400) * interval '1 hour'", "search": "c.search",
    }  # fmt: skip
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'c."{name}"') for name in columns)
    owner.execute(MULTIPLY.format(columns=names, values=values, which=which), {"times": times, "rows": rows})


def median_of(http: httpx.Client, address: str, times: int = 60) -> float:
    """Return the median of so many answers in milliseconds."""
    found = []
    for _time in range(times + 5):
        began = time.perf_counter()
        answer = http.get(address)
        found.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    return statistics.median(found[5:])


def sign_in(address: str, username: str) -> httpx.Client:
    """Return a client that has signed in."""
    from gongzhi.config.demo.accounts import PASSWORD

    http = httpx.Client(base_url=address, timeout=60, follow_redirects=True)
    http.get("/sign-in/")
    given = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": http.cookies["csrftoken"]}
    answer = http.post("/sign-in/", data=given, headers={"Referer": address})
    assert answer.status_code == 200, answer.text[:200]
    return http


def desk() -> None:
    """The desk's list and the case page at 2,000 and at 200,000 cases, and its lists by every filter and pair of filters."""
    from bench import lists

    with installed(300) as made:
        meter = Meter(web=made.start_web().pid, database=postmaster(made.folder))
        figures: dict[int, tuple[float, float]] = {}
        listed: dict[int, lists.Measured] = {}
        for size in (2_000, 200_000):
            with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
                grow(owner, size)
                # the oldest that the unit works on: one that was opened and handled by acts, with its steps and ledger
                slug = owner.execute(
                    f"SELECT year || '-' || lpad(serial::text, 5, '0') FROM cases_case c WHERE c.town_id = 1 AND {ON_THE_DESK} ORDER BY id LIMIT 1"
                ).fetchone()[0]
            http = sign_in(made.address, "utilities")
            address = "/desk/?queue=unit&life=home&state=open&kind=report"
            assert http.get(address).text.count("data-row-link") == PAGE
            figures[size] = (median_of(http, address), median_of(http, f"/cases/{slug}/"))
            with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
                asked = lists.addresses(owner)
            listed[size] = lists.measure(sign_in(made.address, "dispatcher"), asked, median_of, meter)
        (small, small_case), (large, large_case) = figures[2_000], figures[200_000]
        tell("desk", large, "ms", ratio=large / small, baseline=small, wanted="ratio ≤ 1.3 and ≤ 40 ms")
        tell("case_page", large_case, "ms", ratio=large_case / small_case, baseline=small_case, wanted="≤ 40 ms at both")
        lists.report(tell, listed[2_000], {address: cost for address, cost in listed[200_000].items() if address in listed[2_000]})


def pages() -> None:
    """The portal, the command screen and the environment's pages: with the demo's content, then with 200,000 cases and millions of readings."""
    from bench import pages as opened

    with installed(300) as made:
        meter = Meter(web=made.start_web().pid, database=postmaster(made.folder))
        readers = {
            reader: sign_in(made.address, reader) if reader else httpx.Client(base_url=made.address, timeout=60, follow_redirects=True)
            for reader in {reader for reader, _path in opened.PAGES}
        }
        small = opened.measure(readers, median_of, meter)
        with psycopg.connect(made.cluster.owner_url, autocommit=True) as owner:
            grow(owner, 200_000)
            readings = opened.fill(owner)
        opened.report(tell, small, opened.measure(readers, median_of, meter), cases=200_000, readings=readings)


# ---- gateway --------------------------------------------------------------------------------------------------------
def _streams(packets: int, *, begin: int, wide: bool) -> tuple[list[tuple[bytes, int]], int]:
    """Return what each demo device sends (bytes, packets), and how many readings that is; other readings for each `begin`.

    `wide`: ten factors a packet, as loggers of air stations send.
    """
    from gongzhi.management_line.sensing import demo
    from gongzhi.management_line.sensing.hj212 import build

    first = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(days=20 if wide else 10) + timedelta(days=begin)
    streams, rows = [], 0
    for played in demo.STATIONS:
        factors = list(played.series) + ([f"a{number:05d}" for number in range(10)] if wide else [])
        parts = []
        for number in range(packets // len(demo.STATIONS)):
            stamp = f"{first + timedelta(seconds=number):%Y%m%d%H%M%S}"
            sent = [(factor, {"Rtd": played.series[factor][1].mean if factor in played.series else number % 97 + 0.25, "Flag": "N"}) for factor in factors]
            parts.append(build(mn=played.mn, cn="2011", st=played.st, pw=demo.password_of(played), qn=f"{stamp}000", data_time=stamp, flag=5, factors=sent))
            rows += len(sent)
        streams.append((b"".join(parts), len(parts)))
    return streams, rows


def _send(port: int, streams: list[tuple[bytes, int]]) -> float:
    """Send each stream over a connection of its own; return the seconds until the last packet was answered."""

    def device(content: bytes, count: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as peer:
            sender = threading.Thread(target=peer.sendall, args=(content,))
            sender.start()
            while count:
                got = peer.recv(1 << 18)
                assert got, "the gateway closed the connection"
                count -= got.count(b"\r\n")
            sender.join()

    began = time.perf_counter()
    threads = [threading.Thread(target=device, args=stream) for stream in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _bare(url: str, rows: int, meter: Meter) -> float:
    """Return the rows a second of a COPY of the newest readings into a table alike, 3,000 rows a transaction; `meter` begins when it begins."""
    names = "town_id, series_id, measured_at, received_at, value, batch_id, packet_no, version, flag"
    with psycopg.connect(url) as owner:
        owner.execute("DROP TABLE IF EXISTS bench_reading")
        owner.execute("CREATE TABLE bench_reading (LIKE sensing_reading INCLUDING ALL)")
        found = owner.execute(f"SELECT {names} FROM sensing_reading ORDER BY batch_id DESC LIMIT %s", [rows]).fetchall()
        owner.commit()
        meter.begin()
        began = time.perf_counter()
        for start in range(0, len(found), 3000):
            with owner.cursor().copy(f"COPY bench_reading ({names}) FROM STDIN") as copy:
                for row in found[start : start + 3000]:
                    copy.write_row(row)
            owner.commit()
        return len(found) / (time.perf_counter() - began)


def gateway(packets: int = 24_000) -> None:
    """HJ 212 over TCP, durable, judged and on the list to be rolled up, against a bare COPY of the same rows."""
    with installed(6) as made:
        port = made.start_gateway()
        meter = Meter(gateway=made.children[-1].pid, database=postmaster(made.folder))
        _send(port, _streams(400, begin=-1, wide=False)[0])
        for name, wide in (("gateway", False), ("gateway_wide", True)):
            rates: dict[str, list[float]] = {"ours": [], "bare": []}
            used: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
            for turn in range(5):  # one after the other, so that whatever else the machine does falls on both
                streams, rows = _streams(packets, begin=turn, wide=wide)
                meter.begin()
                rates["ours"].append(rows / _send(port, streams))
                used["ours"].append({part: 1e6 * seconds / rows for part, seconds in meter.read().items() if part != "load"})  # without the devices
                rates["bare"].append(_bare(made.cluster.owner_url, rows, meter))
                used["bare"].append({part: 1e6 * seconds / rows for part, seconds in meter.read().items() if part != "gateway"})  # with the client
            ours, bare = statistics.median(rates["ours"]), statistics.median(rates["bare"])
            tell(name, ours, "readings/s", ratio=ours / bare, baseline=bare, wanted="ratio ≥ 0.5 (0.6), ≥ 50,000 readings/s", per_packet=rows / packets,
                 **effort(used["ours"], used["bare"], "cpu_us"))  # fmt: skip


def alarm(seconds: float = 40.0, readings: int = 5000) -> None:
    """From an exceedance sent over TCP to a browser's stream that hears of it, while 5,000 readings a second arrive."""
    import re

    from gongzhi.management_line.sensing import demo
    from gongzhi.management_line.sensing.hj212 import build

    played = demo.STATIONS[0]
    with installed(6) as made:
        made.start_web()
        port = made.start_gateway()
        ended = threading.Event()

        def load() -> None:
            others = demo.STATIONS[1:]
            width = sum(len(each.series) for each in others) / len(others)
            number = 0
            with socket.create_connection(("127.0.0.1", port)) as peer:
                threading.Thread(target=lambda: [None for _ in iter(lambda: peer.recv(1 << 16), b"")], daemon=True).start()
                begin = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(hours=20)
                while not ended.is_set():
                    due = time.perf_counter() + 0.1
                    parts = []
                    for _each in range(round(readings / width / 10)):
                        each = others[number % len(others)]
                        stamp = f"{begin + timedelta(seconds=number // len(others)):%Y%m%d%H%M%S}"
                        sent = [(factor, {"Rtd": curve.mean, "Flag": "N"}) for factor, (_unit, curve) in each.series.items()]
                        parts.append(
                            build(mn=each.mn, cn="2011", st=each.st, pw=demo.password_of(each), qn=f"{stamp}000", data_time=stamp, flag=5, factors=sent)
                        )
                        number += 1
                    peer.sendall(b"".join(parts))
                    time.sleep(max(0.0, due - time.perf_counter()))

        loader = threading.Thread(target=load)
        loader.start()
        heard: list[float] = []
        with httpx.Client(base_url=made.address, timeout=60) as http, socket.create_connection(("127.0.0.1", port)) as peer:
            page = http.get(f"/stations/{played.code}/").text
            found = re.search(r'data-stream="([^"]+)"|sse-connect="([^"]+)"|(/live/[^"\s]+)', page)
            assert found, "the station's page names no stream"
            address = next(part for part in found.groups() if part).replace("&amp;", "&")
            events: list[float] = []

            def listen() -> None:
                with contextlib.suppress(httpx.ReadError), http.stream("GET", address) as stream:  # closed at the end
                    for line in stream.iter_lines():
                        if '"reading"' in line or '"alarm"' in line or line.startswith(("event: reading", "event: alarm")):
                            events.append(time.perf_counter())

            threading.Thread(target=listen, daemon=True).start()
            time.sleep(2)
            number = 0
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                stamp = f"{datetime.now(SHANGHAI):%Y%m%d%H%M%S}"
                began = time.perf_counter()
                serial = f"{stamp}{number % 1000:03d}"
                peer.sendall(build(mn=played.mn, cn="2011", st=played.st, pw=demo.password_of(played), qn=serial, data_time=stamp, flag=5,
                                   factors=[("w01018", {"Rtd": 150 + number, "Flag": "N"})]))  # fmt: skip
                while not (events and events[-1] > began) and time.perf_counter() - began < 5:
                    time.sleep(0.002)
                heard.append(next((event for event in events if event > began), began + 5) - began)
                number += 1
                time.sleep(max(0.0, began + 1.05 - time.perf_counter()))
        ended.set()
        loader.join()
        ranked = sorted(heard)
        slow = ranked[min(len(ranked) - 1, round(0.99 * len(ranked)))]
        tell("alarm_to_browser_p99", 1000 * slow, "ms", wanted="< 1,000 ms", median=1000 * statistics.median(ranked),
             load=readings, measured=len(ranked))  # fmt: skip


def devices() -> None:
    """A thousand devices at once."""
    from bench import sensing

    with installed(6) as made:
        sensing.register(made)
        port = made.start_gateway()
        sensing.devices(tell, port, made.children[-1].pid)


def stations() -> None:
    """Newest values and a month by the hour, with a million readings and with a hundred million (BENCH_READINGS for another size)."""
    from bench import sensing

    with installed(6) as made:
        sensing.register(made)
        sensing.stations(tell, made, (1_000_000, int(os.environ.get("BENCH_READINGS", "100000000"))))


def warnings() -> None:
    """One look of every rule of early warning over a thousand stations, on a good day and on a bad one."""
    from bench import watching

    with installed(6) as made:
        watching.looks(tell, made)


def towns() -> None:
    """A thousand towns, quiet: every periodic task's turn."""
    from bench import towns as many

    with installed(60) as made:
        many.turns(tell, made)


def sensorthings() -> None:
    """Data arrays over SensorThings, durable, judged and on the list to be rolled up, against a bare COPY of the same rows."""
    from bench import sensorthings

    with installed(6) as made:
        made.start_web()
        sensorthings.arrays(tell, made, _bare)


def archive() -> None:
    """One station's year out of a hundred towns of Parquet; `python -m bench.archive --help` for other sizes."""
    subprocess.run([sys.executable, "-W", "ignore", "-m", "bench.archive"], cwd=ROOT, check=True)


# ---- start ----------------------------------------------------------------------------------------------------------
def resident(pid: int) -> float:
    """Return the resident memory of a process and its children in megabytes (shared pages once a process)."""
    told = subprocess.run(["ps", "-o", "pid=,ppid=,rss=", "-e"], capture_output=True, text=True, check=True).stdout
    table = [tuple(map(int, line.split())) for line in told.splitlines()]
    family = {pid}
    for _round in range(4):
        family |= {one for one, parent, _rss in table if parent in family}
    return sum(rss for one, _parent, rss in table if one in family) / 1024


def start() -> None:
    """The first and the second start of ./gongzhi demo, and what its processes keep resident without the database."""
    folder = tempfile.mkdtemp(prefix="gongzhi-bench-")
    Path(folder).chmod(0o755)
    ports = []
    for _port in range(2):
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            ports.append(opened.getsockname()[1])
    command = [
        sys.executable, "-W", "ignore", "-m", "gongzhi.config.cli", "demo", "--port", str(ports[0]), "--gateway-port", str(ports[1]), "--data-dir", folder,
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "GONGZHI_"))}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "GONGZHI_ROOT": str(ROOT)}
    for name in ("first_start", "second_start"):
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{ports[0]}/", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.05)
            assert process.poll() is None
        tell(name, time.perf_counter() - began, "s", wanted="first ≤ 180 s with the installation of packages, second ≤ 8 s")
        if name == "second_start":
            time.sleep(10)
            told = subprocess.run(["ps", "-o", "pid=,ppid=,args=", "-e"], capture_output=True, text=True, check=True).stdout
            children = [line.split(None, 2) for line in told.splitlines() if line.split()[1] == str(process.pid)]
            total = sum(resident(int(pid)) for pid, _parent, words in children if any(part in words for part in ("granian", "procrastinate", "gateway")))
            tell("memory", total, "MB", wanted="web + worker + gateway ≤ 700 MB")
        process.send_signal(signal.SIGINT)
        process.wait(60)


def criteria() -> None:
    """200 criteria over 10,000 firms by masks, rows to columns included, against one by one."""
    from bench.criteria import measure

    found = measure()
    tell("criteria", found["many"], "s", ratio=found["alone"] / found["many"], baseline=found["alone"], one_explained_ms=round(found["one"] * 1_000, 3))


def mqtt() -> None:
    """Readings of a real MQTT broker."""
    from bench.feeds import mqtt as measure

    with installed(6) as made:
        measure(tell, made, _bare)


def registers() -> None:
    """People and firms of a whole town."""
    from bench.registers import registers as measure

    with installed(6) as made:

        def own_page() -> float:
            made.start_web()
            return median_of(sign_in(made.address, "resident"), "/account/record/")

        measure(tell, made, own_page)


def benefits() -> None:
    """Firms with benefits, and the book."""
    from bench.benefits import benefits as measure

    with installed(6) as made:
        made.environment["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        measure(tell, made)


FIGURES = {
    "intake": intake, "desk": desk, "pages": pages, "gateway": gateway, "mqtt": mqtt, "alarm": alarm, "devices": devices, "stations": stations,
    "warnings": warnings, "towns": towns, "sensorthings": sensorthings, "archive": archive, "registers": registers,
    "start": start, "criteria": criteria, "benefits": benefits,
}  # fmt: skip


def main() -> None:
    """Measure what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="./gongzhi bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FIGURES))
    names = parser.parse_args().names or list(FIGURES)
    unknown = set(names) - set(FIGURES)
    if unknown:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    for name in names:
        FIGURES[name]()


if __name__ == "__main__":
    main()
