"""Writes tables of a front-end database in the dialect of PostgreSQL, or of MariaDB and MySQL.

Values go to a staging table as texts and become the types of the target's columns there, by the server.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from citylake.pipelines.exchange.deliver.delivered_rows import OPERATION, TableRows
from citylake.pipelines.exchange.deliver.delivered_version import DeliveredColumn
from citylake.pipelines.marts.make.mart_engine import sql_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STAGE = "_citylake_stage"
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_CONTROL = {
    "delivery_id": "id",
    "delivery": "id",
    "number": "integer",
    "version": "id",
    "mode": "id",
    "since": "id",
    "row_count": "integer",
    "inserted": "integer",
    "updated": "integer",
    "deleted": "integer",
    "sha256": "id",
    "delivered_at": "time",
    "acknowledged_at": "time",
}


class DatabaseWriter(ABC):
    """One transaction of the session of a database."""

    equal: ClassVar[str]
    """The comparison of two values that may be null."""
    temporary: ClassVar[str] = ""
    """The word that drops a temporary table, and no other."""
    types: ClassVar[Mapping[str, str]]
    """The database's type of each DuckDB type, and of ``id``, ``integer`` and ``time`` of the control table."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def control_columns(self) -> dict[str, str]:
        """The columns of the control table with their types."""
        return {name: self.types[kind] for name, kind in _CONTROL.items()}

    def column_type(self, column: DeliveredColumn, key: Sequence[str]) -> str:
        """The type in which a column is created: exact for integers, decimals and times; else a text."""
        if column.kind.startswith("DECIMAL"):
            return re.sub("DECIMAL", "NUMERIC", column.kind)
        if column.kind in _INTEGERS:
            return self.types["integer"]
        if column.kind == "VARCHAR" and column.name in key:
            return self.types["key"]
        return self.types.get(column.kind, self.types["VARCHAR"])

    def insert_control(self, table: str, row: Mapping[str, str | int | None]) -> None:
        """Insert one row; its texts are names, digests and times."""
        names = ", ".join(map(self.session.quoted_column, row))
        # Colons begin a parameter in SQLAlchemy's texts.
        values = self.session.condition(", ".join(map(_literal, row.values())))
        self.session.change(f"INSERT INTO {self.session.quoted(table)} ({names}) VALUES ({values})")

    def rows(self, table: str, columns: Sequence[str], delivery: str) -> list[list[str | None]]:
        """The rows of a delivery's name, as texts."""
        listed = ", ".join(self.as_text(self.session.quoted_column(name)) for name in columns)
        where = f"{self.session.quoted_column('delivery')} = {_literal(delivery)}"
        found: list[list[str | None]] = []
        for batch in self.session.stream(f"SELECT {listed} FROM {self.session.quoted(table)} WHERE {where}"):
            found += [list(each) for each in zip(*(column.to_pylist() for column in batch.columns), strict=True)]
        return found

    def apply(self, table: TableRows, file: Path, connection: DuckDBPyConnection) -> None:
        """Replace the table's rows by those of ``file``, or apply its changes: by key, whatever is there already."""
        quoted, target = self.session.quoted_column, self.session.quoted(table.version.name)
        self.stage(table, file, connection)
        names = ", ".join(map(quoted, table.version.names))
        if table.changes:
            same = " AND ".join(f"{target}.{quoted(name)} {self.equal} s.{quoted(name)}" for name in table.version.key)
            self.session.change(f"DELETE FROM {target} WHERE EXISTS (SELECT 1 FROM {self.staged} AS s WHERE {same})")
            chosen = f" WHERE {quoted(OPERATION)} <> 'D'"
        else:
            self.session.change(f"DELETE FROM {target}")
            chosen = ""
        self.session.change(f"INSERT INTO {target} ({names}) SELECT {names} FROM {self.staged}{chosen}")
        self.session.change(f"DROP {self.temporary}TABLE {self.staged}")

    @property
    def staged(self) -> str:
        """The staging table: of this session alone."""
        return str(self.session.quoted_column(STAGE))

    @abstractmethod
    def as_text(self, column: str) -> str:
        """A quoted column as text."""

    @abstractmethod
    def text(self, column: DeliveredColumn) -> str:
        """DuckDB's SQL for a column as a text that the database reads."""

    @abstractmethod
    def create_table(self, table: str, columns: Mapping[str, str], key: Sequence[str], *, unique: bool = False) -> None:
        """Create a table if there is none of this name, with an index on ``key``."""

    @abstractmethod
    def columns(self, table: str) -> set[str]:
        """The columns that the table has."""

    @abstractmethod
    def require_transactions(self, table: str) -> None:
        """Raise DELIVERY_NOT_TRANSACTIONAL if the table's engine cannot undo."""

    @abstractmethod
    def stage(self, table: TableRows, file: Path, connection: DuckDBPyConnection) -> None:
        """Fill the staging table, whose columns are those of the target, from a file of texts."""


def text_of(column: DeliveredColumn) -> str:
    """DuckDB's SQL for a value as text, where both dialects read the same."""
    name = sql_identifier(column.name)
    if column.kind.endswith("]") or column.kind.startswith(("STRUCT", "MAP")):
        return f"CAST(to_json({name}) AS VARCHAR)"
    return f"CAST({name} AS VARCHAR)"


def time_text(column: DeliveredColumn, suffix: str) -> str:
    """DuckDB's SQL for an instant, in UTC."""
    utc = f"strftime({sql_identifier(column.name)} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f')"
    return f"{utc} || '{suffix}'" if suffix else utc


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    assert "'" not in value
    assert "\\" not in value
    return f"'{value}'"
