"""PostgreSQL through ADBC: rows arrive as Arrow batches by COPY, a few megabytes at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

from citylake.pipelines.pull.connectors.database.call_limit import CallLimit
from citylake.pipelines.pull.connectors.database.database_errors import database_error, database_unreachable
from citylake.pipelines.pull.connectors.database.database_session import DatabaseValue, database_source_label
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.schemas.words.errors import CitylakeError

T = TypeVar("T")
# Other types are read as the server's text: numeric, json, arrays, infinite times and types that Arrow lacks.
_NATIVE = {"int2", "int4", "int8", "float4", "float8", "bool", "text", "varchar", "bpchar", "name", "bytea"}
_TIMES = {"date", "timestamp", "timestamptz"}
_NUMBERS = {"int2", "int4", "int8", "float4", "float8", "numeric"}
_COMPARED = _NATIVE | _TIMES | _NUMBERS | {"uuid"}
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SETTINGS = {"datestyle": "ISO, YMD", "timezone": "UTC", "intervalstyle": "iso_8601", "client_encoding": "UTF8"}
_KEY = """SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indisprimary AND i.indrelid = to_regclass(current_setting('citylake.table'))
ORDER BY array_position(i.indkey::int2[], a.attnum)"""
_TABLES = """SELECT table_schema || '.' || table_name FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT 10000"""


@contextmanager
def open_postgres(uri: str, source: DatabaseSource, *, writing: bool) -> Iterator[PostgresSession]:
    """One REPEATABLE READ transaction: every query reads the same snapshot."""
    timeout = f"{'&' if urlsplit(uri).query else '?'}connect_timeout={max(2, round(source.timeout_s))}"
    limit = CallLimit(source)
    try:
        connection = limit.connect(lambda: adbc.connect(uri if "connect_timeout=" in uri else uri + timeout))
    except (adbc.Error, TimeoutError) as error:
        raise database_unreachable(source, str(error)) from None
    try:
        limit.close = connection.close
        made = PostgresSession(source, connection, limit)
        made.begin(writing=writing)
        yield made
        if writing:
            with made.told():
                limit.call(connection.commit)
    finally:
        if not limit.abandoned:
            connection.close()


@dataclass(slots=True)
class PostgresSession:
    """Values are bound as settings of the transaction: COPY, by which rows stream, takes no parameters."""

    source: DatabaseSource
    connection: Any
    limit: CallLimit

    def begin(self, *, writing: bool) -> None:
        """Set the isolation level and the formats of values."""
        mode = "READ WRITE" if writing else "READ ONLY"
        self._with_cursor(lambda cursor: cursor.execute(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ {mode}"))
        for name, value in {**_SETTINGS, "statement_timeout": f"{self.source.deadline_s * 1000:.0f}ms"}.items():
            self._set(name, value)

    def quoted(self, name: str) -> str:
        """Each part in double quotes."""
        return ".".join(map(self.quoted_column, name.split(".")))

    def quoted_column(self, column: str) -> str:
        """In double quotes."""
        return '"' + column.replace('"', '""') + '"'

    def condition(self, sql: str) -> str:
        """Unchanged: ``:`` and ``%`` have no meaning for the driver."""
        return sql

    def kinds(self, relation: str) -> dict[str, str]:
        """The names of types in ``pg_type``."""
        schema = self._with_cursor(lambda cursor: cursor.adbc_execute_schema(f"SELECT * FROM {relation}"))
        return {field.name: (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode() for field in schema}

    def item(self, column: str, kind: str) -> str:
        """Times have the full offset of ISO 8601: ``+00:00``."""
        name = self.quoted_column(column)
        if kind in _NATIVE:
            return name
        text = f"CAST({name} AS text)"
        offset = f"replace({text}, '+00', '+00:00')"
        return f"{offset if kind == 'timestamptz' else text} AS {name}"

    def bound(self, name: str, value: DatabaseValue, column: str) -> tuple[str, str]:
        """Compared as the column's type, or as text if the type is not a common one."""
        self._set(f"citylake.{name}", value.text)
        held = f"current_setting('citylake.{name}')"
        if value.kind in _COMPARED:
            return self.quoted_column(column), f'CAST({held} AS "{value.kind}")'
        return f"CAST({self.quoted_column(column)} AS text)", held

    def earlier(self, name: str, value: DatabaseValue, overlap: str) -> str:
        """Computed by the server, in the column's type."""
        number, unit = re.fullmatch(r"(\d+)([a-z]*)", overlap).groups()  # type: ignore[union-attr]
        sql = self.bound(name, value, "")[1]
        if not int(number):
            return sql
        if bool(unit) != (value.kind in _TIMES) or value.kind not in _TIMES | _NUMBERS:
            raise CitylakeError(
                "DATABASE_OVERLAP", source=database_source_label(self.source), overlap=overlap, type=value.kind
            )
        self._set(f"citylake.{name}_overlap", str(int(number) * _SECONDS.get(unit, 1)))
        less = f"current_setting('citylake.{name}_overlap')"
        if unit:
            return f"{sql} - make_interval(secs => {less}::float8)"
        return f'CAST({sql} - {less}::numeric AS "{value.kind}")'

    def measure(
        self, rest: str, columns: Sequence[tuple[str, str]], *, past: bool
    ) -> tuple[int, list[DatabaseValue | None]]:
        """A time more than a day in the future is not used as the watermark: it would exclude all later rows."""
        items = ["count(*)"]
        for column, kind in columns:
            name = self.quoted_column(column)
            until = f" FILTER (WHERE {name} <= CURRENT_TIMESTAMP + interval '1 day')" if past and kind in _TIMES else ""
            items.append(f"CAST(max({name}){until} AS text)")
        ((count, *highest),) = self._rows(f"SELECT {', '.join(items)} {rest}")
        kinds = [kind for _, kind in columns]
        return count, [
            None if text is None else DatabaseValue(kind, text) for kind, text in zip(kinds, highest, strict=True)
        ]

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Raises PULL_TOO_LONG, or DATABASE_BROKE_OFF if the connection is lost."""
        cursor = self.connection.cursor()
        try:
            with self.told():
                self.limit.call(lambda: cursor.execute(sql))
                reader = self.limit.call(cursor.fetch_record_batch)
                # A part without rows still has columns.
                yield pa.RecordBatch.from_pylist([], reader.schema)
                for batch in self.limit.each(iter(reader)):
                    batch.validate(full=True)
                    yield batch
        finally:
            if not self.limit.abandoned:
                cursor.close()

    def change(self, sql: str) -> int:
        """Raises DATABASE_… if another transaction changed one of the rows."""

        def run(cursor: Any) -> int:
            cursor.execute(sql)
            return int(cursor.rowcount)

        return self._with_cursor(run)

    def lock(self) -> str:
        """Empty: an UPDATE fails if a row differs from the snapshot, and does not see later rows."""
        return ""

    def key(self, table: str) -> list[str]:
        """From the catalogue."""
        self._set("citylake.table", self.quoted(table))
        return [str(name) for (name,) in self._rows(_KEY)]

    def tables(self) -> list[str]:
        """The first 10,000."""
        return [str(name) for (name,) in self._rows(_TABLES)]

    @contextmanager
    def told(self) -> Iterator[None]:
        """Errors of the driver as CitylakeError."""
        try:
            yield
        except adbc.Error as error:
            raise database_error(self.source, error.sqlstate, str(error)) from None
        except pa.ArrowInvalid as error:
            raise database_error(self.source, None, str(error)) from None
        except OSError as error:
            # An interrupted stream raises an OSError without a SQLSTATE.
            if self.limit.passed:
                raise self.limit.too_long() from None
            raise database_error(self.source, "08006", str(error)) from None

    def _with_cursor(self, work: Callable[[Any], T]) -> T:
        def run() -> T:
            with self.connection.cursor() as cursor:
                return work(cursor)

        with self.told():
            return self.limit.call(run)

    def _set(self, name: str, value: str) -> None:
        self._fetched("SELECT set_config($1, $2, true)", (name, value))

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._fetched(sql)

    def _fetched(self, sql: str, *bound: tuple[str, ...]) -> list[tuple[Any, ...]]:
        def run(cursor: Any) -> list[tuple[Any, ...]]:
            cursor.execute(sql, *bound)
            return list(cursor.fetchall())

        return self._with_cursor(run)
