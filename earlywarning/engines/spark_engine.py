"""Spark: for data that one machine cannot hold, on the cluster that holds it.

A Spark that is already there (a notebook on a cluster, ``spark-submit``) is used, in a session of our own;
without one, a local Spark is started that is quiet, has no web page and listens to this machine only.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.errors import PySparkException, PySparkRuntimeError
from pyspark.sql import DataFrame, SparkSession, functions
from pyspark.sql.pandas.types import from_arrow_schema

from earlywarning.engines.declare import Engine, Frame, MakeBatch, home
from earlywarning.errors import InputRefused, MachineRefused

Settings = Mapping[str, str]

SESSION: Settings = MappingProxyType(
    {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
    }
)
"""What every session is told, whoever started Spark: a value means the same everywhere, and loudly."""

LOCAL: Settings = MappingProxyType(
    {
        "spark.app.name": "earlywarning",
        "spark.master": "local[*]",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "4g",
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
)
"""What a Spark that is started here is told; what does not fit its memory goes to the scratch folder."""

_LOG = """\
status = off
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = off
"""
"""Nothing: what Spark logs of a failed task can hold a row. The error itself comes back to the caller."""


class SparkEngine(Engine):
    """One session of one Spark; what it keeps is spread over the cluster and spills to its disks."""

    name: ClassVar[str] = "spark"
    on_one_machine: ClassVar[bool] = False

    def __init__(self) -> None:
        self._kept: list[DataFrame] = []
        self._started: SparkSession | None = None
        try:
            with _used_to_pandas():
                self._session = self._found().newSession()
        except BaseException:
            super().close()
            raise
        for setting, value in SESSION.items():
            self._session.conf.set(setting, value)

    def scan(self, *paths: Path, row: str | None = None) -> Frame:
        """The rows of Parquet files of the same columns, read when needed.

        ``row`` names a column of row positions from 0, for a single file. The workers read the files
        themselves: they have to lie where they see them under the same path.
        """
        # A path is a pattern to Spark, and one without a scheme may be looked for in the cluster's own store.
        plain = [re.sub(r"([\\*?\[\]{}])", r"\\\1", path.absolute().as_posix()) for path in paths]
        # Told the columns, it need not run a job to find them.
        told = self._session.read.schema(from_arrow_schema(pq.read_schema(paths[0])))
        native = told.parquet(*[f"file:{path}" for path in plain])
        if row is not None:
            native = native.select("*", functions.col("_metadata.row_index").alias(row))
        return nw.from_native(native)

    def from_arrow(self, table: pa.Table) -> Frame:
        """A small table (look-ups, calendars) as a frame of this engine: one piece that can be broadcast."""
        return nw.from_native(self._session.createDataFrame(table.combine_chunks()))

    def keep(self, frame: Frame) -> Frame:
        """The same rows, worked out once, for a frame that is read several times."""
        self._kept.append(frame.to_native().persist())
        return nw.from_native(self._kept[-1])

    def repeats(self, frame: Frame, key: Sequence[str], row: str) -> Frame:
        """The ``row`` of each row whose ``key`` an earlier row already has, a frame of one column.

        As in DuckDB, hashes find the few rows that may repeat, and only those are compared.
        """
        marked = frame.to_native().select(*key, row, functions.xxhash64(*key).alias("_mark"))
        suspects = marked.groupBy("_mark").count().where("count > 1").select("_mark")
        narrowed = marked.join(suspects, "_mark", "left_semi").drop("_mark")
        return super().repeats(self.keep(nw.from_native(narrowed)), key, row)

    def map_batches(self, frame: Frame, make: MakeBatch, schema: pa.Schema) -> Frame:
        """What the function that ``make`` gives answers for the rows, a batch at a time, where the rows are.

        ``make`` is called once a partition, on the worker.
        """

        def answered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            answer = make()
            for batch in batches:
                if batch.num_rows:
                    told = answer(home(pa.Table.from_batches([batch])))
                    yield from pa.Table.from_pandas(told, schema, preserve_index=False).to_batches()

        with _used_to_pandas():
            mapped: DataFrame = frame.to_native().mapInArrow(answered, from_arrow_schema(schema))
        return nw.from_native(mapped)

    def collect(self, frame: Frame, *, sort_by: Sequence[str] = ()) -> pd.DataFrame:
        """The rows as a pandas frame of numpy types, in the order of ``sort_by``.

        Raises:
            InputRefused: a file that could be opened cannot be read to its end.
        """
        try:
            return super().collect(frame, sort_by=sort_by)
        except (PySparkException, Py4JJavaError) as error:
            if "FAILED_READ_FILE" not in str(error):
                raise
            raise InputRefused(
                "a table's file is damaged, or a worker cannot see it: it could be opened here, but not read "
                "to its end. Export the tables again, and keep them where every worker sees them."
            ) from None

    def close(self) -> None:
        """Let go of what was kept, and end Spark if it was started here."""
        for native in self._kept:
            native.unpersist()
        self._kept.clear()
        if self._started:
            self._started.stop()
            self._started = None
            _end_java()
        super().close()

    def _found(self) -> SparkSession:
        """The Spark that is there, or one that is started and ends with this engine."""
        there = SparkSession.getActiveSession()
        if there is None and "PYSPARK_GATEWAY_PORT" in os.environ:  # spark-submit is at work, on its terms
            there = SparkSession.builder.getOrCreate()
        if there is None:
            there = self._started = _started_in(self.scratch)
        return there


@contextmanager
def _used_to_pandas() -> Iterator[None]:
    """PySpark 4.3 says again and again that pandas 3 is new to it; here nothing but Arrow changes hands."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


def _started_in(scratch: Path) -> SparkSession:
    """A Spark in one process of this machine, all of whose files lie in ``scratch``.

    Raises:
        MachineRefused: there is no Java, or one that is too old.
    """
    java = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=str(Path(java) / "bin") if java else None):
        raise MachineRefused(
            "engine 'spark' needs Java (17 or later), and there is none. Install it, or point JAVA_HOME at "
            "it, or set the engine to 'duckdb'."
        )
    log = scratch / "log4j2.properties"
    log.write_text(_LOG, encoding="utf-8")
    options = [
        f'"-Dlog4j2.configurationFile={log.as_uri()}"',
        f'"-Djava.io.tmpdir={scratch.as_posix()}"',
        "-XX:-UsePerfData",
    ]
    builder = (
        SparkSession.builder.config(map=dict(LOCAL))
        .config("spark.driver.extraJavaOptions", " ".join(options))
        .config("spark.local.dir", str(scratch))
        .config("spark.sql.warehouse.dir", str(scratch / "warehouse"))
    )
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise MachineRefused(
            "Spark could not be started. Check that 'java -version' says 17 or later, or set the engine to "
            "'duckdb'."
        ) from error
    session.sparkContext.pythonExec = sys.executable  # else its workers run whatever "python3" is
    return session


def _end_java() -> None:
    """End the Java process: it remembers the folder of the first Spark it ran, and would make it again."""
    gateway: Any = SparkContext._gateway  # noqa: SLF001 - PySpark itself leaves Java to the end of Python
    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()
