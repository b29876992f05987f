"""The interface of mart functions: what a mart's SQL may call besides the functions of DuckDB."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from citylake.schemas.model.extension_registry import broken_extension, extension_names, load_extension

if TYPE_CHECKING:
    import duckdb


class FunctionSet(ABC):
    """Some functions. The class is an entry point in the group ``citylake.functions``.

    Its module is imported by lint, also while Airflow parses DAGs: it must not import DuckDB or polars. ``register``
    imports what it needs when it is called.
    """

    signatures: ClassVar[Mapping[str, str]]
    """Every function by its name, in small letters, with its parameters and its result for people to read."""

    @abstractmethod
    def register(self, connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
        """Create the functions on ``connection``; ``timezone`` is the workspace's, which decides the day of an hour."""


def register_mart_functions(connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
    """Create every installed function on ``connection``; raises EXTENSION_TWICE or EXTENSION_BROKEN."""
    for name in extension_names("citylake.functions"):
        found = load_extension("citylake.functions", name)
        if not isinstance(found, FunctionSet):
            raise broken_extension("citylake.functions", name, type(found), "it is not a subclass of FunctionSet")
        found.register(connection, timezone)
