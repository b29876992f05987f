"""Sessions through SQLAlchemy, for MySQL and others: rows by a server-side cursor, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from citylake.pipelines.pull.connectors.database.call_limit import CallLimit
from citylake.pipelines.pull.connectors.database.database_errors import database_error, database_unreachable
from citylake.pipelines.pull.connectors.database.database_session import DatabaseValue, database_source_label
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.connectors.database.sqlalchemy_engine import (
    create_source_engine,
    discard_unread,
    driver_sqlstate,
    is_connection_lost,
)
from citylake.pipelines.pull.connectors.database.value_text import COMPARABLE_TYPES, rows_to_text_batch, value_to_text
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 10_000
"""Rows per fetch of the cursor."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks", "ms": "milliseconds"}
_AHEAD = timedelta(days=1)


@contextmanager
def open_sqlalchemy(uri: str, source: DatabaseSource, *, writing: bool) -> Iterator[AlchemySession]:
    """One transaction, read-only unless ``writing``, on one snapshot if the database supports it."""
    engine, limit = create_source_engine(uri, source, writing=writing), CallLimit(source)
    try:
        try:
            connection = limit.connect(engine.connect)
        except (SQLAlchemyError, TimeoutError) as error:
            raise database_unreachable(source, str(getattr(error, "orig", None) or error)) from None
        try:
            limit.close = connection.close
            made = AlchemySession(source, connection, limit)
            yield made
            if writing:
                with made.told():
                    limit.call(connection.commit)
        finally:
            if not limit.abandoned:
                connection.close()
    finally:
        engine.dispose()


@dataclass(slots=True)
class AlchemySession:
    """Values are bound as parameters of the statement."""

    source: DatabaseSource
    connection: sa.Connection
    limit: CallLimit
    held: dict[str, Any] = field(default_factory=dict)

    def quoted(self, name: str) -> str:
        """Quoted by the dialect."""
        return ".".join(map(self.quoted_column, name.split(".")))

    def quoted_column(self, column: str) -> str:
        """Quoted by the dialect; colons are escaped, because they begin a parameter."""
        return self._literal(self.connection.dialect.identifier_preparer.quote(column))

    def condition(self, sql: str) -> str:
        """Colons are escaped, because they begin a parameter."""
        return self._literal(sql)

    def kinds(self, relation: str) -> dict[str, str]:
        """Names only: the types are known from the values."""
        with self.told():
            return dict.fromkeys(self._run(f"SELECT * FROM {relation} WHERE 1 = 0").keys(), "")

    def item(self, column: str, kind: str) -> str:
        """Unchanged: the driver's Python values are converted to text."""
        return self.quoted_column(column)

    def bound(self, name: str, value: DatabaseValue, column: str) -> tuple[str, str]:
        """Compared in the column's type, from which the value came."""
        self.held[name] = COMPARABLE_TYPES[value.kind or "str"](value.text)
        return self.quoted_column(column), f":{name}"

    def earlier(self, name: str, value: DatabaseValue, overlap: str) -> str:
        """Computed in Python, and bound."""
        sql = self.bound(name, value, "")[1]
        matched = re.fullmatch(r"(\d+)([a-z]*)", overlap)
        number, unit = (int(matched[1]), matched[2]) if matched else (0, "")
        if not number:
            return sql
        moment = isinstance(self.held[name], date)
        if bool(unit) != moment or not isinstance(self.held[name], date | int | float | Decimal):
            raise CitylakeError(
                "DATABASE_OVERLAP", source=database_source_label(self.source), overlap=overlap, type=value.kind
            )
        self.held[name] -= timedelta(**{_UNITS[unit]: number}) if unit else number
        return sql

    def measure(
        self, rest: str, columns: Sequence[tuple[str, str]], *, past: bool
    ) -> tuple[int, list[DatabaseValue | None]]:
        """A time more than a day in the future is not used as the watermark: it would exclude all later rows."""
        names = [self.quoted_column(column) for column, _ in columns]
        with self.told():
            items = ", ".join(["count(*)", *(f"max({name})" for name in names)])
            count, *highest = tuple(self._run(f"SELECT {items} {rest}").one())
            for place, value in enumerate(highest):
                if past and isinstance(value, date):
                    highest[place] = self._until_now(names[place], value, rest)
        return int(count), [None if value is None else _parse_value(value) for value in highest]

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """Raises PULL_TOO_LONG, or DATABASE_BROKE_OFF if the connection is lost."""
        with self.told():
            result = self._run(sql, stream_results=True, max_row_buffer=_ROWS)
            names = list(result.keys())
            # A part without rows still has columns.
            yield rows_to_text_batch(names, [])
            with discard_unread(self.connection, result.cursor):
                for rows in self.limit.each(result.partitions(_ROWS)):
                    yield rows_to_text_batch(names, list(rows))

    def change(self, sql: str) -> int:
        """The driver's count of matched rows."""
        with self.told():
            return int(self._run(sql).rowcount)

    def lock(self) -> str:
        """InnoDB locks the rows, and the gaps between them, until the commit."""
        return " FOR UPDATE" if self.connection.dialect.name in ("mysql", "mariadb", "oracle") else ""

    def key(self, table: str) -> list[str]:
        """By SQLAlchemy's inspector."""
        schema, _, name = table.rpartition(".")
        with self.told():
            try:
                found = sa.inspect(self.connection).get_pk_constraint(name, schema or None)
            except sa.exc.NoSuchTableError:
                # A view has no key, and some dialects raise an error for it.
                return []
        return list(found["constrained_columns"])

    def tables(self) -> list[str]:
        """The tables of the default schema."""
        with self.told():
            inspector = sa.inspect(self.connection)
            return [*inspector.get_table_names(), *inspector.get_view_names()]

    @contextmanager
    def told(self) -> Iterator[None]:
        """Errors of the driver as CitylakeError."""
        try:
            yield
        except SQLAlchemyError as error:
            if self.limit.passed:
                raise self.limit.too_long() from None
            state = "08006" if is_connection_lost(error) else driver_sqlstate(error)
            raise database_error(self.source, state, str(getattr(error, "orig", None) or error)) from None
        except TypeError as error:
            raise database_error(self.source, None, str(error)) from None

    def _until_now(self, name: str, sample: date, rest: str) -> Any:
        zone = getattr(sample, "tzinfo", None)
        now = datetime.now(zone) + _AHEAD
        self.held["until"] = now if isinstance(sample, datetime) else now.date()
        return self._run(f"SELECT max(CASE WHEN {name} <= :until THEN {name} END) {rest}").scalar()

    def _run(self, sql: str, **options: Any) -> sa.CursorResult[Any]:
        statement = sa.text(sql)
        wanted = {name: self.held[name] for name in statement.compile().params}
        return self.limit.call(lambda: self.connection.execute(statement, wanted, execution_options=options))

    def _literal(self, sql: str) -> str:
        return sql.replace(":", r"\:")


def _parse_value(value: Any) -> DatabaseValue:
    kind = next((each.__name__ for each in type(value).__mro__ if each.__name__ in COMPARABLE_TYPES), "str")
    return DatabaseValue(kind, str(value_to_text(value)))
