"""DuckDB's extensions as files of the wheels that they are installed with: nothing is downloaded."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import duckdb


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load one extension, as ``spatial``."""
    connection.execute(f"LOAD '{extension_file(name)}'")


def extension_file(name: str) -> Path:
    """The file of an extension that was built for the installed DuckDB."""
    package = import_module(f"duckdb_extension_{name}")
    return Path(package.__path__[0]) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
