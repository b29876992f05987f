"""PostgreSQL: rows arrive by COPY in a temporary table of texts, and are cast to the types of the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from citylake.pipelines.exchange.deliver.database_writer import STAGE, DatabaseWriter, text_of, time_text
from citylake.pipelines.exchange.deliver.delivered_rows import TableRows
from citylake.pipelines.exchange.deliver.delivered_version import DeliveredColumn
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TEXTS = f"{STAGE}_texts"
_BATCH = 100_000


class PostgresWriter(DatabaseWriter):
    """Through ADBC."""

    equal = "IS NOT DISTINCT FROM"
    types: ClassVar[Mapping[str, str]] = {
        "id": "varchar(200)",
        "integer": "bigint",
        "time": "timestamptz",
        "key": "text",
        "VARCHAR": "text",
        "DOUBLE": "double precision",
        "FLOAT": "real",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "TIME": "time",
        "TIMESTAMP": "timestamp",
        "TIMESTAMP WITH TIME ZONE": "timestamptz",
        "BLOB": "bytea",
        "HUGEINT": "numeric(38)",
        "UBIGINT": "numeric(20)",
    }

    def as_text(self, column: str) -> str:
        """By a cast."""
        return f"CAST({column} AS text)"

    def text(self, column: DeliveredColumn) -> str:
        """Instants with their offset, bytes as hexadecimal digits."""
        if column.kind == "TIMESTAMP WITH TIME ZONE":
            return f"{time_text(column, '+00')} AS {sql_identifier(column.name)}"
        if column.kind == "BLOB":
            return f"'\\x' || hex({sql_identifier(column.name)}) AS {sql_identifier(column.name)}"
        return f"{text_of(column)} AS {sql_identifier(column.name)}"

    def create_table(self, table: str, columns: Mapping[str, str], key: Sequence[str], *, unique: bool = False) -> None:
        """With an index on the key, or as its primary key."""
        quoted = self.session.quoted_column
        keys = ", ".join(map(quoted, key))
        members = [f"{quoted(name)} {kind}" for name, kind in columns.items()]
        if unique:
            members += [f"PRIMARY KEY ({keys})", f"UNIQUE ({quoted('delivery')}, {quoted('number')})"]
        if self.columns(table):
            return
        self.session.change(f"CREATE TABLE IF NOT EXISTS {quoted(table)} ({', '.join(members)})")
        if key and not unique:
            self.session.change(f"CREATE INDEX ON {quoted(table)} ({keys})")

    def columns(self, table: str) -> set[str]:
        """From the catalogue; nothing if there is no such table."""
        return set(self._kinds(table))

    def require_transactions(self, table: str) -> None:
        """Every table of PostgreSQL has transactions."""

    def stage(self, table: TableRows, file: Path, connection: DuckDBPyConnection) -> None:
        """Two temporary tables: of texts, and of the target's types."""
        quoted, kinds = self.session.quoted_column, self._kinds(table.version.name)
        reader = connection.execute(f"SELECT * FROM read_parquet({sql_literal(str(file))})").to_arrow_reader(_BATCH)
        with self.session.told(), self.session.connection.cursor() as cursor:
            self.session.limit.call(lambda: cursor.adbc_ingest(_TEXTS, reader, mode="create", temporary=True))
        values = ", ".join(
            f"CAST({quoted(name)} AS {kinds.get(name, 'text')}) AS {quoted(name)}" for name in table.columns
        )
        self.session.change(f"CREATE TEMPORARY TABLE {self.staged} AS SELECT {values} FROM {quoted(_TEXTS)}")
        self.session.change(f"DROP TABLE {quoted(_TEXTS)}")

    def _kinds(self, table: str) -> dict[str, str]:
        """Column → type of a table, as PostgreSQL writes it."""
        sql = (
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
            f"WHERE a.attrelid = to_regclass('{self.session.quoted_column(table)}') AND a.attnum > 0 "
            "AND NOT a.attisdropped"
        )
        found: dict[str, str] = {}
        for batch in self.session.stream(sql):
            names, kinds = (column.to_pylist() for column in batch.columns)
            found |= dict(zip(map(str, names), map(str, kinds), strict=True))
        return found
