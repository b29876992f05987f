"""The lines that stewards read and fill in: one for each source row and field at fault.

A line has one value, its reasons and one place for the right value, so that equal faults stand together and are
corrected together; a row with several faulty fields has several lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb  # noqa: TC002 (the lake's connection loads it anyway)
import polars as pl

from citylake.pipelines.conform.bind.bound_column import bind_columns, cell_fields
from citylake.pipelines.lake.duckdb_connection import open_lake_duckdb
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.row_id import row_id_expr
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

_BATCH = 10_000
_SORTED = """
SELECT * EXCLUDE (reasons), CASE WHEN field IS NULL THEN NULL ELSE
  json_transform(raw, '"MAP(VARCHAR, VARCHAR)"')[field] END AS found, reasons
FROM read_parquet($file) ORDER BY field NULLS LAST, found NULLS FIRST, row_id
"""


@dataclass(frozen=True, slots=True)
class FaultLines:
    """The lines of one dataset: by field and value, then by row."""

    contract: Contract
    fields: tuple[str, ...]
    """The source's fields, in the source's order."""
    count: int
    _connection: duckdb.DuckDBPyConnection
    _file: str

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield each line: ``row_id``, ``_source``, ``_row``, ``state``, ``due_on``, ``field``, ``raw``, ``reasons``.

        ``field`` is null if the reasons are about no single field. ``raw`` is the row as the source sent it (JSON),
        ``found`` its value of ``field``; ``reasons`` have code, field (the standard column), value and detail. If the
        value was corrected before, ``times`` says how often and ``new`` by what; otherwise ``times`` is null.
        """
        found = self._connection.execute(_SORTED, {"file": self._file})
        while rows := found.fetchmany(_BATCH):
            names = [column[0] for column in found.description or ()]
            yield from (dict(zip(names, row, strict=True)) for row in rows)


@contextmanager
def open_fault_lines(
    rows: pl.LazyFrame, corrected: pl.LazyFrame, contract: Contract, registry: Registry, lake: Lake
) -> Iterator[FaultLines]:
    """Make the lines of quarantined rows, sorted on disk; memory does not grow with the rows.

    Args:
        rows: The columns of ``ROW_PLACE``, ``_source``, ``raw``, ``reasons``, ``state`` and ``due_on``.
        corrected: The corrections in force (:func:`row_corrections`).
        contract: The contract of the rows' dataset.
        registry: The declarations.
        lake: The lake.
    """
    with scratch_folder() as scratch, open_lake_duckdb(lake) as connection:
        file = f"{scratch}/lines.parquet"
        _lines_of(rows, corrected, contract, registry).sink_parquet(file, compression="lz4")
        count = connection.execute("SELECT count(*) FROM read_parquet(?)", [file]).fetchone()
        yield FaultLines(contract, _source_fields(connection, file), count[0] if count else 0, connection, file)


def fields_by_column(contract: Contract, registry: Registry) -> dict[str, list[str]]:
    """Return the source fields by what reasons name: a standard column, or a field of the source."""
    bounds = bind_columns(contract, registry)
    fields = {name: [name] for bound in bounds for name in cell_fields(bound)}
    return fields | {bound.column: cell_fields(bound) for bound in bounds}


def _lines_of(rows: pl.LazyFrame, corrected: pl.LazyFrame, contract: Contract, registry: Registry) -> pl.LazyFrame:
    pairs = [(column, name) for column, names in fields_by_column(contract, registry).items() for name in names]
    table = pl.LazyFrame(pairs, schema={"column": pl.String, "field": pl.String}, orient="row")
    each = rows.with_columns(row_id_expr().alias("row_id")).explode("reasons")
    named = each.with_columns(pl.col("reasons").struct.field("field").alias("column"))
    kept = ("_source", "_row", "state", "due_on", "raw")
    joined = named.join(table, on="column", how="left").group_by("row_id", "field", "raw")
    lines = joined.agg(*(pl.first(name) for name in kept if name != "raw"), "reasons")
    return lines.join(corrected.select("row_id", "field", "new", "times"), on=["row_id", "field"], how="left")


def _source_fields(connection: duckdb.DuckDBPyConnection, file: str) -> tuple[str, ...]:
    found = connection.execute("SELECT DISTINCT json_keys(raw) FROM read_parquet(?)", [file]).fetchall()
    longest_first = sorted((names for (names,) in found if names), key=lambda names: (-len(names), names))
    return tuple(dict.fromkeys(name for names in longest_first for name in names))
