"""The interface of a session: one transaction of any kind of database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

from citylake.pipelines.pull.credentials import Credentials, connection_variable, load_credentials
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import pyarrow as pa

    from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource


class DatabaseValue(NamedTuple):
    """A value of a column: the name of its type in the database, and a lossless text."""

    kind: str
    text: str


class DatabaseSession(Protocol):
    """One transaction. SQL text contains only quoted names; values are always bound."""

    def quoted(self, name: str) -> str:
        """``name`` quoted for SQL, each part of ``schema.table`` separately."""

    def quoted_column(self, column: str) -> str:
        """``column`` quoted for SQL."""

    def condition(self, sql: str) -> str:
        """A condition of the contract, escaped so that nothing in it is a bind parameter."""

    def kinds(self, relation: str) -> dict[str, str]:
        """The columns of ``relation`` in order, each with the name of its type if it is known in advance."""

    def item(self, column: str, kind: str) -> str:
        """The column in a SELECT, cast to text if Arrow cannot represent it without loss."""

    def bound(self, name: str, value: DatabaseValue, column: str) -> tuple[str, str]:
        """Comparable SQL for ``column`` and ``value``; the value is bound as ``name``."""

    def earlier(self, name: str, value: DatabaseValue, overlap: str) -> str:
        """SQL for ``value`` less ``overlap``, bound as ``name``; raises DATABASE_OVERLAP for an unsuitable type."""

    def measure(
        self, rest: str, columns: Sequence[tuple[str, str]], *, past: bool
    ) -> tuple[int, list[DatabaseValue | None]]:
        """The number of rows of ``FROM … WHERE …``, and the highest value of each column; ``past``: up to now."""

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a SELECT in bounded batches."""

    def change(self, sql: str) -> int:
        """Run an UPDATE and return the number of changed rows."""

    def lock(self) -> str:
        """The clause of a SELECT that locks its rows until the end of the transaction."""

    def key(self, table: str) -> list[str]:
        """The columns of the table's primary key, in order; empty if there is none."""

    def tables(self) -> list[str]:
        """Every visible table and view, as ``schema.table``."""


class SessionOpener(Protocol):
    """Opens a session of one kind of database; commits at its end if it is ``writing`` and nothing was raised."""

    def __call__(self, uri: str, source: DatabaseSource, *, writing: bool) -> AbstractContextManager[DatabaseSession]:
        """The session for the duration of the block."""


@contextmanager
def open_database(source: DatabaseSource, *, writing: bool = False) -> Iterator[DatabaseSession]:
    """One transaction on ``source``; read-only unless ``writing``. Messages of drivers are redacted.

    Raises CONNECTION_UNSET, CONNECTION_BROKEN, or DATABASE_… by the database's error.
    """
    held = load_credentials(source.connection)
    uri = _connection_uri(held, source.connection)
    try:
        with _find_opener(uri)(uri, source, writing=writing) as opened:
            yield opened
    except ModuleNotFoundError as error:
        raise CitylakeError(
            "DATABASE_DRIVER_MISSING", source=database_source_label(source), driver=str(error.name)
        ) from None
    except CitylakeError as error:
        values = {name: held.redact(value) if isinstance(value, str) else value for name, value in error.values.items()}
        # The driver's error may contain the URI with the password.
        raise CitylakeError(error.code, **values) from None


def _find_opener(uri: str) -> SessionOpener:
    # Each needs its own driver, which may not be installed.
    if re.match(r"postgres(ql)?://", uri):
        from citylake.pipelines.pull.connectors.database.postgres_session import open_postgres

        return open_postgres
    from citylake.pipelines.pull.connectors.database.sqlalchemy_session import open_sqlalchemy

    return open_sqlalchemy


def database_source_label(source: DatabaseSource) -> str:
    """The source for messages: the name of the connection, and the table."""
    return f"{source.connection}: {source.table or 'query'}"


def _connection_uri(held: Credentials, connection: str) -> str:
    """The connection's URI; raises CONNECTION_BROKEN if it is invalid, because drivers would print it."""
    uri = held.uri or ""
    try:
        # SQLAlchemy's driver names may contain characters that a URL scheme does not allow.
        parts = urlsplit(re.sub(r"^[a-z][\w+]*(?=://)", "database", uri))
        sound = bool(parts.scheme) and (parts.port is None or parts.port > 0) and "@" not in parts.path + parts.query
        sound = sound and not re.search(r"%(?![0-9A-Fa-f]{2})", uri) and not parts.fragment
        parse_qsl(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        sound = False
    if not sound:
        raise CitylakeError("CONNECTION_BROKEN", connection=connection, variable=connection_variable(connection))
    return uri
