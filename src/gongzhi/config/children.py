"""Child processes under one supervisor: started, watched, started again when they crash, stopped together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STEADY = 60.0  # seconds after which a restarted child counts as healthy again
LONGEST_WAIT = 30.0
PATIENCE = 12.0  # seconds a child has to stop by itself


@dataclass
class Child:
    """One process: its name, its command, and how it has fared."""

    name: str
    command: Sequence[str]
    variables: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    crashes: int = 0
    again_at: float = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Children:
    """The supervisor. What children print goes to `<folder>/<name>.log`."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.all: list[Child] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], **variables: str) -> Child:
        """Start a child and keep it running."""
        child = Child(name=name, command=command, variables=variables)
        self.all.append(child)
        self._launch(child)
        return child

    def log(self, name: str) -> Path:
        """Return the file that holds what this child printed."""
        return self.folder / f"{name}.log"

    def tail(self, name: str, lines: int = 8) -> str:
        """Return the last lines that this child printed."""
        try:
            return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _launch(self, child: Child) -> None:
        with self.log(child.name).open("ab") as out:
            child.process = subprocess.Popen(
                child.command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                env=os.environ | child.variables,
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which then stops the children in order
                preexec_fn=_die_with_parent,
            )  # fmt: skip
        child.started = time.monotonic()

    def watch(self) -> None:
        """Look after every child once: start crashed ones again, each time after a longer wait."""
        now = time.monotonic()
        for child in self.all:
            if child.is_running:
                if child.crashes and now - child.started > STEADY:
                    child.crashes = 0
                continue
            if child.process is not None:
                code = child.process.returncode
                wait = min(LONGEST_WAIT, 0.5 * 2**child.crashes)
                child.crashes += 1
                child.process = None
                child.again_at = now + wait
                how = f"by signal {-code}" if code < 0 else f"with code {code}"
                self.say(f"{child.name} ended {how}; starting it again in {wait:g} s (its log: {self.log(child.name)})")
            elif now >= child.again_at:
                self._launch(child)
                self.say(f"{child.name} runs again (process {child.process.pid if child.process else '?'})")

    def stop(self) -> None:
        """Stop all children, last started first, and wait until they have."""
        for child in reversed(self.all):
            if child.is_running and child.process:
                child.process.terminate()
        deadline = time.monotonic() + PATIENCE
        for child in reversed(self.all):
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{child.name} did not stop in {PATIENCE:g} s; ending it.")
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGTERM)  # what it may have left behind in its own group


def _die_with_parent() -> None:
    """Ask the kernel to stop this process when the supervisor is killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class StopAsked(BaseException):
    """Ctrl-C or SIGTERM: leave by the way that stops everything."""


def listen_for_stop() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into StopAsked, wherever the program is."""

    def stop(number: int, frame: object) -> None:
        raise StopAsked

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def hear_no_more() -> None:
    """Ignore further signals while everything is being stopped."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
