"""MariaDB and MySQL: rows arrive by INSERT in a temporary table like the target, whose types the server applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from citylake.pipelines.exchange.deliver.database_writer import STAGE, DatabaseWriter, text_of, time_text
from citylake.pipelines.exchange.deliver.delivered_rows import OPERATION, TableRows
from citylake.pipelines.exchange.deliver.delivered_version import DeliveredColumn
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BATCH = 5_000


class MysqlWriter(DatabaseWriter):
    """Through SQLAlchemy. Tables are created in InnoDB, and tell every letter from every other."""

    equal = "<=>"
    temporary = "TEMPORARY "
    types: ClassVar[Mapping[str, str]] = {
        "id": "varchar(200)",
        "integer": "bigint",
        "time": "timestamp(6) NULL",
        "key": "varchar(191)",
        "VARCHAR": "longtext",
        "DOUBLE": "double",
        "FLOAT": "float",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "TIME": "time(6)",
        "TIMESTAMP": "datetime(6)",
        "TIMESTAMP WITH TIME ZONE": "datetime(6)",
        "BLOB": "longblob",
        "HUGEINT": "decimal(38)",
        "UBIGINT": "bigint unsigned",
    }

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        session.change(session.condition("SET time_zone = '+00:00'"))

    def as_text(self, column: str) -> str:
        """By a cast."""
        return f"CAST({column} AS char)"

    def text(self, column: DeliveredColumn) -> str:
        """Instants in UTC, truth as 0 and 1, bytes as hexadecimal digits."""
        name = sql_identifier(column.name)
        if column.kind == "TIMESTAMP WITH TIME ZONE":
            return f"{time_text(column, '')} AS {name}"
        if column.kind == "BOOLEAN":
            return f"CAST(CAST({name} AS TINYINT) AS VARCHAR) AS {name}"
        if column.kind == "BLOB":
            return f"hex({name}) AS {name}"
        return f"{text_of(column)} AS {name}"

    def create_table(self, table: str, columns: Mapping[str, str], key: Sequence[str], *, unique: bool = False) -> None:
        """With an index on the key, or as its primary key."""
        quoted = self.session.quoted_column
        members = [f"{quoted(name)} {kind} NULL" for name, kind in columns.items()]
        if unique:
            members = [f"{quoted(name)} {kind}{' NOT NULL' * (name in key)}" for name, kind in columns.items()]
            members += [f"PRIMARY KEY ({', '.join(map(quoted, key))})"]
            members += [f"UNIQUE ({quoted('delivery')}, {quoted('number')})"]
        elif indexed := [name for name in key if not columns[name].startswith("long")]:
            members += [f"INDEX ({', '.join(map(quoted, indexed))})"]
        said = f"ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {self._collation()}"
        if not self.columns(table):
            self.session.change(f"CREATE TABLE IF NOT EXISTS {quoted(table)} ({', '.join(members)}) {said}")

    def columns(self, table: str) -> set[str]:
        """From the catalogue; nothing if there is no such table."""
        return {name for name, _ in self._kinds(table)}

    def require_transactions(self, table: str) -> None:
        """InnoDB alone can undo."""
        sql = f"SELECT engine FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '{table}'"
        found = [str(value) for batch in self.session.stream(sql) for value in batch.columns[0].to_pylist()]
        if found and found[0].lower() != "innodb":
            raise CitylakeError("DELIVERY_NOT_TRANSACTIONAL", table=table, engine=found[0])

    def stage(self, table: TableRows, file: Path, connection: DuckDBPyConnection) -> None:
        """A temporary table like the target: creating one does not end the transaction."""
        quoted, kinds = self.session.quoted_column, dict(self._kinds(table.version.name))
        names = ", ".join(map(quoted, table.version.names))
        operation = f"CAST('' AS char(1)) AS {quoted(OPERATION)}, " if table.changes else ""
        self.session.change(
            f"CREATE TEMPORARY TABLE {quoted(STAGE)} AS SELECT {operation}{names} "
            f"FROM {quoted(table.version.name)} WHERE 1 = 0"
        )
        values = ", ".join(
            f"unhex(:p{place})" if "blob" in kinds.get(name, "") else f":p{place}"
            for place, name in enumerate(table.columns)
        )
        listed = ", ".join(map(quoted, table.columns))
        rows = connection.execute(f"SELECT * FROM read_parquet({sql_literal(str(file))})")
        while found := rows.fetchmany(_BATCH):
            self._insert(f"INSERT INTO {quoted(STAGE)} ({listed}) VALUES ({values})", found)

    def _insert(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        import sqlalchemy as sa

        bound = [{f"p{place}": value for place, value in enumerate(row)} for row in rows]
        with self.session.told():
            self.session.limit.call(lambda: self.session.connection.execute(sa.text(sql), bound))

    def _collation(self) -> str:
        """Texts that differ in a letter's case, an accent or a space at their end are different."""
        return "utf8mb4_nopad_bin" if self.session.connection.dialect.is_mariadb else "utf8mb4_0900_bin"

    def _kinds(self, table: str) -> list[tuple[str, str]]:
        sql = (
            "SELECT column_name, column_type FROM information_schema.columns "
            f"WHERE table_schema = DATABASE() AND table_name = '{table}'"
        )
        found: list[tuple[str, str]] = []
        for batch in self.session.stream(sql):
            names, kinds = (column.to_pylist() for column in batch.columns)
            found += list(zip(map(str, names), map(str, kinds), strict=True))
        return found
