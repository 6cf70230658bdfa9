"""A small installation of its own: cluster, web, worker and gateway as real processes, two demo towns."""

import base64
import contextlib
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
from typing import Any

from gongzhi.config.embedded import Cluster
from gongzhi.config.running import gateway_command, web_command, worker_command

ROOT = Path(__file__).parents[1]


class Installation:
    """A data folder with its server (left out: an embedded one) and children."""

    def __init__(self, folder: Path, server: Any = None) -> None:
        self.folder = folder
        self.cluster = server or Cluster(folder).start()
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            self.port = opened.getsockname()[1]
        self.environment = os.environ | {
            "GONGZHI_REPORTS_A_MINUTE": "1000000000",  # all tests call from one address
            "GONGZHI_CLIENT_REPORTS_A_MINUTE": "1000000000",
            "DATABASE_URL": self.cluster.owner_url, "DATABASE_APP_URL": self.cluster.application_url, "GONGZHI_DATA_DIR": str(folder),
            "GONGZHI_SECRET_KEY": "for-this-test-only", "GONGZHI_FIELD_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(), "GONGZHI_POOLED": "1",
            "GONGZHI_OUTBOUND_ALLOWED": "127.0.0.0/8",  # the broker of the demo
            "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings.base",
            "PYTHONPATH": str(ROOT / "src"), "GONGZHI_ROOT": str(ROOT),
        }  # fmt: skip
        self.children: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *verb: str) -> None:
        """Run a verb of ./gongzhi to its end."""
        command = [sys.executable, "-W", "ignore", "-m", "gongzhi.config.cli", *verb]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
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

    def start_gateway(self) -> int:
        """Start the gateway; return its port when it listens."""
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            port = int(opened.getsockname()[1])
        self.start(gateway_command("127.0.0.1", port))
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return port
            time.sleep(0.1)
        raise AssertionError("the gateway did not come up")

    def end(self) -> None:
        """Stop everything and throw the folder away."""
        for child in self.children:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.cluster.remove()


@contextlib.contextmanager
def installed(cases: int = 6) -> Iterator[Installation]:
    """Make an installation with small demo towns, for the time of the block."""
    folder = Path(tempfile.mkdtemp(prefix="gongzhi-install-"))
    folder.chmod(0o755)
    made = Installation(folder)
    try:
        made.run("migrate", "--quiet", "--data-dir", str(folder))
        made.run("load-demo", "--cases", str(cases), "--data-dir", str(folder))
        yield made
    finally:
        made.end()
