"""Confines a DuckDB connection to the database that is open: no file, no address, no extension, and no way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

CHANGEABLE = ("threads", "memory_limit", "TimeZone")
"""Settings that a program may change on a connection of its own."""


def confine_connection(connection: duckdb.DuckDBPyConnection, changeable: Sequence[str] = ()) -> None:
    """Let SQL of the connection read the open database only, for good; of its settings ``changeable`` can be set.

    Without external access DuckDB still lets SQL read the database's own file and write ``<file>.wal`` beside it:
    therefore local files are switched off altogether. The open file and the temporary folder stay in use.
    """
    settings = (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "enable_external_access = false",
        "disabled_filesystems = 'LocalFileSystem'",
        f"allowed_configs = [{', '.join(repr(name) for name in changeable)}]",
        "lock_configuration = true",
    )
    connection.execute("; ".join(f"SET {setting}" for setting in settings))
