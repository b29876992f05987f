"""DuckDB's extension ``spatial``, loaded from its wheel for the marts that use it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import duckdb


def load_spatial_extension(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the extension: that takes a second, and most marts do not need it."""
    connection.execute(f"LOAD '{_extension_file('spatial')}'")


def _extension_file(name: str) -> Path:
    package = import_module(f"duckdb_extension_{name}")
    return Path(package.__path__[0]) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
