"""SQLAlchemy engines for one read-only snapshot that streams, by dialect; and the errors of their drivers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.credentials import connection_variable
from citylake.schemas.words.errors import CitylakeError

_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_READ_ONLY = {"mysql": "SET TRANSACTION READ ONLY", "mariadb": "SET TRANSACTION READ ONLY"}
_STATES = {1146: "42S02", 1142: "42501", 1143: "42501", 1044: "42501", 1969: "57014", 3024: "57014"}
"""MySQL error numbers by SQLSTATE: no table, no privilege, timeout."""
_GONE = {2006, 2013, 2014, 2055}


def create_source_engine(uri: str, source: DatabaseSource, *, writing: bool) -> sa.Engine:
    """An engine for one connection; raises CONNECTION_BROKEN, or ``ModuleNotFoundError`` of the driver."""
    scheme, _, rest = uri.partition("://")
    try:
        url = sa.make_url(f"{_DRIVERS.get(scheme, scheme)}://{rest}")
        arguments = _connect_arguments(url.get_driver_name(), source)
        engine = sa.create_engine(url, hide_parameters=True, poolclass=sa.NullPool, connect_args=arguments)
    except NoSuchModuleError:
        raise ModuleNotFoundError(name=scheme) from None
    except (ArgumentError, ValueError):
        raise CitylakeError(
            "CONNECTION_BROKEN", connection=source.connection, variable=connection_variable(source.connection)
        ) from None
    _set_transaction_rules(engine, writing=writing)
    return engine


def _connect_arguments(driver: str, source: DatabaseSource) -> dict[str, Any]:
    if driver == "pymysql":
        wait = max(1, round(source.timeout_s))
        return {"connect_timeout": wait, "read_timeout": max(1, round(source.deadline_s)), "charset": "utf8mb4"}
    return {}


def _set_transaction_rules(engine: sa.Engine, *, writing: bool) -> None:
    if engine.dialect.name == "sqlite":
        _set_sqlite_rules(engine, writing=writing)
        return
    read_only = _READ_ONLY.get(engine.dialect.name)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if engine.dialect.name in ("mysql", "mariadb"):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if read_only and not writing:
            connection.exec_driver_sql(read_only)


def _set_sqlite_rules(engine: sa.Engine, *, writing: bool) -> None:
    """Begin a transaction explicitly: the driver would begin one only at the first change."""

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def discard_unread(connection: sa.Connection, cursor: Any) -> Iterator[None]:
    """Drop the connection if a result is not read to its end: PyMySQL would read the rest, or fail."""
    try:
        yield
    except BaseException:
        if (answer := getattr(cursor, "_result", None)) is not None:
            answer.unbuffered_active = False
        connection.invalidate()
        raise


def is_connection_lost(error: Exception) -> bool:
    """Whether the connection was lost."""
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _error_number(error) in _GONE)


def driver_sqlstate(error: Exception) -> str | None:
    """The SQLSTATE of a driver's error, if it has one or an equivalent."""
    original = getattr(error, "orig", None)
    if re.match(r"no such table", str(original)):
        return "42S02"
    return _STATES.get(_error_number(error)) or getattr(original, "sqlstate", None)


def _error_number(error: Exception) -> int:
    first = next(iter(getattr(getattr(error, "orig", None), "args", ())), 0)
    return first if isinstance(first, int) else 0
