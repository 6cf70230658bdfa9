"""Where things may lie on this machine, found before anything is installed. Standard library only: the launcher asks first.

PostgreSQL refuses to run as root. Where we are root it runs as the system user `postgres` or `nobody`, who often may not enter
the folder that the product lies in (`/root`, a home of mode 700). What that user has to read and write then lies in a home of
its own outside, and a link in the data folder leads there.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

HOMES = ("/var/lib/gongzhi", "/var/tmp/gongzhi")  # noqa: S108 - made by root, owned by root, checked
ROOM = 2_000_000_000  # bytes that packages and the demo towns take
LONGEST_SOCKET = 90  # bytes of a socket's folder: PostgreSQL adds its own name, and the system takes 107 in all


class NoPlace(RuntimeError):
    """Nothing can be started here; the message says why and what to do."""


def server_user() -> "pwd.struct_passwd | None":
    """Return the user that the database runs as; None where that is ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPlace(
        "PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' for it. Make one (useradd --system postgres), "
        "or run gongzhi as an ordinary user."
    )


def may_enter(folder: Path, user: "pwd.struct_passwd | None") -> bool:
    """Return whether the user may enter this folder and everything above it."""
    if user is None:
        return os.access(folder, os.X_OK)
    done = subprocess.run(
        ["/usr/bin/env", "test", "-x", str(folder)], user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", check=False,
    )  # fmt: skip
    return done.returncode == 0


def home(user: "pwd.struct_passwd | None") -> Path:
    """Return a folder of root's own that the server's user may enter, made when it is missing."""
    for name in (*HOMES, str(Path(tempfile.gettempdir()) / "gongzhi-root")):
        folder = Path(name)
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o711, exist_ok=True)
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            folder.chmod(0o711)
            if may_enter(folder, user):
                return folder
    raise NoPlace(
        f"The database runs as user {user.pw_name if user else ''!r}, for whom no place could be made in {' or '.join(HOMES)}. "
        "Run gongzhi as an ordinary user, or in a folder that others may enter: --data-dir FOLDER"
    )


def socket_base(user: "pwd.struct_passwd | None") -> Path:
    """Return the folder for sockets: the temporary one, unless its name is too long for a socket or the server may not enter it."""
    given = Path(tempfile.gettempdir())
    if len(os.fsencode(given)) > LONGEST_SOCKET - 20 or not may_enter(given, user):
        return Path("/tmp")  # noqa: S108 - the folder made in it is checked
    return given


def data_folder(arguments: "list[str]", root: Path) -> Path:
    """Return the data folder that these arguments and the environment name."""
    given = os.environ.get("GONGZHI_DATA_DIR") or ""
    for number, argument in enumerate(arguments):
        if argument == "--data-dir" and number + 1 < len(arguments):
            given = arguments[number + 1]
        elif argument.startswith("--data-dir="):
            given = argument.split("=", 1)[1]
    return Path(given or root / "var").resolve()


def check(folder: Path, root: Path, *, installs: bool) -> None:
    """Raise NoPlace when a demo with this data folder could not come up. Asked in the first second, before anything is installed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise NoPlace(f"The data folder {folder} cannot be written ({error.strerror}). Choose another: --data-dir FOLDER") from None
    if installs and (room := shutil.disk_usage(root).free) < ROOM:
        raise NoPlace(f"{root} has {room // 1_000_000} MB left; the packages and the demo towns take {ROOM // 1_000_000} MB. Make room and run this again.")
    user = server_user()
    if user is None:
        return
    data = folder / "postgres"
    if (data / "PG_VERSION").exists() and not data.is_symlink() and not may_enter(data.parent, user):
        raise NoPlace(
            f"The database in {folder} runs as user {user.pw_name!r}, who may no longer enter that folder. Let others enter it again: "
            f"chmod o+x {folder} (and each folder above it)"
        )
    if not may_enter(folder, user):
        home(user)
