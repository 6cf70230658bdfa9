"""Where an installation keeps what it owns, and which database it works on.

Without DATABASE_URL it is the embedded PostgreSQL in the data folder; then several processes may share the cluster,
and the last one to leave stops it. With DATABASE_URL it is that server, and nothing of it is started or stopped.
"""

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongzhi.config.verbs import PACKAGE

if TYPE_CHECKING:
    from gongzhi.config.embedded import Cluster

OLDEST_SERVER = 15


class CannotRun(SystemExit):
    """Something outside the product is missing or in the way; the message says what to do."""


def root() -> Path:
    """Return the checkout's folder."""
    return Path(os.environ.get("GONGZHI_ROOT") or PACKAGE.parents[1])


def settle(data_dir: str | None = None) -> Path:
    """Choose the data folder, make its secrets once, and hand both to this process and its children."""
    folder = Path(data_dir or os.environ.get("GONGZHI_DATA_DIR") or root() / "var").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"The data folder {folder} cannot be made ({error.strerror}). Choose another with --data-dir.") from None
    os.environ["GONGZHI_DATA_DIR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings.base")
    for name, make in (("secret-key", _new_secret), ("field-key", _new_key), ("push-key", _new_key)):
        variable = f"GONGZHI_{name.replace('-', '_').upper()}"
        if not os.environ.get(variable):
            os.environ[variable] = _kept(folder / name, make)
    if address := remembered(folder).get("address"):  # of the demo that has this folder; other verbs write addresses too
        os.environ.setdefault("GONGZHI_PUBLIC_URL", address)
    return folder


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _kept(file: Path, make: Any) -> str:
    """Return the secret in the file; make it when it is missing, readable by its owner only."""
    if not file.exists():
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            opened.write(make())
        with contextlib.suppress(FileExistsError):  # another start was quicker; its secret is the one
            file.hardlink_to(fresh)
        fresh.unlink()
    kept = file.read_text().strip()
    if not kept:
        raise CannotRun(f"{file} is empty. It held a secret; restore it, or delete the data folder.")
    return kept


def remembered(folder: Path) -> dict[str, Any]:
    """Return what the installation noted about itself: migrations applied, demo towns loaded."""
    try:
        return dict(json.loads((folder / "state.json").read_text()))
    except (OSError, ValueError):
        return {}


def remember(folder: Path, **notes: Any) -> None:
    """Note something about the installation; a cut-off write leaves the old note."""
    fresh = folder / "state.json.new"
    fresh.write_text(json.dumps(remembered(folder) | notes))
    fresh.replace(folder / "state.json")


def fingerprint() -> str:
    """Return a digest of every migration there is; it differs when the database needs `migrate`."""
    summed = hashlib.sha256()
    for file in sorted(PACKAGE.glob("**/migrations/*.py")):
        summed.update(str(file.relative_to(PACKAGE)).encode() + b"\0" + file.read_bytes())
    for lock in (root() / "requirements.lock",):
        summed.update(lock.read_bytes() if lock.exists() else b"")
    return summed.hexdigest()


def has_database(folder: Path) -> bool:
    """Return whether an embedded database was made in this data folder."""
    return (folder / "postgres" / "PG_VERSION").exists() or (folder / "postgres").is_symlink()


def running_elsewhere(folder: Path) -> list[Path]:
    """Return the data folders of this user's processes of the product, beside this one (Linux: what their environments say)."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"gongzhi" not in (process / "cmdline").read_bytes():
                continue
            for variable in (process / "environ").read_bytes().split(b"\0"):
                if variable.startswith(b"GONGZHI_DATA_DIR="):
                    found.add(Path(os.fsdecode(variable.split(b"=", 1)[1])))
    return sorted(each for each in found if each != folder and has_database(each))


def _need_made(folder: Path) -> None:
    """Stop where a verb works on a database and the data folder has none: making an empty one beside the one that was meant helps nobody."""
    if has_database(folder):
        return
    others = running_elsewhere(folder)
    hint = "".join(f"\n  --data-dir {each}" for each in others)
    raise CannotRun(
        f"There is no database in the data folder {folder}, so nothing was done."
        + (f" gongzhi runs with another one here; to work on it, add{' one of' if len(others) > 1 else ''}:{hint}" if others else
           " Name the folder that has it (--data-dir FOLDER) or the server (DATABASE_URL), or make one here:"
           " ./gongzhi migrate (empty), ./gongzhi demo (two towns).")
    )  # fmt: skip


@contextlib.contextmanager
def database(folder: Path, *, migrated: bool = True, makes: bool = False) -> "Iterator[Cluster | None]":
    """Have a database for the time of the block; its addresses stand in the environment for this process and children.

    Gives the embedded cluster, None on a server of one's own. `makes`: an embedded one is made where there is none; else that stops with a sentence.
    """
    if os.environ.get("DATABASE_URL"):
        check_server(os.environ["DATABASE_URL"])
        yield None
        return
    if not makes:
        _need_made(folder)
    from gongzhi.config.embedded import Cluster, ClusterFailed

    with (folder / "in-use.lock").open("a") as using:
        fcntl.flock(using, fcntl.LOCK_SH)
        cluster = Cluster(folder)
        try:
            try:
                cluster.start()
            except ClusterFailed as failed:
                raise CannotRun(str(failed)) from None
            os.environ["DATABASE_URL"] = cluster.owner_url
            os.environ["DATABASE_APP_URL"] = cluster.application_url
            if migrated:
                bring_up_to_date(folder)
            yield cluster
        finally:
            if _is_last(using):
                cluster.stop()
            os.environ.pop("DATABASE_URL", None)
            os.environ.pop("DATABASE_APP_URL", None)


def _is_last(using: Any) -> bool:
    """Return whether no other process uses the cluster (a shared lock each; the last one may have it alone)."""
    try:
        fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def bring_up_to_date(folder: Path) -> bool:
    """Migrate if a migration has been added since the last time; return whether it was needed."""
    wanted = fingerprint()
    if remembered(folder).get("migrations") == wanted:
        return False
    as_child("migrate", "--quiet")
    remember(folder, migrations=wanted)
    return True


def as_child(*arguments: str) -> None:
    """Run a verb in a process of its own and wait; stop with its code when it fails."""
    done = subprocess.run([sys.executable, "-m", "gongzhi.config.cli", *arguments], check=False)
    if done.returncode:
        raise CannotRun(f"./gongzhi {arguments[0]} failed (code {done.returncode}); its words are above.")


def check_server(url: str) -> None:
    """Refuse a server that cannot be reached or is older than the product can use."""
    import psycopg

    from gongzhi.config import environment

    given = environment.database(url)
    try:
        with psycopg.connect(
            host=given["HOST"] or None, port=given["PORT"] or None, user=given["USER"] or None, password=given["PASSWORD"] or None,
            dbname=given["NAME"], connect_timeout=10, **({"sslmode": given["OPTIONS"]["sslmode"]} if "sslmode" in given["OPTIONS"] else {}),
        ) as connection:  # fmt: skip
            version = connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        raise CannotRun(f"The database of DATABASE_URL cannot be reached:\n{str(error).strip()}") from None
    if version < OLDEST_SERVER:
        raise CannotRun(
            f"The database server is PostgreSQL {version}; gongzhi needs {OLDEST_SERVER} or newer. "
            "Upgrade the server, or leave DATABASE_URL empty to use the embedded one."
        )
