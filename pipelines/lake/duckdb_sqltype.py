"""Types of DuckDB by their names.

``duckdb.sqltype``, and a name in place of a type, ask the default connection. That one belongs to the calling program:
where it has left an aborted transaction, or a thread uses it at the same time, every mart of the process would fail.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType


def duckdb_sqltype(name: str) -> DuckDBPyType:
    """Return the type that SQL calls ``name``, such as ``STRUCT(a INTEGER)``. Raises duckdb's error for no type."""
    return _read(name, os.getpid())


@lru_cache(maxsize=1000)
def _read(name: str, process: int) -> DuckDBPyType:
    return _own_connection(process).cursor().sqltype(name)


@lru_cache(maxsize=1)
def _own_connection(_process: int) -> duckdb.DuckDBPyConnection:
    """One for each process: the threads of a connection do not survive a fork."""
    return duckdb.connect()
