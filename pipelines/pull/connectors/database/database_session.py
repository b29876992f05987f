"""What every kind of database can be asked within one transaction."""

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
    """A value of a column: the database's name of its type, and a text that loses nothing of it."""

    kind: str
    text: str


class DatabaseSession(Protocol):
    """One transaction. SQL is made of quoted names, and of values that are bound and never part of its text."""

    def quoted(self, name: str) -> str:
        """``name`` as SQL writes it, each part of ``schema.table`` for itself."""

    def quoted_column(self, column: str) -> str:
        """``column`` as SQL writes it."""

    def condition(self, sql: str) -> str:
        """A condition that the contract wrote, so that nothing in it is taken for a bound value."""

    def kinds(self, relation: str) -> dict[str, str]:
        """The columns of ``relation`` in order, each with the name of its type where that is known beforehand."""

    def item(self, column: str, kind: str) -> str:
        """The column in a SELECT, as text where Arrow would lose something."""

    def bound(self, name: str, value: DatabaseValue, column: str) -> tuple[str, str]:
        """``column`` and ``value`` as SQL that can be compared; the value is bound as ``name``."""

    def earlier(self, name: str, value: DatabaseValue, overlap: str) -> str:
        """SQL for ``value`` less ``overlap``, bound as ``name``; raises DATABASE_OVERLAP where that has no meaning."""

    def measure(
        self, rest: str, columns: Sequence[tuple[str, str]], *, past: bool
    ) -> tuple[int, list[DatabaseValue | None]]:
        """The rows of ``FROM … WHERE …``, and the highest value of each column (name, type); ``past``: until now."""

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a SELECT in batches, never all at once."""

    def change(self, sql: str) -> int:
        """The rows that an UPDATE changed."""

    def lock(self) -> str:
        """What a SELECT ends with that nobody else may write into before the transaction ends."""

    def key(self, table: str) -> list[str]:
        """The columns of the table's primary key, in its order; empty where there is none."""

    def tables(self) -> list[str]:
        """Every table and view that can be seen, as ``schema.table``."""


class SessionOpener(Protocol):
    """Opens a session of one kind of database; commits at its end where it is ``writing`` and nothing was raised."""

    def __call__(self, uri: str, source: DatabaseSource, *, writing: bool) -> AbstractContextManager[DatabaseSession]:
        """The session, until the block ends."""


@contextmanager
def open_database(source: DatabaseSource, *, writing: bool = False) -> Iterator[DatabaseSession]:
    """One transaction over ``source``; read-only unless ``writing``. What a driver says is told without credentials.

    Raises CONNECTION_UNSET, CONNECTION_BROKEN, and DATABASE_… as the database refuses.
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
        # The driver's own error may hold the address, and with it the password.
        raise CitylakeError(error.code, **values) from None


def _find_opener(uri: str) -> SessionOpener:
    # Each needs its own driver, which may not be installed.
    if re.match(r"postgres(ql)?://", uri):
        from citylake.pipelines.pull.connectors.database.postgres_session import open_postgres

        return open_postgres
    from citylake.pipelines.pull.connectors.database.sqlalchemy_session import open_sqlalchemy

    return open_sqlalchemy


def database_source_label(source: DatabaseSource) -> str:
    """What is asked, for people: the connection's name and the table."""
    return f"{source.connection}: {source.table or 'query'}"


def _connection_uri(held: Credentials, connection: str) -> str:
    """The connection's URI; raises CONNECTION_BROKEN where it is none: drivers print what they misread."""
    uri = held.uri or ""
    try:
        # The names of SQLAlchemy's drivers may hold what no scheme of a URL does.
        parts = urlsplit(re.sub(r"^[a-z][\w+]*(?=://)", "database", uri))
        sound = bool(parts.scheme) and (parts.port is None or parts.port > 0) and "@" not in parts.path + parts.query
        sound = sound and not re.search(r"%(?![0-9A-Fa-f]{2})", uri) and not parts.fragment
        parse_qsl(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        sound = False
    if not sound:
        raise CitylakeError("CONNECTION_BROKEN", connection=connection, variable=connection_variable(connection))
    return uri
