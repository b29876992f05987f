"""SQLAlchemy's DuckDB dialect with results kept in memory.

Great Expectations gives a connection back before it fetches the rows, and DuckDB drops an open result at that moment.
Its queries are counts and small samples, so each result is fetched whole when the statement runs.
"""

from __future__ import annotations

from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy.dialects import registry

BUFFERED_DRIVER = "duckdb.buffered"
BUFFERED_URL = "duckdb+buffered"


class BufferedCursor:
    """A DB-API cursor over rows that were already fetched."""

    rowcount = -1
    arraysize = 1

    def __init__(self, wrapper: BufferedConnection) -> None:
        self.connection = wrapper
        self.description: list[tuple[Any, ...]] | None = None
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement and keep its rows."""
        cursor = self.connection.plain_cursor()
        cursor.execute(statement, parameters, context)
        self.description = cursor.description
        self._rows = cursor.fetchall() if self.description else []

    def executemany(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement once for each set of parameters."""
        self.connection.plain_cursor().executemany(statement, parameters, context)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next ``size`` rows."""
        taken, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Every row that is left."""
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        """Let the rows go."""
        self._rows = []


class BufferedConnection(duckdb_engine.ConnectionWrapper):
    """A connection whose cursors buffer."""

    def cursor(self) -> Any:
        """A cursor that outlives the connection."""
        return BufferedCursor(self)

    def plain_cursor(self) -> Any:
        """duckdb-engine's own cursor, which knows how to commit and to register."""
        return super().cursor()


class BufferedDialect(duckdb_engine.Dialect):
    """duckdb-engine's dialect with buffering connections; selected by the URL ``duckdb+buffered:///``."""

    driver = "buffered"
    supports_statement_cache = False

    def connect(self, *arguments: Any, **options: Any) -> Any:
        """Open a connection to ``:memory:<name>`` or a file."""
        # duckdb-engine adds settings of its own, and an open database refuses another opener's settings.
        options.pop("url_config", None)
        return BufferedConnection(duckdb.connect(*arguments, **options))


registry.register(BUFFERED_DRIVER, __name__, "BufferedDialect")
