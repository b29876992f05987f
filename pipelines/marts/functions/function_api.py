"""The interface of mart functions: SQL functions for marts in addition to DuckDB's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from citylake.schemas.model.extension_registry import broken_extension, extension_names, load_extension
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import duckdb


class FunctionSet(ABC):
    """A set of functions. The class is an entry point in the group ``citylake.functions``.

    Its module is imported by lint and while Airflow parses DAGs, so it must not import DuckDB or polars at module
    level; ``register`` imports them.
    """

    signatures: ClassVar[Mapping[str, str]]
    """Function name in lower case → its parameters and result, for documentation."""

    @abstractmethod
    def register(self, connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
        """Create the functions on ``connection``. ``timezone``: the workspace's, by which an hour belongs to a day."""


def register_mart_functions(connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
    """Create every installed function on ``connection``.

    A set that does not load is skipped: lint reports it, and is an error if a mart calls a function that is not there.
    """
    for name in extension_names("citylake.functions"):
        try:
            functions = load_functions(name)
        except CitylakeError:
            continue
        functions.register(connection, timezone)


def load_functions(name: str) -> FunctionSet:
    """The set of functions ``name``; raises FUNCTIONS_UNKNOWN, EXTENSION_TWICE or EXTENSION_BROKEN."""
    found = load_extension("citylake.functions", name)
    if not isinstance(found, FunctionSet):
        raise broken_extension("citylake.functions", name, type(found), "it is not a subclass of FunctionSet")
    return found
