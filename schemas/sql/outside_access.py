"""Functions of DuckDB that read what a SELECT was not given: files, other databases, the environment, other SQL."""

from __future__ import annotations

import re

from citylake.schemas.sql.sql_columns import called_functions

_OUTSIDE = re.compile(
    r"read_\w+|\w+_scan|scan_\w+|st_read\w*|parquet_\w+|sniff_csv|glob|getenv|query|query_table|"
    r"duckdb_secrets|which_secret|duckdb_settings|current_setting|pragma_\w+|\w+_query|load_\w+|http_\w+"
)


def outside_functions(select: str) -> frozenset[str]:
    """Those that a SELECT calls, in small letters; none if it is unreadable."""
    return frozenset(name for name in called_functions(select) if _OUTSIDE.fullmatch(name))
