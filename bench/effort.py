"""CPU seconds that processes have used: what a figure costs, whoever else uses the machine.

Read from /proc (Linux). A process that has ended is counted in the one that waited for it, so a family is counted whole.
"""

import os
import resource
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _processes() -> dict[int, tuple[int, float]]:
    """Return parent and CPU seconds (own, and of children that have ended) of every process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            found[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    return found


def family(pid: int) -> float:
    """Return the CPU seconds of a process and everything it has started."""
    known = _processes()
    below = defaultdict(list)
    for child, (parent, _seconds) in known.items():
        below[parent].append(child)
    seconds, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        seconds += known.get(one, (0, 0.0))[1]
        waiting += below[one]
    return seconds


def postmaster(folder: Path) -> int:
    """Return the process of the database whose cluster lies in an installation's folder."""
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


class Meter:
    """CPU seconds of named families, and of this process (`load`), between `begin` and `read`."""

    def __init__(self, **pids: int) -> None:
        self._sources: dict[str, Callable[[], float]] = {name: lambda pid=pid: family(pid) for name, pid in pids.items()}
        self._sources["load"] = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        self.begin()

    def begin(self) -> None:
        self._start = {name: source() for name, source in self._sources.items()}

    def read(self) -> dict[str, float]:
        return {name: source() - self._start[name] for name, source in self._sources.items()}
