"""DuckDB's extension ``spatial``, loaded from its wheel for the marts that use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.pipelines.lake.duckdb_extension import load_extension

if TYPE_CHECKING:
    import duckdb


def load_spatial_extension(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the extension: that takes a second, and most marts do not need it."""
    load_extension(connection, "spatial")
