"""SQLAlchemy's DuckDB dialect with buffered results.

Great Expectations returns a connection to the pool before it fetches the rows, and DuckDB then discards an open result.
Its queries return counts and small samples, so each result is fetched completely when the statement runs.
"""

from __future__ import annotations

from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy.dialects import registry

BUFFERED_DRIVER = "duckdb.buffered"
BUFFERED_URL = "duckdb+buffered"


class BufferedCursor:
    """A DB-API cursor that fetches all rows on ``execute``."""

    rowcount = -1
    arraysize = 1

    def __init__(self, wrapper: BufferedConnection) -> None:
        self.connection = wrapper
        self.description: list[tuple[Any, ...]] | None = None
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement and buffer its rows."""
        cursor = self.connection.plain_cursor()
        cursor.execute(statement, parameters, context)
        self.description = cursor.description
        self._rows = cursor.fetchall() if self.description else []

    def executemany(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement once for each set of parameters."""
        self.connection.plain_cursor().executemany(statement, parameters, context)

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Return the next ``size`` rows (default 1)."""
        rows, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all remaining rows."""
        rows, self._rows = self._rows, []
        return rows

    def close(self) -> None:
        """Discard the buffered rows."""
        self._rows = []


class BufferedConnection(duckdb_engine.ConnectionWrapper):
    """A connection with buffering cursors."""

    def cursor(self) -> Any:
        """Return a buffering cursor; its rows stay available after the connection is returned."""
        return BufferedCursor(self)

    def plain_cursor(self) -> Any:
        """Return duckdb-engine's own cursor, which implements commit and register."""
        return super().cursor()


class BufferedDialect(duckdb_engine.Dialect):
    """duckdb-engine's dialect with buffering connections; selected by the URL ``duckdb+buffered:///``."""

    driver = "buffered"
    supports_statement_cache = False

    def connect(self, *arguments: Any, **options: Any) -> Any:
        """Open a connection to ``:memory:<name>`` or a file."""
        # duckdb-engine adds settings of its own, and DuckDB rejects a connection to an open database with other ones.
        options.pop("url_config", None)
        return BufferedConnection(duckdb.connect(*arguments, **options))


registry.register(BUFFERED_DRIVER, __name__, "BufferedDialect")
