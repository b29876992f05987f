"""A mart that was made again, compared with the version that was published then: row for row if its file exists."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import duckdb

from citylake.pipelines.history.rebuild.past_publication import PastBuild
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.make.spatial_extension import load_spatial_extension
from citylake.schemas.model.mart import Mart

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Comparison = Literal["rows", "counts"]
"""``rows``: every value with the file that was published; ``counts``: rows of each table, because the file is gone."""
_CLOSE = 1e-9
"""Relative difference of two numbers of type DOUBLE that the order of additions can make."""
_FLOATS = ("DOUBLE", "FLOAT")


@dataclass(frozen=True, slots=True)
class TableComparison:
    """One table. ``only_rebuilt``, ``only_published``: rows of one of them alone; None if only counts are known.

    ``rounded``: rows that are equal but for the last digits of a DOUBLE.
    """

    table: str
    rows: int
    published: int
    only_rebuilt: int | None = None
    only_published: int | None = None
    rounded: int = 0
    columns: tuple[str, ...] = ()
    """Columns that only one of them has, or that have other types."""

    @property
    def equal(self) -> bool:
        """Whether nothing differs, as far as it can be known."""
        return self.rows == self.published and not (self.only_rebuilt or self.only_published or self.columns)


def compare_published(
    file: Path, mart: Mart, build: PastBuild, lake: Lake, memory: str
) -> tuple[Comparison, tuple[TableComparison, ...]]:
    """Compare the tables of ``file`` with the version ``build`` of the real ``lake``. ``memory``: limit of DuckDB."""
    with ExitStack() as held:
        folder = held.enter_context(scratch_folder())
        connection = held.enter_context(duckdb.connect())
        connection.execute(f"SET memory_limit = {sql_literal(memory)}; SET temp_directory = {sql_literal(folder)}")
        connection.execute(f"ATTACH {sql_literal(file)} AS rebuilt (READ_ONLY)")
        published = _published_file(build, lake, folder)
        if published is None:
            return "counts", tuple(
                TableComparison(name, _count(connection, f"rebuilt.{sql_identifier(name)}"), build.tables.get(name, 0))
                for name in mart.tables
            )
        connection.execute(f"ATTACH {sql_literal(published)} AS published (READ_ONLY)")
        return "rows", tuple(_compare_table(connection, mart, name) for name in mart.tables)


def _published_file(build: PastBuild, lake: Lake, folder: str) -> str | None:
    """The file of the version where it lies now, or a copy of it; None if it is gone."""
    path = f"{lake.mart(build.mart)}/{build.mart}-{build.version}.duckdb"
    if not lake.fs.exists(path):
        return None
    if lake.local:
        return path
    copy = f"{folder}/published.duckdb"
    lake.fs.get_file(path, copy)
    return copy


def _compare_table(connection: DuckDBPyConnection, mart: Mart, name: str) -> TableComparison:
    new, old = (f"{place}.{sql_identifier(name)}" for place in ("rebuilt", "published"))
    mine, theirs = _columns(connection, "rebuilt", name), _columns(connection, "published", name)
    counts = (_count(connection, new), _count(connection, old) if theirs else 0)
    differ = sorted(set(mine.items()) ^ set(theirs.items()))
    if differ:
        return TableComparison(name, *counts, columns=tuple(dict.fromkeys(column for column, _ in differ)))
    if "GEOMETRY" in mine.values():
        load_spatial_extension(connection)
    listed = ", ".join(map(sql_identifier, mine))
    for table, one, other in (("only_rebuilt", new, old), ("only_published", old, new)):
        rows = f"SELECT {listed} FROM {one} EXCEPT ALL SELECT {listed} FROM {other}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {rows}")
    left, right = _count(connection, "only_rebuilt"), _count(connection, "only_published")
    close = _count_close(connection, mart.tables[name].grain, mine) if left and right else 0
    return TableComparison(name, *counts, left - close, right - close, close)


def _columns(connection: DuckDBPyConnection, place: str, table: str) -> dict[str, str]:
    rows = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns()"
        f" WHERE database_name = {sql_literal(place)} AND schema_name = 'main' AND table_name = {sql_literal(table)}"
    )
    return dict(rows.fetchall())


def _count(connection: DuckDBPyConnection, table: str) -> int:
    (found,) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(found[0])


def _count_close(connection: DuckDBPyConnection, grain: Sequence[str], columns: dict[str, str]) -> int:
    """Rows of the same grain that differ only in the last digits of numbers: additions have no fixed order."""
    floats = [name for name, kind in columns.items() if kind in _FLOATS and name not in grain]
    if not floats:
        return 0
    same = [f"n.{column} IS NOT DISTINCT FROM o.{column}" for column in map(sql_identifier, columns.keys() - floats)]
    near = [
        f"(n.{column} IS NOT DISTINCT FROM o.{column} OR abs(n.{column} - o.{column})"
        f" <= {_CLOSE} * greatest(abs(n.{column}), abs(o.{column})))"
        for column in map(sql_identifier, floats)
    ]
    return _count(connection, f"only_rebuilt n JOIN only_published o ON {' AND '.join([*same, *near])}")
