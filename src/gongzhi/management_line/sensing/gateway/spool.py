"""Batches on disk while the database is away: one file each, synced before anything in it is answered."""

import base64
import json
import logging
import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gongzhi.management_line.sensing.operations import Packed, Targets

log = logging.getLogger(__name__)


class Full(Exception):
    """The spool holds as much as it may."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A batch as it was set down."""

    town_id: int
    key: uuid.UUID
    packets: list[Packed]


class Spool:
    """A folder of batches, oldest first by name. `most`: bytes that it may hold."""

    def __init__(self, folder: Path, most: int = 256 << 20) -> None:
        self.folder = folder
        self.most = most
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.files = sorted(folder.glob("*.batch"))
        self.size = sum(file.stat().st_size for file in self.files)
        for half in folder.glob("*.part"):  # never answered: its device sends again
            half.unlink()

    def put(self, town_id: int, key: uuid.UUID, packets: Sequence[Packed]) -> None:
        """Set a batch down so that it outlives this process and machine; raises Full."""
        content = json.dumps(
            {
                "town": town_id, "key": str(key),
                "packets": [
                    [base64.b64encode(packet.raw).decode(), packet.device_id, packet.targets.station_id, packet.targets.names, packet.received, packet.moment,
                     list(packet.values), packet.flags.decode("ascii"), packet.skew]
                    for packet in packets
                ],
            }
        ).encode()  # fmt: skip
        if self.size + len(content) > self.most:
            raise Full
        name = f"{time.time_ns():020d}-{key}"
        half, whole = self.folder / f"{name}.part", self.folder / f"{name}.batch"
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.rename(whole)
        directory = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        self.files.append(whole)
        self.size += len(content)

    def oldest(self) -> Spooled | None:
        """Return the batch that has waited longest, None where there is none; what cannot be read is set aside."""
        while self.files:
            try:
                content = json.loads(self.files[0].read_bytes())
                packets = [
                    Packed(base64.b64decode(raw), device, Targets(station, tuple((factor, aggregate) for factor, aggregate in names)), received, moment, values,
                           flags.encode("ascii"), skew)
                    for raw, device, station, names, received, moment, values, flags, skew in content["packets"]
                ]  # fmt: skip
                return Spooled(content["town"], uuid.UUID(content["key"]), packets)
            except (OSError, ValueError, KeyError, TypeError):
                log.exception("%s cannot be read and is set aside", self.files[0])
                self.set_aside()
        return None

    def done(self) -> None:
        """Let go of the oldest batch: it is kept."""
        file = self.files.pop(0)
        self.size -= file.stat().st_size
        file.unlink()

    def set_aside(self) -> None:
        """Leave the oldest batch for people to look at."""
        file = self.files.pop(0)
        if file.exists():
            self.size -= file.stat().st_size
            file.rename(file.with_suffix(".faulty"))
