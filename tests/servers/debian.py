"""Debian's PostgreSQL 15, the oldest server that the product promises to work on, as a cluster of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from gongzhi.config.checks import POSTGRESQL
from gongzhi.config.places import server_user

OWNER, SECRET, DATABASE = "town_owner", "only-for-this-test", "town"


class DebianServer:
    """A cluster in a folder, on a port and with sockets of its own; its database belongs to a role that is no superuser."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.user = folder, server_user()
        self.pgdata, self.sockets = folder / "postgres", folder / "sockets"
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            self.port = int(opened.getsockname()[1])

    @property
    def owner_url(self) -> str:
        return f"postgresql://{OWNER}:{SECRET}@127.0.0.1:{self.port}/{DATABASE}"

    application_url = ""  # the owner's log-in takes the application's role

    def start(self) -> "DebianServer":
        """Make the cluster, start it, make the role and the database as an administrator of the server would."""
        for each in (self.pgdata, self.sockets):
            each.mkdir(mode=0o700)
            if self.user:
                os.chown(each, self.user.pw_uid, self.user.pw_gid)
        safe = ("--auth-local=trust", "--auth-host=scram-sha-256")  # by socket only the server's own user comes in
        self._run("initdb", "-D", str(self.pgdata), "-U", "postgres", *safe, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        with (self.pgdata / "postgresql.conf").open("a") as kept:
            kept.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.sockets}'\nfsync = off\nshared_buffers = 64MB\n")
        self._run("pg_ctl", "start", "-D", str(self.pgdata), "-l", str(self.pgdata / "log"), "-w", "-t", "60")
        with psycopg.connect(host=str(self.sockets), port=self.port, user="postgres", dbname="postgres", autocommit=True) as server:
            server.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{SECRET}'")
            server.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0")
        return self

    def remove(self) -> None:
        """Stop the server and throw its folder away."""
        if (self.pgdata / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-D", str(self.pgdata), "-m", "fast", "-w")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        user = self.user
        with tempfile.TemporaryFile("w+") as out:  # a pipe would be kept open by the server and never end
            done = subprocess.run(
                [str(POSTGRESQL / program), *arguments], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/", check=False,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}, start_new_session=True,
                user=user.pw_uid if user else None, group=user.pw_gid if user else None, extra_groups=[] if user else None,
            )  # fmt: skip
            out.seek(0)
            assert done.returncode == 0, f"{program}: {out.read()[-2000:]}"


@contextlib.contextmanager
def debian_server() -> Iterator[DebianServer]:
    """Have such a server for the time of the block."""
    folder = Path(tempfile.mkdtemp(prefix="gongzhi-pg15-"))
    folder.chmod(0o755)
    made = DebianServer(folder)
    try:
        yield made.start()
    finally:
        made.remove()
