"""Readings as bytes: what PostgreSQL sends by binary COPY, what stands in a Parquet file, and the digest of both.

Every column of a reading has a fixed width, so a binary COPY is an array of equal records. The digest of rows is the
SHA-256 of these records in the order of series, moment and version: the same whether the database or a file gives them.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gongzhi.management_line.archive import layout

if TYPE_CHECKING:
    import pyarrow

COLUMNS = 'series_id, measured_at, version, received_at, value, flag::"char", batch_id, packet_no'
ROW_GROUP = 50_000  # about one series and month of readings a minute
TYPES = (
    ("series_id", ">i8"), ("measured_at", ">i8"), ("version", ">i2"), ("received_at", ">i8"), ("value", ">f8"), ("flag", "S1"), ("batch_id", ">i8"),
    ("packet_no", ">i4"),
)  # fmt: skip
RECORD = np.dtype([("fields", ">i2"), *((part, form) for name, form in TYPES for part, form in ((f"{name}_width", ">i4"), (name, form)))])
WIDTHS = {f"{name}_width": np.dtype(form).itemsize for name, form in TYPES}
HEADER = 19  # signature 11, flags 4, length of the extension 4
EPOCH_2000 = 946_684_800_000_000  # microseconds; PostgreSQL counts from 2000, Parquet from 1970
HOT = 32_767  # generation of rows of the database for a month that has files: they came after all of them


class BadCopy(ValueError):
    """The database sent something else than records of readings."""


class Unreadable(OSError):
    """A file is missing or cannot be read as Parquet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file as it was just written, or as it was read again."""

    path: str  # relative to the town's folder
    rows: int
    bytes: int
    sha256: str
    rows_digest: str
    first_at: datetime | None = None
    last_at: datetime | None = None
    first_series: int = 0
    last_series: int = 0
    series: int = 0
    revised: int = 0


def records(blocks: Iterable[bytes], *, most: int = ROW_GROUP) -> Iterator[np.ndarray]:
    """Cut the blocks of a binary COPY into arrays of at most `most` records."""
    waiting = bytearray()
    is_begun = False
    wanted = most * RECORD.itemsize
    for block in blocks:
        waiting += block
        if not is_begun and len(waiting) >= HEADER:
            if not waiting.startswith(b"PGCOPY\n\xff\r\n\0"):
                raise BadCopy("no binary COPY")
            del waiting[:HEADER]
            is_begun = True
        while is_begun and len(waiting) >= wanted + 2:
            yield _checked(bytes(waiting[:wanted]))
            del waiting[:wanted]
    if len(waiting) < 2 or waiting[-2:] != b"\xff\xff":
        raise BadCopy("the COPY ended in the middle")
    if len(waiting) > 2:
        yield _checked(bytes(waiting[:-2]))


def _checked(raw: bytes) -> np.ndarray:
    if len(raw) % RECORD.itemsize:
        raise BadCopy("a record has another width")
    found = np.frombuffer(raw, RECORD)
    if not (found["fields"] == len(TYPES)).all() or not all((found[name] == width).all() for name, width in WIDTHS.items()):
        raise BadCopy("a record has other columns")
    return found


def table(found: np.ndarray, revision: np.ndarray) -> "pyarrow.Table":
    """Return records as an Arrow table; `revision` ranks what was said of the same moment, higher counts."""
    import pyarrow as pa

    def moments(name: str) -> "pyarrow.Array":
        return pa.array(found[name].astype("<i8") + EPOCH_2000, pa.int64()).cast(pa.timestamp("us", tz="UTC"))

    return pa.table(
        {
            "series_id": pa.array(found["series_id"].astype("<i8")), "measured_at": moments("measured_at"), "version": pa.array(found["version"].astype("<i2")),
            "received_at": moments("received_at"), "value": pa.array(found["value"].astype("<f8")),
            "flag": pa.array(found["flag"].astype("U1"), pa.string()), "batch_id": pa.array(found["batch_id"].astype("<i8")),
            "packet_no": pa.array(found["packet_no"].astype("<i4")), "revision": pa.array(revision.astype("<i4")),
        }
    )  # fmt: skip


def nothing() -> "pyarrow.Table":
    """Return a table of readings without rows."""
    return table(np.empty(0, RECORD), np.empty(0, "i4"))


def revisions(found: np.ndarray, generation: int | np.ndarray) -> np.ndarray:
    """Return the rank of each record: later files before earlier ones, then later versions before earlier ones."""
    return np.asarray(generation, "i4") * 32_768 + found["version"].astype("i4")


def _as_records(batch: Any) -> np.ndarray:
    """Return rows of a Parquet file as the records that the database would send."""
    import pyarrow as pa

    found = np.empty(batch.num_rows, RECORD)
    found["fields"] = len(TYPES)
    for name, width in WIDTHS.items():
        found[name] = width
    for name, _form in TYPES:
        column = batch.column(name)
        if name in ("measured_at", "received_at"):
            found[name] = column.cast(pa.int64()).to_numpy(zero_copy_only=False) - EPOCH_2000
        elif name == "flag":
            found[name] = np.array(column.to_pylist(), "S1")
        else:
            found[name] = column.to_numpy(zero_copy_only=False)
    return found


def digest_of(blocks: Iterable[bytes]) -> tuple[int, str]:
    """Return how many records a binary COPY gave, and their digest; the rows are not kept."""
    digest, rows = hashlib.sha256(), 0
    for part in records(blocks):
        digest.update(part.tobytes())
        rows += len(part)
    return rows, digest.hexdigest()


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"{file.name}: {error.strerror}") from error


def rows_of(file: Path) -> tuple[int, str]:
    """Read a file again from end to end; return its rows and their digest."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    digest, rows = hashlib.sha256(), 0
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as opened:
            for batch in opened.iter_batches(batch_size=ROW_GROUP, columns=[name for name, _form in TYPES]):
                digest.update(_as_records(batch).tobytes())
                rows += batch.num_rows
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise Unreadable(f"{file.name}: {error}") from error
    return rows, digest.hexdigest()


def write(blocks: Iterable[bytes], folder: Path, *, generation: int, replace: Callable[..., None] = os.replace) -> Written | None:
    """Write the rows of a binary COPY (sorted) into a new file below `folder`; return it, or None when there were none.

    The file appears under its name only when it is whole and on the disk. Its name holds the digest of its rows, so a
    second try with the same rows makes the same name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{secrets.token_hex(8)}{layout.UNFINISHED}"
    digest, rows, series, revised = hashlib.sha256(), 0, 0, 0
    first_at = last_at = None
    first_series = last_series = -1
    try:
        with unfinished.open("wb") as sink:
            writer = pq.ParquetWriter(
                sink, nothing().schema, compression="zstd", compression_level=6,
                use_dictionary=["series_id", "value", "flag", "batch_id", "version", "revision"],
                # Spark reads these, but not BYTE_STREAM_SPLIT; values of few decimals repeat, so a dictionary serves them
                column_encoding={"measured_at": "DELTA_BINARY_PACKED", "received_at": "DELTA_BINARY_PACKED", "packet_no": "DELTA_BINARY_PACKED"},
                write_statistics=True, write_page_index=True, write_page_checksum=True,
                sorting_columns=[pq.SortingColumn(0), pq.SortingColumn(1), pq.SortingColumn(2)],
            )  # fmt: skip
            with writer:
                for part in records(blocks):
                    digest.update(part.tobytes())
                    rows += len(part)
                    ids = np.unique(part["series_id"])
                    series += len(ids) - (1 if ids[0] == last_series else 0)
                    first_series = int(ids[0]) if first_series < 0 else first_series
                    last_series = int(ids[-1])
                    low, high = int(part["measured_at"].min()), int(part["measured_at"].max())
                    first_at = low if first_at is None else min(first_at, low)
                    last_at = high if last_at is None else max(last_at, high)
                    rank = revisions(part, generation)
                    revised += int((rank > 0).sum())
                    writer.write_table(table(part, rank), row_group_size=ROW_GROUP)
            sink.flush()
            os.fsync(sink.fileno())
        if not rows:
            unfinished.unlink()
            return None
        rows_digest = digest.hexdigest()
        final = folder / f"{first_series}-{generation}-{rows_digest[:20]}{layout.SUFFIX}"
        found = Written(
            path=f"{folder.name}/{final.name}", rows=rows, bytes=unfinished.stat().st_size, sha256=sha256_of(unfinished), rows_digest=rows_digest,
            first_at=_moment(first_at), last_at=_moment(last_at), first_series=first_series, last_series=last_series, series=series, revised=revised,
        )  # fmt: skip
        replace(unfinished, final)
        _settle(folder)
        _settle(folder.parent)
    except (OSError, pa.ArrowException):
        unfinished.unlink(missing_ok=True)
        raise
    return found


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _settle(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> int:
    """Remove what an earlier run left unfinished; return how many. Finished files are never removed."""
    gone = 0
    for file in folder.glob(f"month=*/.*{layout.UNFINISHED}"):
        with suppress(FileNotFoundError):
            file.unlink()
            gone += 1
    return gone
