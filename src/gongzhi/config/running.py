"""The verbs that keep running: demo, serve, web, worker.

All processes of the product stand under one supervisor (children.py), which stops them together: the simulator and the
gateway first, then the worker and the web server, the embedded database last.
"""

import argparse
import contextlib
import fcntl
import os
import resource
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gongzhi.config import installation, verbs
from gongzhi.config.children import Children, StopAsked, hear_no_more, listen_for_stop
from gongzhi.config.installation import CannotRun, has_database
from gongzhi.config.ports import Held, check_port

if TYPE_CHECKING:
    from gongzhi.config.embedded import Cluster

FIRST_START = 90.0  # seconds the web server may take to become ready


def say(text: str) -> None:
    """Write a line for the person at the terminal."""
    print(text, flush=True)


# -- commands of the processes -----------------------------------------------------------------------------------------
def web_command(host: str, port: int, workers: int) -> list[str]:
    """Return the command of the web server (granian: pages in threads, live streams async, one port)."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--host", host, "--port", str(port),
        "--workers", str(workers), "--runtime-mode", "st", "--no-ws", "--http", "1", "--backlog", "2048", "--backpressure", "4096",
        "--http1-header-read-timeout", "15000", "--log-level", "warning",
        "--respawn-failed-workers", "--workers-kill-timeout", "5", "gongzhi.config.asgi:application",
    ]  # fmt: skip


def worker_command(concurrency: int) -> list[str]:
    """Return the command of the worker: all queues, a few seconds to finish when it is stopped."""
    return [
        sys.executable, "-m", "gongzhi.config.worker", "--concurrency", str(concurrency), "--shutdown-graceful-timeout", "8",
    ]  # fmt: skip


def gateway_command(host: str, port: int, *, feeds: bool = True) -> list[str]:
    """Return the command of the process that takes readings: the HJ 212 gateway and, unless they run elsewhere, the MQTT feeds."""
    return [sys.executable, "-m", "gongzhi.config.gateway", "--host", host, "--port", str(port), *([] if feeds else ["--no-feeds"])]


def broker_command(port: int) -> list[str]:
    """Return the command of the simulated maker's cloud, which the feeds module brings."""
    return [sys.executable, "-m", "gongzhi.management_line.feeds.playing", "--port", str(port)]


def simulator_command(gateway_port: int) -> list[str]:
    """Return the command of the live simulator, which the sensing module brings."""
    return [sys.executable, "-m", "django", "simulate", "--port", str(gateway_port)]


WEB = {"GONGZHI_POOLED": "1", "MALLOC_ARENA_MAX": "2"}
BEHIND = {"MALLOC_ARENA_MAX": "2"}


# -- locks ---------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[Callable[[str], None]]:
    """Hold the data folder for this run; stop with a clear sentence when another run has it. Gives how the run notes its address there."""
    with (folder / "running.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CannotRun(
                f"gongzhi already runs on the data folder {folder} ({lock.read().strip() or 'starting'}).\n"
                "Stop it first, or give this one a folder of its own: --data-dir FOLDER"
            ) from None

        def note(address: str) -> None:
            lock.seek(0)
            lock.truncate()
            lock.write(f"process {os.getpid()}, {address}" if address else f"process {os.getpid()}, starting")
            lock.flush()

        note("")
        yield note


class DatabaseWatch:
    """Looks after the embedded database as the supervisor does after its children: started again when it ended, each time after a longer wait."""

    EVERY = 1.0  # seconds
    LONGEST_WAIT = 30.0

    def __init__(self, cluster: "Cluster | None") -> None:
        self._cluster = cluster
        self._next = time.monotonic() + self.EVERY
        self._wait = self.EVERY

    def look(self) -> None:
        """Look once, if it is time."""
        if self._cluster is None or time.monotonic() < self._next:
            return
        import psycopg

        from gongzhi.config.embedded import ClusterFailed

        self._next = time.monotonic() + self.EVERY
        if self._cluster.is_alive():
            self._wait = self.EVERY
            return
        say("The database has ended; starting it again.")
        try:
            self._cluster.start()
        except (ClusterFailed, psycopg.Error) as failed:
            self._next = time.monotonic() + self._wait
            self._wait = min(2 * self._wait, self.LONGEST_WAIT)
            say(f"{failed}\nTrying again in {self._next - time.monotonic():.0f} s.")
        else:
            say("The database runs again.")


def _allow_many_files() -> None:
    """Let the children have as many open files as the system allows: each open page keeps a connection."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def wait_until_ready(address: str, children: Children, *, patience: float = FIRST_START) -> None:
    """Return when /health/ready answers 200; stop with the log's end when it does not."""
    deadline = time.monotonic() + patience
    reason = ""
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            reason = error.read().decode(errors="replace")
        except OSError as error:
            reason = str(error)
        children.watch()
        if any(child.crashes > 2 for child in children.all if child.name == "web"):
            break
        time.sleep(0.1)
    raise CannotRun(f"The web server did not become ready ({reason}). Its log ends:\n{children.tail('web')}")


# -- demo --------------------------------------------------------------------------------------------------------------
def demo(rest: list[str], folder: Path) -> int:
    """Start everything on the embedded database with two demo towns; run until stopped."""
    parser = argparse.ArgumentParser(prog="./gongzhi demo", description=verbs.VERBS["demo"])
    parser.add_argument("--port", type=int, default=8000, help="of the web server (default 8000)")
    parser.add_argument("--gateway-port", type=int, default=9212, help="of the HJ 212 gateway (default 9212)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1: this machine only)")
    parser.add_argument("--data-dir", metavar="FOLDER", help="where the database and files are kept (default var/)")
    parser.add_argument("--reset", action="store_true", help="delete what an earlier demo kept and start anew")
    parser.add_argument("--no-simulator", action="store_true", help="start without the simulated monitoring stations")
    given = parser.parse_args(rest)
    if os.environ.pop("DATABASE_URL", None):
        say("DATABASE_URL is set; the demo leaves that database alone and uses its embedded one.")
    begun = time.monotonic()
    listen_for_stop()
    _allow_many_files()
    with alone_in(folder) as note:
        if given.reset:
            _forget(folder)
            folder = installation.settle(str(folder))
        web = Held(given.host, given.port, "--port", "web server", say, answers=True)
        gateway = Held(given.host, given.gateway_port, "--gateway-port", "gateway", say)
        broker = Held("127.0.0.1", int(installation.remembered(folder).get("broker") or 18_830), "", "demo's MQTT broker", say)
        shown = "127.0.0.1" if given.host in ("127.0.0.1", "0.0.0.0", "::") else given.host
        address = f"http://{shown}:{web.port}"
        note(address)
        children = Children(folder / "log", say)
        os.environ |= {
            "GONGZHI_PUBLIC_URL": address,  # kept beside the data, so that other verbs write it too
            "GONGZHI_GATEWAY_PORT": str(gateway.port),
            "GONGZHI_DEMO_BROKER_PORT": str(broker.port),
            "GONGZHI_DEMO": "1",
            "GONGZHI_EMAIL_BACKEND": os.environ.get("GONGZHI_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"),
        }
        if given.host not in ("127.0.0.1", "localhost") and "GONGZHI_HOSTS" not in os.environ:
            os.environ["GONGZHI_HOSTS"] = "*"
        try:
            if not has_database(folder):
                say("Making the database ...")
            installation.remember(folder, address=address)
            with installation.database(folder, makes=True) as cluster:
                database = DatabaseWatch(cluster)
                _load_towns(folder, broker.port)
                web.release()
                children.start("web", web_command(given.host, web.port, 2), **WEB)
                commands = verbs.commands()
                children.start("worker", worker_command(4), **BEHIND)
                gateway.release()
                if "gateway" in commands:
                    children.start("gateway", gateway_command(given.host, gateway.port), **BEHIND)
                try:
                    wait_until_ready(address, children)
                    broker.release()
                    if "simulate" in commands and not given.no_simulator:
                        children.start("simulator", simulator_command(gateway.port), **BEHIND)
                        children.start("broker", broker_command(broker.port))
                    _welcome(address, web.port, gateway.port, folder, time.monotonic() - begun)
                    while True:
                        children.watch()
                        database.look()
                        time.sleep(0.2)
                finally:
                    hear_no_more()
                    children.stop()
        except StopAsked:
            say("\nStopped. The data is kept; ./gongzhi demo goes on with it, ./gongzhi demo --reset starts anew.")
    return 0


KEPT_FOLDERS = ("attachments", "archive", "basemaps", "gateway", "imports", "ledger-keys", "log", "models", "registers", "static")


def _forget(folder: Path) -> None:
    """Delete what an earlier demo kept in the data folder, and only that.

    The ledger's keys and last heads too: a new log that does not begin with the old head would never be signed. What devices sent to the old
    towns (the gateway's spool) and files that were brought there have no place in the new ones either.
    """
    from gongzhi.config.embedded import Cluster

    Cluster(folder).remove()
    for name in KEPT_FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("state.json", "secret-key", "field-key", "push-key", "database-secret", "postgres.log"):
        (folder / name).unlink(missing_ok=True)
    for variable in ("GONGZHI_SECRET_KEY", "GONGZHI_FIELD_KEY"):
        os.environ.pop(variable, None)


def _load_towns(folder: Path, broker_port: int) -> None:
    """Load the demo towns once. A load that was cut off is thrown away: nobody has worked in it yet.

    The demo's feed keeps the port of its simulated broker; where that had to move, the feed is told.
    """
    known = installation.remembered(folder)
    state = known.get("demo")
    if state == "loaded":
        if known.get("broker") != broker_port:
            installation.as_child("load-demo", "--move-broker", str(broker_port))
            installation.remember(folder, broker=broker_port)
        return
    if state == "loading":
        say("An earlier start was cut off while it loaded the demo towns; loading them anew.")
        _empty_database(folder)
        installation.bring_up_to_date(folder)
    installation.remember(folder, demo="loading")
    say("Loading the demo towns ...")
    installation.as_child("load-demo")
    installation.remember(folder, demo="loaded", broker=broker_port)


def _empty_database(folder: Path) -> None:
    import psycopg

    from gongzhi.config.embedded import DATABASE, Cluster

    cluster = Cluster(folder)
    with psycopg.connect(cluster.owner_url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {DATABASE}")
    shutil.rmtree(folder / "attachments", ignore_errors=True)
    installation.remember(folder, migrations="")


def _welcome(address: str, port: int, gateway_port: int, folder: Path, seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    from gongzhi.config.demo.accounts import ACCOUNTS, PASSWORD

    console = Console(highlight=False)
    places = Table(title=f"共治 gongzhi — ready in {seconds:.1f} s", title_justify="left", title_style="bold", show_header=False, box=None)
    for _column in range(3):
        places.add_column(overflow="fold")  # an address that is cut off leads nowhere
    for zh, en, link in (
        ("居民门户", "Residents' portal", f"{address}/"),
        ("指挥大屏", "Cockpit", f"{address}/cockpit/"),
        ("办理工作台", "Officers' desk", f"{address}/desk/"),
        ("网格员移动端", "Grid workers' app", f"{address}/field/"),
        ("公开台账", "Public ledger", f"{address}/ledger/"),
        ("开放接口", "API", f"{address}/api/v1/docs"),
        ("市政报事接口", "Open311", f"{address}/open311/v2/services.json?api_key=demo"),
        ("第二个小镇", "Second town", f"http://lanwan.localhost:{port}/"),
        ("监测数据网关", "HJ 212 gateway", f"127.0.0.1:{gateway_port} (TCP)"),
        ("物联网接入", "MQTT feeds", f"{address}/stations/feeds/"),
        ("数据目录", "Data folder", str(folder)),
    ):
        places.add_row(zh, en, link)
    console.print(places, soft_wrap=True)
    logins = Table(title=f"演示账号 Demo log-ins — 密码 password: {PASSWORD}", title_justify="left", title_style="bold", box=None)
    for heading in ("账号 Name", "身份", "Who"):
        logins.add_column(heading, header_style="dim")
    for account in ACCOUNTS:
        logins.add_row(account.username, account.zh, account.en)
    console.print()
    console.print(logins, soft_wrap=True)
    console.print("\nCtrl-C 停止 stops everything; the data is kept.", soft_wrap=True)


# -- a real installation -----------------------------------------------------------------------------------------------
def _options(verb: str, *, gateway: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"./gongzhi {verb}", description=verbs.VERBS[verb])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1, behind your TLS proxy)")
    parser.add_argument("--port", type=int, default=8000, help="of the web server (default 8000)")
    parser.add_argument("--workers", type=int, default=max(2, min(8, os.cpu_count() or 2)), help="processes of the web server")
    if gateway:
        parser.add_argument("--gateway-host", default="0.0.0.0", help="address of the HJ 212 gateway (default: every one)")
        parser.add_argument("--gateway-port", type=int, default=9212, help="of the HJ 212 gateway (default 9212)")
        parser.add_argument("--no-worker", action="store_true", help="the worker runs elsewhere (./gongzhi worker)")
        parser.add_argument("--no-gateway", action="store_true", help="the gateway and the feeds run elsewhere (./gongzhi gateway, ./gongzhi feeds)")
        parser.add_argument("--no-feeds", action="store_true", help="the MQTT feeds run elsewhere (./gongzhi feeds)")
    return parser


def _need_database(folder: Path) -> None:
    """Stop unless DATABASE_URL names a server that is new enough and migrated."""
    if not os.environ.get("DATABASE_URL"):
        raise CannotRun(
            "Set DATABASE_URL to your PostgreSQL, such as postgresql://gongzhi@db.example/gongzhi "
            "(docs/running/install.md). To only look at the product: ./gongzhi demo"
        )
    installation.check_server(os.environ["DATABASE_URL"])
    import psycopg

    from gongzhi.config import environment

    given = environment.database(os.environ["DATABASE_URL"])
    with psycopg.connect(
        host=given["HOST"] or None, port=given["PORT"] or None, user=given["USER"] or None, password=given["PASSWORD"] or None,
        dbname=given["NAME"], connect_timeout=10,
    ) as connection:  # fmt: skip
        import django

        django.setup()
        from gongzhi.config.health import lacking_migrations

        lacking = lacking_migrations(connection)
    if lacking:
        some = ", ".join(sorted(lacking)[:3]) + (" ..." if len(lacking) > 3 else "")
        raise CannotRun(f"The database lacks {len(lacking)} migrations ({some}). Run ./gongzhi migrate first.")


def _collect_static() -> None:
    """Put the static files with hashed names where the web server reads them."""
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def serve(rest: list[str], folder: Path) -> int:
    """Run web, worker and gateway on the database of DATABASE_URL until stopped."""
    given = _options("serve", gateway=True).parse_args(rest)
    os.environ["GONGZHI_HASHED_STATIC"] = "1"
    _need_database(folder)
    _collect_static()
    listen_for_stop()
    check_port(given.host, given.port, "--port", "web server")
    commands = verbs.commands()
    with_gateway = "gateway" in commands and not given.no_gateway
    if with_gateway:
        check_port(given.gateway_host, given.gateway_port, "--gateway-port", "gateway")
    address = f"http://{'127.0.0.1' if given.host in ('0.0.0.0', '::') else given.host}:{given.port}"
    _allow_many_files()
    with alone_in(folder) as note:
        note(address)
        children = Children(folder / "log", say)
        try:
            try:
                children.start("web", web_command(given.host, given.port, given.workers), **WEB)
                if not given.no_worker:
                    children.start("worker", worker_command(8), **BEHIND)
                if with_gateway:
                    children.start("gateway", gateway_command(given.gateway_host, given.gateway_port, feeds=not given.no_feeds), **BEHIND)
                wait_until_ready(address, children)
                say(f"gongzhi is ready at {address} (logs: {children.folder}). Ctrl-C or SIGTERM stops it.")
                while True:
                    children.watch()
                    time.sleep(0.2)
            finally:
                hear_no_more()
                children.stop()
        except StopAsked:
            say("Stopped.")
    return 0


def web(rest: list[str], folder: Path) -> int:
    """Become the web server (for service managers that keep one process each)."""
    given = _options("web").parse_args(rest)
    os.environ |= WEB | {"GONGZHI_HASHED_STATIC": "1"}
    _allow_many_files()
    _need_database(folder)
    _collect_static()
    command = web_command(given.host, given.port, given.workers)
    os.execv(command[0], command)


def worker(rest: list[str], folder: Path) -> int:
    """Become the worker."""
    parser = argparse.ArgumentParser(prog="./gongzhi worker", description=verbs.VERBS["worker"])
    parser.add_argument("--concurrency", type=int, default=8, help="tasks at one time (default 8)")
    given = parser.parse_args(rest)
    os.environ |= BEHIND
    if os.environ.get("DATABASE_URL"):
        command = worker_command(given.concurrency)
        os.execv(command[0], command)
    with installation.database(folder):
        return subprocess.call(worker_command(given.concurrency))
