"""A small installation of its own for tests that kill its processes: cluster, web and worker, two demo towns."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gongzhi.config.embedded import Cluster
from gongzhi.config.running import web_command, worker_command

ROOT = Path(__file__).parents[2]


class Installation:
    """A data folder with its cluster and children."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = Cluster(folder).start()
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            self.port = opened.getsockname()[1]
        self.environment = os.environ | {
            "DATABASE_URL": self.cluster.owner_url, "DATABASE_APP_URL": self.cluster.application_url, "GONGZHI_DATA_DIR": str(folder),
            "GONGZHI_SECRET_KEY": "for-this-test-only", "GONGZHI_POOLED": "1", "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings.base",
            "PYTHONPATH": str(ROOT / "src"), "GONGZHI_ROOT": str(ROOT),
        }  # fmt: skip
        self.children: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *verb: str) -> None:
        """Run a verb of ./gongzhi to its end."""
        done = subprocess.run([sys.executable, "-W", "ignore", "-m", "gongzhi.config.cli", *verb], env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        """Start a process of the product."""
        child = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.children.append(child)
        return child

    def start_web(self) -> "subprocess.Popen[bytes]":
        """Start the web server and wait until it is ready."""
        child = self.start(web_command("127.0.0.1", self.port, 1))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/health/ready", timeout=3) as answer:
                    if answer.status == 200:
                        return child
            except (urllib.error.URLError, OSError):
                assert child.poll() is None, "the web server ended"
            time.sleep(0.1)
        raise AssertionError("the web server did not become ready")

    def start_worker(self) -> "subprocess.Popen[bytes]":
        """Start the worker."""
        return self.start(worker_command(2))

    def end(self) -> None:
        """Stop everything and throw the folder away."""
        for child in self.children:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.cluster.remove()


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Make an installation with small demo towns."""
    folder = Path(tempfile.mkdtemp(prefix="gongzhi-fault-"))
    folder.chmod(0o755)
    made = Installation(folder)
    try:
        made.run("migrate", "--quiet", "--data-dir", str(folder))
        made.run("load-demo", "--cases", "6", "--data-dir", str(folder))
        yield made
    finally:
        made.end()
