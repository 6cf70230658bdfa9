"""./gongzhi test and ./gongzhi check."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from gongzhi.config import installation, verbs

CHROMIUM = "/usr/bin/chromium"
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")  # where Debian's package puts the oldest server that the product works on


def test(rest: list[str]) -> int:
    """Run all tests; what is behind the first unknown word goes to pytest."""
    parser = argparse.ArgumentParser(prog="./gongzhi test", description=verbs.VERBS["test"], epilog="Everything else goes to pytest: ./gongzhi test -k clock")
    parser.add_argument("--no-browser", action="store_true", help="leave out the tests in a browser")
    parser.add_argument("--workers", type=int, default=max(1, min(4, os.cpu_count() or 1)), help="processes that run tests side by side")
    parser.add_argument("--install", action="store_true", help="install what tests need from Debian also where not the whole suite is run")
    given, others = parser.parse_known_args(rest)
    root = installation.root()
    may_install = given.install or not others  # who asks for one test asked for no system package
    command = [sys.executable, "-W", "ignore", "-m", "pytest", "-n", str(given.workers), "--dist", "loadfile", "--no-loadscope-reorder", *others]
    if given.no_browser:
        command += ["-m", "not browser"]
    else:
        found = browser(may_install)
        if not found:
            print(
                "There is no Chromium and it may not be installed here, so the tests in a browser are left out.\n"
                "To run them too: apt-get install chromium fonts-noto-cjk (as root), then ./gongzhi test again.",
                file=sys.stderr,
            )
            command += ["-m", "not browser"]
    if not broker(may_install):
        print(
            "There is no mosquitto and it may not be installed here, so the tests with a real MQTT broker are skipped.\n"
            "To run them too: apt-get install mosquitto (as root), then ./gongzhi test again.",
            file=sys.stderr,
        )
    if not postgresql(may_install):
        print(
            "There is no PostgreSQL 15 of Debian and it may not be installed here, so the product is not tried on it.\n"
            "To do that too: apt-get install postgresql-15 (as root), then ./gongzhi test again.",
            file=sys.stderr,
        )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "gongzhi.config.settings.test", "PYTHONPATH": str(root / "src")}
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "GONGZHI_DEMO"):
        environment.pop(name, None)
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def browser(may_install: bool = True) -> str | None:
    """Return the browser's program, installed from Debian when that may be done; None when there is none."""
    if may_install and (not _has_chinese_font() or not _program()):
        _install("Chromium and a Chinese font", "chromium", "fonts-noto-cjk", "fontconfig")
    return _program()


def broker(may_install: bool = True) -> str | None:
    """Return mosquitto, the MQTT broker of the feeds' tests, installed from Debian when that may be done; None when there is none."""
    if may_install and not _broker():
        _install("mosquitto, an MQTT broker,", "mosquitto")
    return _broker()


def _broker() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def postgresql(may_install: bool = True) -> bool:
    """Return whether Debian's PostgreSQL 15 is there, installed when that may be done. No server of the machine's own is started by that."""
    if may_install and not (POSTGRESQL / "initdb").exists():
        _install("PostgreSQL 15", "postgresql-15")
    return (POSTGRESQL / "initdb").exists()


def _program() -> str | None:
    named = os.environ.get("GONGZHI_CHROMIUM")
    return named or next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


def _has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh"], capture_output=True, text=True, check=False).stdout.strip())


def _install(what: str, *packages: str) -> None:
    """Install Debian packages with apt, as root or by sudo that asks for nothing."""
    apt = shutil.which("apt-get")
    if apt is None:
        return
    before: list[str] = []
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode:
            return
        before = [sudo, "-n", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    print(f"Installing {what} from Debian for the tests ...", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # 1: a server that is installed does not start
    subprocess.run([*before, apt, "update", "-qq"], env=environment, stdout=subprocess.DEVNULL, check=False)
    subprocess.run([*before, apt, "install", "-y", "-qq", "--no-install-recommends", *packages], env=environment, stdout=subprocess.DEVNULL, check=False)


def check(rest: list[str]) -> int:
    """Check style, types, import rules and missing migrations; return 1 if anything is wrong."""
    argparse.ArgumentParser(prog="./gongzhi check", description=verbs.VERBS["check"]).parse_args(rest)
    root = installation.root()
    tools = Path(sys.executable).parent
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings.test"}
    failed = []
    for name, command in (
        ("ruff", [str(tools / "ruff"), "check", "src", "tests", "bench", "gongzhi"]),
        ("mypy", [str(tools / "mypy"), "src/gongzhi"]),
        ("import-linter", [str(tools / "lint-imports")]),
        ("architecture", [sys.executable, "-W", "ignore", "-m", "pytest", "-q", "tests/architecture"]),
    ):
        print(f"— {name}", flush=True)
        if subprocess.run(command, cwd=root, env=environment, check=False).returncode:
            failed.append(name)
    print("All is well." if not failed else f"Not well: {', '.join(failed)}")
    return 1 if failed else 0
