"""Opens the published version of a mart: the file named by the pointer, read-only, without external access."""

from __future__ import annotations

import hashlib
import os
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb

from citylake.pipelines.lake.duckdb_timeout import TimeLimit
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import SCRATCH_DAYS, private_folder, scratch_folder
from citylake.pipelines.marts.make.mart_engine import sql_literal
from citylake.pipelines.marts.publish import mart_leases, mart_pointer
from citylake.pipelines.read.confined_connection import CHANGEABLE, confine_connection
from citylake.pipelines.read.query_gate import check_query
from citylake.pipelines.read.query_limits import NO_TIME_LIMIT_S, QueryLimits
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    # A type checker sees DuckDB's own methods, which ``__getattr__`` finds in the connection.
    from duckdb import DuckDBPyConnection as _Connection
else:
    _Connection = object

_ROWS = 10_000
"""Rows that are fetched at a time."""


class OpenMart(_Connection):
    """A read-only connection to one version of a mart: DuckDB's own methods, and a lease that is released with it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, version: str, back: Callable[[], object]) -> None:
        self.connection = connection
        self.version = version
        # Releases the lease on garbage collection and on process exit too, if ``close`` was not called.
        self._back = weakref.finalize(self, back)

    def __getattr__(self, name: str) -> Any:
        if name == "connection":  # Not set yet: a copy is made without __init__.
            raise AttributeError(name)
        return getattr(self.connection, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and release the lease."""
        self.connection.close()
        self._back()


def published_pointer(lake: Lake, mart: str) -> mart_pointer.Pointer:
    """The pointer of a published mart. Raises MART_NOT_PUBLISHED, and MART_CLOSED to who is not one of its readers."""
    folder = lake.mart(mart)
    if lake.local and os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):
        raise CitylakeError("MART_CLOSED", mart=mart, folder=folder)
    found = mart_pointer.read_pointer(lake, mart)
    if found is None:
        raise CitylakeError("MART_NOT_PUBLISHED", mart=mart, lake=lake.url)
    return found


def open_mart(lake: Lake, mart: str, settings: str = "", changeable: Sequence[str] = CHANGEABLE) -> OpenMart:
    """Open the current version of ``mart``, read-only, in its workspace's time zone. Raises MART_NOT_PUBLISHED,
    MART_CLOSED and, for a lake on an object store, FOLDER_NOT_PRIVATE.

    ``settings`` and ``changeable``: as for :func:`open_version`.
    """
    return open_version(lake, published_pointer(lake, mart), settings, changeable)


def open_version(
    lake: Lake, found: mart_pointer.Pointer, settings: str = "", changeable: Sequence[str] = CHANGEABLE
) -> OpenMart:
    """Open the file that a pointer names. Raises FOLDER_NOT_PRIVATE for a lake on an object store.

    The connection stays on that version, also if a newer one is published. A lease protects the file from deletion, if
    the reader may write to the lake. SQL of the connection reads the mart and nothing else, and can set ``changeable``
    only. ``settings``: SQL that runs before that.
    """
    with ExitStack() as held:
        if lease := mart_leases.acquire_lease(lake, found.mart, found.version):
            held.callback(mart_leases.release_lease, lake, lease, os.getpid())
        path = f"{lake.mart(found.mart)}/{found.file}"
        # DuckDB's own temporary folder is beside the mart's file.
        spill = held.enter_context(scratch_folder())
        connection = duckdb.connect(path if lake.local else _download_copy(lake, path), read_only=True)
        try:
            own = (f"SET temp_directory = {sql_literal(spill)}", f"SET TimeZone = '{found.timezone}'")
            connection.execute("; ".join((*own, settings)))
            confine_connection(connection, changeable)
        except BaseException:
            connection.close()
            raise
        back = held.pop_all().close
    return OpenMart(connection, found.version, back)


def query_mart(
    lake: Lake, mart: str, sql: str, limits: QueryLimits | None = None, most: int | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run ``sql`` over the published version of ``mart`` within ``limits``. Return its columns and rows, at ``most``.

    Raises MART_NOT_PUBLISHED, MART_CLOSED, QUERY_NOT_ALLOWED, QUERY_FAILED, QUERY_EMPTY, QUERY_TIMED_OUT and
    QUERY_OUT_OF_MEMORY.
    """
    check_query(mart, sql)
    limits = limits or QueryLimits()
    with open_mart(lake, mart, limits.settings(), changeable=()) as connection:
        return run_mart_sql(connection.connection, mart, sql, limits, most)


def run_mart_sql(
    connection: duckdb.DuckDBPyConnection, mart: str, sql: str, limits: QueryLimits, most: int | None = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run ``sql``, which was checked, within the time of ``limits``. Return its columns and rows, at ``most``.

    Raises QUERY_NOT_ALLOWED, QUERY_FAILED, QUERY_TIMED_OUT, QUERY_OUT_OF_MEMORY, and QUERY_EMPTY if it is no statement.
    """
    rows: list[tuple[Any, ...]] = []
    with _execute_query(connection, mart, sql, limits) as (found, limit):
        while some := found.fetchmany(_ROWS if most is None else min(_ROWS, most - len(rows))):
            rows += some
            if limit.exceeded:
                raise limits.timed_out(mart)
        return unique_names([column[0] for column in found.description or ()]), rows


def query_frame(connection: duckdb.DuckDBPyConnection, mart: str, sql: str) -> pl.DataFrame:
    """Run ``sql``, which was checked. Return a frame with DuckDB's types.

    Raises QUERY_NOT_ALLOWED, QUERY_FAILED, QUERY_OUT_OF_MEMORY and QUERY_EMPTY.
    """
    import polars as pl

    with _execute_query(connection, mart, sql, QueryLimits(NO_TIME_LIMIT_S)) as (found, _):
        table = _intervals_as_durations(found.to_arrow_table())
    try:
        return pl.DataFrame(table.rename_columns(unique_names(table.column_names)))
    except pl.exceptions.PolarsError as error:
        raise CitylakeError("QUERY_FAILED", mart=mart, reason=str(error)) from error


def _intervals_as_durations(table: pa.Table) -> pa.Table:
    """Replace DuckDB's intervals, which polars cannot hold; as in DuckDB's ``fetchall``, a month has 30 days."""
    import pyarrow as pa

    for number, field in enumerate(table.schema):
        if field.type == pa.month_day_nano_interval():
            spans = (value if value is None else _microseconds(*value) for value in table[number].to_pylist())
            table = table.set_column(number, field.name, pa.array(spans, pa.duration("us")))
    return table


def _microseconds(months: int, days: int, nanoseconds: int) -> int:
    return (30 * months + days) * 86_400_000_000 + nanoseconds // 1000


@contextmanager
def _execute_query(
    connection: duckdb.DuckDBPyConnection, mart: str, sql: str, limits: QueryLimits
) -> Iterator[tuple[duckdb.DuckDBPyConnection, TimeLimit]]:
    with limits.told(connection, mart) as limit:
        found = connection.execute(sql)
        if found is None:
            raise CitylakeError("QUERY_EMPTY", mart=mart)
        yield found, limit


def unique_names(names: list[str]) -> list[str]:
    """Append numbers to repeated names, because a row as a mapping would lose all but one of the columns."""
    seen: set[str] = set()
    found = []
    for name in names:
        own, number = name, 0
        while own in seen:
            number += 1
            own = f"{name}_{number}"
        seen.add(own)
        found.append(own)
    return found


def _download_copy(lake: Lake, path: str) -> str:
    """Download a file of an object store and return the local path.

    File names of marts are never reused, so an existing copy is always valid.
    """
    folder = private_folder(f"citylake-marts-{os.getuid()}")
    lake_id = hashlib.sha256(lake.url.encode()).hexdigest()[:16]
    copy = os.path.join(folder, f"{lake_id}-{path.rsplit('/', 1)[-1]}")
    if os.path.exists(copy):
        # The age of a copy counts from its last use.
        os.utime(copy)
    else:
        _remove_old_copies(folder)
        part = f"{copy}.{os.getpid()}"
        lake.fs.get_file(path, part)
        os.replace(part, copy)
    return copy


def _remove_old_copies(folder: Path) -> None:
    """Delete copies that were not opened for some days; who has one open keeps it until it is closed."""
    limit = time.time() - 86_400 * SCRATCH_DAYS
    for copy in folder.iterdir():
        if copy.lstat().st_mtime < limit:
            copy.unlink(missing_ok=True)
