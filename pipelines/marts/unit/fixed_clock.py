"""``now()`` and its like return the time of a test; without one they are an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CLOCKS = {
    "now": "TIMESTAMPTZ",
    "get_current_timestamp": "TIMESTAMPTZ",
    "transaction_timestamp": "TIMESTAMPTZ",
    "today": "DATE",
    "current_date": "DATE",
    "get_current_time": "TIME",
    "current_localtime": "TIME",
    "current_localtimestamp": "TIMESTAMP",
}
_UNSET = "the SELECT asks for the present time: write now: in the test"


def fix_clock(connection: DuckDBPyConnection, now: Any) -> None:
    """Let every clock of the connection's current database say ``now``, a time in the session's zone."""
    for name, kind in _CLOCKS.items():
        value = f"error({sql_literal(_UNSET)})" if now is None else f"{sql_literal(now)}::TIMESTAMPTZ"
        connection.execute(f"CREATE MACRO {sql_identifier(name)}() AS CAST({value} AS {kind})")
