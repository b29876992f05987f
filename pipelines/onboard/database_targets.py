"""The tables of a database, as sources of contracts. An address with a password stays out of contracts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from citylake.pipelines.onboard.draft_target import DraftTarget, FoundTargets, identifier_of
from citylake.pipelines.pull.connectors.database.database_session import open_database
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.credentials import connection_variable, load_credentials, register_connection_lookup
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

_SCHEMES = re.compile(r"(?:postgres(?:ql)?|mysql|mariadb|sqlite|oracle|mssql|dm|kingbase|opengauss)(?:\+\w+)?://", re.I)
_SAMPLE_ROWS = 1000
_MOST_TABLES = 60

_given: Final[dict[str, str]] = {}
"""Addresses that were given on the command line, by the name of the connection that a contract will use."""


def is_database_url(source: str) -> bool:
    """Whether ``source`` is the address of a database."""
    return _SCHEMES.match(source) is not None


def database_targets(uri: str | None, connection: str | None, table: str | None) -> FoundTargets:
    """``table``, or every table and view that the connection sees; of more than ``_MOST_TABLES``, the first ones.

    Raises ONBOARD_NO_SOURCE if there is neither an address nor a connection, and what a database refuses.
    """
    if uri is None and connection is None:
        raise CitylakeError("ONBOARD_NO_SOURCE", url="")
    name = connection or _connection_name(uri or "")
    notes: list[tuple[str, Mapping[str, Any]]] = []
    if uri is not None:
        _given[name] = uri
        register_connection_lookup(_look_up_given)
        notes.append(("connection", {"variable": connection_variable(name)}))
    base = {"connector": "database", "connection": name}
    if table is None:
        # ``query`` names no table, and none is read: only the list of tables is.
        with open_database(DatabaseSource.model_validate({**base, "query": "SELECT 1"})) as session:
            tables = session.tables()
    else:
        tables = [table]
    found = [
        DraftTarget(
            each,
            "database",
            {**base, "table": each},
            "database",
            notes=tuple(notes),
            sampled={**base, "table": each, "rows_per_file": _SAMPLE_ROWS},
        )
        for each in tables[:_MOST_TABLES]
    ]
    why = translate_key("onboard.too_many_tables")
    return FoundTargets(found, tuple(f"{each}: {why}" for each in tables[_MOST_TABLES:]))


def _look_up_given(name: str) -> Mapping[str, Any] | None:
    return {"uri": _given[name]} if name in _given else None


def _connection_name(uri: str) -> str:
    """A name for the connection that the environment does not use for another address."""
    parts = urlsplit(uri)
    name = identifier_of(parts.path.rpartition("/")[2]) or identifier_of(parts.hostname or "") or "database"
    return name if _is_free(name, uri) else f"{name}_2"


def _is_free(name: str, uri: str) -> bool:
    try:
        return load_credentials(name).uri == uri
    except CitylakeError:
        return True
