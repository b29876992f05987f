"""Functions of DuckDB that read what a SELECT was not given: files, other databases, the environment, other SQL."""

from __future__ import annotations

import re

from citylake.schemas.sql.sql_columns import called_functions

_OUTSIDE = re.compile(
    r"read_\w+|\w+_scan|scan_\w+|st_read\w*|parquet_\w+|sniff_csv|glob|getenv|query|query_table|"
    r"duckdb_secrets|which_secret|duckdb_settings|current_setting|pragma_\w+|\w+_query|load_\w+|http_\w+|"
    # SQL within a text; the engine's log, which writes files and ends the process when it may not.
    r"json_execute_serialized_sql|(enable|disable|set)_(logging|profiling)|write_log|\w*_duckdb_logs|duckdb_log\w*|"
    r"(force_)?checkpoint"
)


def outside_functions(select: str) -> frozenset[str]:
    """Those that a SELECT calls, in small letters; none if it is unreadable."""
    return frozenset(name for name in called_functions(select) if is_outside_function(name))


def is_outside_function(name: str) -> bool:
    """Whether the function of this name, in small letters, reads what a SELECT was not given."""
    return _OUTSIDE.fullmatch(name) is not None
