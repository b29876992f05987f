"""Runs the SELECT of one table on Spark, and gives its rows to the same writer as those of DuckDB."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.marts.functions.function_api import installed_spark_functions
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.curated_table import replace_curated_days
from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.selected_rows import SelectedRows
from citylake.pipelines.marts.make.table_build import select_failed, table_select_sql
from citylake.pipelines.marts.spark.engine_choice import spark_remote
from citylake.pipelines.marts.spark.spark_faults import select_fault, shown_remote, unread_files
from citylake.pipelines.marts.spark.spark_inputs import InputTable, create_views
from citylake.pipelines.marts.spark.spark_session import open_session
from citylake.pipelines.marts.spark.transpile_select import SparkSelect, transpile_select
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection
    from pyspark.sql.dataframe import DataFrame

    from citylake.pipelines.marts.make.mart_engine import MartEngine
    from citylake.pipelines.marts.make.rebuild_days import BuildInputs
    from citylake.pipelines.marts.make.table_build import TableBuild
    from citylake.pipelines.marts.spark.call_limits import CallLimits

log = logging.getLogger(__name__)
SPARK_ROWS: Final = "_spark_rows"
"""The name under which DuckDB reads the rows that come from Spark, to store them as declared."""


class SparkRows:
    """The rows of a SELECT, that arrive while they are read. ``error``: what has stopped it."""

    def __init__(self, frame: DataFrame) -> None:
        self.error: BaseException | None = None
        self._frame = frame

    def reader(self) -> pa.RecordBatchReader:
        """Return a reader of all rows, once. Raises what the endpoint says of the SELECT."""
        import pyarrow as pa
        from pyspark.sql.pandas.types import to_arrow_schema

        batches = self._batches()
        first = next(batches, None)
        # The schema that Sail tells beforehand is not always that of its rows.
        schema = first.schema if first is not None else to_arrow_schema(self._frame.schema)
        return pa.RecordBatchReader.from_batches(schema, chain([first] if first is not None else [], batches))

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        frame: Any = self._frame
        client = frame._session.client
        try:
            for part in client.to_table_as_iterator(frame._plan.to_proto(client), {}):
                if isinstance(part, pa.Table):
                    yield from part.to_batches()
        except BaseException as error:
            # DuckDB, which reads them, makes an error of its own of each, also of Ctrl-C.
            if not isinstance(error, GeneratorExit):
                self.error = error
            raise


def create_empty_inputs(connection: DuckDBPyConnection, inputs: Sequence[InputTable]) -> None:
    """Create every input without rows: DuckDB then says which columns and types the SELECT has."""
    for each in inputs:
        create_typed_table(connection, each.parts, each.columns)


def select_for_spark(
    work: TableBuild, inputs: Sequence[InputTable], days: Sequence[date] | None, pending: Mapping[date, datetime]
) -> SparkSelect:
    """Return the SELECT in Spark's dialect, for ``days`` (None: all except ``pending``).

    Raises SPARK_SELECT_UNSUPPORTED.
    """
    workspace = work.registry.workspace
    functions = installed_spark_functions(workspace_days(workspace))
    shapes = {each.parts: each.columns for each in inputs}
    made = transpile_select(work.planned.sql, shapes, workspace.settings.timezone, functions)
    for refused in made.refused:
        values = {"expression": refused.text, "why": refused.why, "line": refused.line}
        raise CitylakeError("SPARK_SELECT_UNSUPPORTED", file=work.planned.file.name, **values)
    return SparkSelect(_within(made.sql, work, days, pending), made.views)


def _within(sql: str, work: TableBuild, days: Sequence[date] | None, pending: Mapping[date, datetime]) -> str:
    """Only the days to build leave the endpoint."""
    if work.table.day is None or (days is None and not pending):
        return sql
    listed = ", ".join(f"DATE'{day.isoformat()}'" for day in (pending if days is None else days))
    day = f"CAST(`{work.table.day.lower()}` AS DATE)"
    chosen = f"coalesce({day} NOT IN ({listed}), true)" if days is None else f"{day} IN ({listed})"
    return f"SELECT * FROM ({sql}) AS all_days WHERE {chosen}"


@contextmanager
def spark_rows(
    work: TableBuild, inputs: Sequence[InputTable], select: SparkSelect
) -> Iterator[tuple[SparkRows, CallLimits]]:
    """Yield the rows of ``select`` on the endpoint.

    Raises what :func:`open_session`, :func:`unread_files` and :func:`select_fault` name, and SPARK_FILES_UNSEEN.
    """
    what = f"mart.{work.mart.mart}.{work.name}"
    with open_session(work.registry.workspace.settings.timezone, work.mart.timeout_s, what) as (session, limits):
        try:
            create_views(session, inputs, select.views)
        except CitylakeError:
            raise
        except Exception as error:
            raise unread_files(work, error, limits) from error
        try:
            rows = SparkRows(session.sql(select.sql))
        except Exception as error:
            raise select_fault(work, error, limits) from error
        yield rows, limits


def build_on_spark(
    work: TableBuild,
    held: DeltaTable | None,
    now: BuildInputs,
    days: tuple[date, ...] | None,
    engine: MartEngine,
    inputs: Sequence[InputTable],
) -> int:
    """As ``build_table_days``, with the SELECT on the endpoint; DuckDB only gives its rows the stored types.

    If the endpoint is lost in the middle, as where its pod is moved, the SELECT runs once more from its beginning.

    Raises SPARK_SELECT_UNSUPPORTED, what :func:`spark_rows` raises, and the errors of a build by DuckDB. Whatever is
    raised, the table stays as it is ``held``.
    """
    select = select_for_spark(work, inputs, days, now.pending)
    log.info("mart.%s.%s runs on %s", work.mart.mart, work.name, shown_remote(spark_remote() or ""))
    try:
        return _select_and_store(work, held, now, days, engine, inputs, select)
    except CitylakeError as error:
        if error.code != "SPARK_LOST":
            raise
        lost = error
    log.warning("%s It is tried once more.", lost.say("en"))
    try:
        return _select_and_store(work, held, now, days, engine, inputs, select)
    except CitylakeError as error:
        # That nothing answers any more says less than how it was lost.
        raise (lost if error.code == "SPARK_UNREACHABLE" else error) from error


def _select_and_store(
    work: TableBuild,
    held: DeltaTable | None,
    now: BuildInputs,
    days: tuple[date, ...] | None,
    engine: MartEngine,
    inputs: Sequence[InputTable],
    select: SparkSelect,
) -> int:
    with engine.room(work.planned.sql) as connection, spark_rows(work, inputs, select) as (found, limits):
        create_empty_inputs(connection, inputs)
        rows = None
        try:
            connection.register(SPARK_ROWS, found.reader())
            stored = table_select_sql(connection, work, held, days, now.pending, SPARK_ROWS)
            rows = SelectedRows(connection, stored)
            return replace_curated_days(work.lake, work.root, held, rows.reader(), now, work.table.day, days)
        except CitylakeError:
            raise
        except Exception as error:
            if found.error or rows is None:
                raise select_fault(work, found.error or error, limits) from error
            if rows.error is None:
                raise
            raise select_failed(work, rows.error) from error
