"""Delta tables as DuckDB views over exactly the Parquet files that are active in the table's log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.duckdb_types import (
    ELEMENT_DUCKDB_TYPES,
    PARTITION_DUCKDB_TYPES,
    PROVENANCE_TYPES,
    duckdb_type,
    mart_table_types,
    standard_table_types,
)
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.schemas.model.contract import DeleteMarker
from citylake.schemas.model.entity import ENTITY_SCHEMA, LINK_COLUMNS
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection

DUCKDB_VECTOR_ROWS = 2048
"""Rows in one DuckDB vector, the unit of execution."""


def create_standard_view(
    connection: DuckDBPyConnection,
    lake: Lake,
    registry: Registry,
    dataset: str,
    days: Collection[date] | None,
    version: int | None = None,
    *,
    once: bool = False,
    name: tuple[str, ...] = (),
) -> None:
    """Create a view over a dataset's standard table, with the dataset's id as its name, or ``name``.

    A table that does not exist is empty.

    ``days`` (None: all) restricts a table partitioned by day. Rows marked as deleted by the contract are excluded.
    ``once``: as of :func:`create_delta_view`.
    """
    contract = registry.contracts[dataset]
    shape = standard_table_types(contract, registry)
    by_day = "_day" if "_day" in shape else None
    name = name or tuple(dataset.split("."))
    where = undeleted_rows_sql(contract.write.deleted)
    create_delta_view(
        connection, lake, name, lake.standard(dataset), shape, by_day, days, where, once=once, version=version
    )


def undeleted_rows_sql(deleted: DeleteMarker | None) -> str:
    """Return the WHERE clause without the rows that a contract's marker calls deleted; empty without a marker."""
    if deleted is None:
        return ""
    codes = ", ".join(map(sql_literal, deleted.codes))
    return f" WHERE coalesce({sql_identifier(deleted.column)} NOT IN ({codes}), true)"


def create_empty_view(connection: DuckDBPyConnection, registry: Registry, mart: Mart, dataset: str) -> None:
    """Create an empty table for an optional ``dataset`` that is not declared, with the columns that ``mart`` reads."""
    create_typed_table(connection, tuple(dataset.split(".")), optional_table_types(registry, mart, dataset))


def optional_table_types(registry: Registry, mart: Mart, dataset: str) -> dict[str, str]:
    """Return column → DuckDB type of an optional ``dataset`` that is not declared."""
    columns = {
        column: ELEMENT_DUCKDB_TYPES[registry.elements[element].type]
        for column, element in mart.optional[dataset].items()
    }
    return PROVENANCE_TYPES | PARTITION_DUCKDB_TYPES | columns


def create_typed_table(connection: DuckDBPyConnection, name: tuple[str, ...], shape: Mapping[str, str]) -> None:
    """Create the empty table ``name`` with the columns of ``shape``: name → DuckDB type."""
    _create_schema(connection, name)
    columns = ", ".join(f"{sql_identifier(column)} {kind}" for column, kind in shape.items())
    connection.execute(f"CREATE OR REPLACE TABLE {sql_identifier(*name)} ({columns})")


def create_curated_view(
    connection: DuckDBPyConnection,
    lake: Lake,
    registry: Registry,
    table: tuple[str, str],
    name: tuple[str, ...],
    days: Collection[date] | None = None,
    *,
    once: bool = False,
    version: int | None = None,
) -> DeltaTable | None:
    """Create the view ``name`` over the curated table ``table`` (mart, table). See :func:`create_delta_view`."""
    declared = registry.marts[table[0]].tables[table[1]]
    shape = mart_table_types(declared, registry, dict.fromkeys(declared.columns, "VARCHAR"))
    return create_delta_view(
        connection, lake, name, lake.curated(*table), shape, declared.day, days, once=once, version=version
    )


def create_links_view(
    connection: DuckDBPyConnection, lake: Lake, entity: str, name: tuple[str, ...], version: int | None = None
) -> None:
    """Create the view ``name`` over the links of an entity. Before the first linking it is empty."""
    create_delta_view(
        connection, lake, name, lake.curated(ENTITY_SCHEMA, entity), LINK_COLUMNS, None, None, version=version
    )


def create_delta_view(
    connection: DuckDBPyConnection,
    lake: Lake,
    name: tuple[str, ...],
    root: str,
    shape: Mapping[str, str],
    by_day: str | None,
    days: Collection[date] | None,
    where: str = "",
    *,
    once: bool = False,
    version: int | None = None,
) -> DeltaTable | None:
    """Create the view ``name`` over the Delta table at ``root``. Return the Delta table, or None if it does not exist.

    The view has at least the columns of ``shape`` (name → DuckDB type). If the table is partitioned by the column
    ``by_day``, only ``days`` are read (None: all). ``where``: a WHERE clause. ``once``: the caller reads the rows only
    once, so tables with tiny files are not copied into memory. ``version``: that of the table (None: the present
    one; -1: no table)
    """
    table = None if version == -1 else open_delta_if_exists(lake, root, version)
    # An empty table with all columns, so that the view has columns that no file contains.
    empty = (*name[:-1], f"_shape_of_{name[-1]}")
    create_typed_table(connection, empty, _with_logged(table, shape))
    files = _files(table, by_day, days) if table else []
    select = f"FROM {sql_identifier(*empty)}"
    if table and files:
        select += f" UNION ALL BY NAME SELECT * FROM {_parquet(files, table.metadata().partition_columns)}"
    kind = "TABLE" if table and files and not once and _has_tiny_files(table) else "VIEW"
    select = f"SELECT * {_times_of_text(table, shape)}FROM ({select})"
    connection.execute(f"CREATE OR REPLACE {kind} {sql_identifier(*name)} AS FROM ({select}){where}")
    return table


def _times_of_text(table: DeltaTable | None, shape: Mapping[str, str]) -> str:
    """The clause that makes times of day of their texts: Delta has no type for them."""
    logged = {entry.name: duckdb_type(entry.type) for entry in table.schema().fields} if table else {}
    texts = [name for name, kind in shape.items() if kind == "TIME" and logged.get(name) == "VARCHAR"]
    casts = ", ".join(f"CAST({sql_identifier(name)} AS TIME) AS {sql_identifier(name)}" for name in texts)
    return f"REPLACE ({casts}) " if texts else ""


def _has_tiny_files(table: DeltaTable) -> bool:
    """Return whether the files have fewer rows on average than a DuckDB vector. It then pays to copy them into memory.

    A function over Arrow batches costs as much for 10 rows as for 2048, and the copy is small.
    """
    return table.count() < DUCKDB_VECTOR_ROWS * len(table.file_uris())


def _with_logged(table: DeltaTable | None, shape: Mapping[str, str]) -> dict[str, str]:
    """The columns of the log, and declared columns that no file contains yet."""
    logged = {entry.name: duckdb_type(entry.type) for entry in table.schema().fields} if table else {}
    return {**logged, **{column: kind for column, kind in shape.items() if column not in logged}}


def _files(table: DeltaTable, by_day: str | None, days: Collection[date] | None) -> list[str]:
    if by_day is None or days is None or by_day not in table.metadata().partition_columns:
        return table.file_uris()
    if not days:
        return []
    return table.file_uris(file_pruning_predicate=[(by_day, "in", sorted(day.isoformat() for day in days))])


def _parquet(files: list[str], partition: list[str]) -> str:
    paths = ", ".join(map(sql_literal, files))
    options = "union_by_name = true, hive_partitioning = false"
    if partition:
        # Partition columns are a day, or the month or year of standard tables, which are text.
        types = ", ".join(f"{sql_literal(name)}: {PARTITION_DUCKDB_TYPES.get(name, 'DATE')}" for name in partition)
        options = f"union_by_name = true, hive_partitioning = true, hive_types = {{{types}}}"
    return f"read_parquet([{paths}], {options})"


def _create_schema(connection: DuckDBPyConnection, name: tuple[str, ...]) -> None:
    """Create the schema of a two-part name, and the catalogue of a three-part name."""
    if len(name) == 3:
        connection.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {sql_identifier(name[0])}")
    if len(name) > 1:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {sql_identifier(*name[:-1])}")
