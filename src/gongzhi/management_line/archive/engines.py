"""Where the one query runs: DuckDB inside this process, or Spark when the installation names a master.

The libraries are loaded when they are first needed: most processes never read the archive.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    import ibis
    import pyarrow

_spark_lock = Lock()
_spark: dict[str, Any] = {}


class NoEngine(RuntimeError):
    """The engine that the settings name cannot be had; the message says why."""


class Engine:
    """A place where Ibis expressions run over files and a table of this process."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def cold(self, paths: Sequence[Path]) -> "ibis.Table":
        """Return the readings of these files as one table."""
        raise NotImplementedError

    def hot(self, rows: "pyarrow.Table") -> "ibis.Table":
        """Return rows of this process as a table of the engine."""
        raise NotImplementedError

    def answer(self, expression: "ibis.Table") -> "pyarrow.Table":
        """Run the expression."""
        return self.backend.to_pyarrow(expression)


class DuckEngine(Engine):
    """DuckDB in memory, which may read the given folder and nothing else."""

    def cold(self, paths: Sequence[Path]) -> "ibis.Table":
        return self.backend.read_parquet([str(path) for path in paths], hive_partitioning=False)

    def hot(self, rows: "pyarrow.Table") -> "ibis.Table":
        self.backend.con.register("hot", rows)  # create_table of Ibis 12 fails on Arrow tables
        return self.backend.table("hot")


class SparkEngine(Engine):
    """A Spark session; it must reach the files under the same path."""

    def cold(self, paths: Sequence[Path]) -> "ibis.Table":
        import ibis

        found = self.backend._session.read.option("basePath", str(_common(paths))).parquet(*map(str, paths))
        name = ibis.util.gen_name("cold")
        found.drop("town", "month").createOrReplaceTempView(name)
        return self.backend.table(name)

    def hot(self, rows: "pyarrow.Table") -> "ibis.Table":
        import ibis

        name = ibis.util.gen_name("hot")
        made = self.backend._session.createDataFrame(rows.to_pandas() if rows.num_rows else [], schema=SPARK_SCHEMA)
        made.createOrReplaceTempView(name)
        return self.backend.table(name)


SPARK_SCHEMA = (
    "series_id bigint, measured_at timestamp, version smallint, received_at timestamp, value double, flag string, batch_id bigint, packet_no int, revision int"
)


def _common(paths: Sequence[Path]) -> Path:
    """Return the folder above `month=…` of the first file."""
    return paths[0].parents[1]


def name() -> str:
    """Return the name of the engine that the settings choose."""
    return "Spark" if settings.SPARK else "DuckDB"


@contextmanager
def engine(folder: Path, on: str = "") -> Iterator[Engine]:
    """Give the engine that the settings name, or `on` does ("duckdb" or a Spark master), for the files below `folder`."""
    wanted = on or settings.SPARK or "duckdb"
    if wanted != "duckdb":
        yield SparkEngine(_spark_session(wanted))
        return
    import ibis

    backend = ibis.duckdb.connect(threads=2, memory_limit=settings.ARCHIVE_MEMORY)
    try:
        quoted = str(folder).replace("'", "''")
        backend.raw_sql(f"SET allowed_directories = ['{quoted}/']")
        backend.raw_sql("SET enable_external_access = false")
        yield DuckEngine(backend)
    finally:
        backend.disconnect()


def _spark_session(master: str) -> Any:
    """Return the one Spark session of this process."""
    with _spark_lock:
        if master not in _spark:
            try:
                import ibis
                from pyspark.sql import SparkSession
            except ImportError as error:
                raise NoEngine("GONGZHI_SPARK names a cluster, but pyspark is not installed here: pip install 'gongzhi[spark]'") from error
            builder = SparkSession.builder.appName("gongzhi-archive")
            builder = builder.remote(master) if master.startswith("sc://") else builder.master(master)
            settled = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.sql.execution.arrow.pyspark.enabled": "true"}
            for key, value in settled.items():
                builder = builder.config(key, value)
            try:
                session = builder.getOrCreate()
            except Exception as error:  # py4j and grpc have their own
                raise NoEngine(f"the Spark cluster {master} cannot be reached: {error}") from error
            _spark[master] = ibis.pyspark.connect(session)
        return _spark[master]
