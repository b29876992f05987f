"""The interface of mart functions: SQL functions for marts in addition to DuckDB's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from citylake.schemas.model.element import DataElement, Sensitivity
from citylake.schemas.model.extension_registry import broken_extension, extension_names, load_extension
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import duckdb


WorkdayTest = Callable[[date], bool | None]
"""Whether a day is a working day; None if the calendar does not know its year."""
SparkFunction = Callable[..., str]
"""Makes the Spark SQL of a call from the Spark SQL of each argument."""


@dataclass(frozen=True, slots=True)
class Generalisation:
    """What a function's result is, if its first argument is a column, unchanged, and the others are constants.

    ``takes``: whether values of an element are generalised by it; ``accepts``: whether the constants are coarse enough;
    ``to``: the sensitivity of the result, whatever that of the column is.
    """

    takes: Callable[[DataElement | None], bool]
    accepts: Callable[[Sequence[Any]], bool]
    to: Sensitivity = field(default_factory=Sensitivity)


class FunctionSet(ABC):
    """A set of functions. The class is an entry point in the group ``citylake.functions``.

    Its module is imported by lint and while Airflow parses DAGs, so it must not import DuckDB or polars at module
    level; ``register`` imports them.
    """

    signatures: ClassVar[Mapping[str, str]]
    """Function name in lower case → its parameters and result, for documentation."""

    lowers: ClassVar[Mapping[str, Generalisation]] = {}
    """Functions whose result is less sensitive than their argument. The gate of marts takes them at their word."""

    @abstractmethod
    def register(self, connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
        """Create the functions on ``connection``. ``timezone``: the workspace's, by which an hour belongs to a day."""

    def register_by_calendar(self, connection: duckdb.DuckDBPyConnection, is_workday: WorkdayTest) -> None:  # noqa: B027
        """Create the functions that need the workspace's calendar. A set that has none leaves this out."""

    def spark_functions(self, is_workday: WorkdayTest | None) -> Mapping[str, SparkFunction]:
        """Functions that Spark computes too: name → what makes their Spark SQL of that of the arguments.

        The session's zone is the workspace's. Without a calendar (``is_workday``), those that need one are left out. A
        function that is not here is refused in the SELECT of a table that runs on Spark.
        """
        return {}


def register_mart_functions(
    connection: duckdb.DuckDBPyConnection, timezone: str, is_workday: WorkdayTest | None = None
) -> None:
    """Create every installed function on ``connection``; those that count working days only with a calendar.

    A set that does not load is skipped: lint reports it, and is an error if a mart calls a function that is not there.
    """
    for functions in _installed():
        functions.register(connection, timezone)
        if is_workday:
            functions.register_by_calendar(connection, is_workday)


def installed_spark_functions(is_workday: WorkdayTest | None = None) -> dict[str, SparkFunction]:
    """Every installed function that Spark computes too, by name."""
    return {name: made for each in _installed() for name, made in each.spark_functions(is_workday).items()}


def generalisations() -> dict[str, Generalisation]:
    """Every installed function that lowers the sensitivity of its argument, by name."""
    return {name: rule for functions in _installed() for name, rule in functions.lowers.items()}


def _installed() -> Iterator[FunctionSet]:
    for name in extension_names("citylake.functions"):
        try:
            yield load_functions(name)
        except CitylakeError:
            continue


def load_functions(name: str) -> FunctionSet:
    """The set of functions ``name``; raises FUNCTIONS_UNKNOWN, EXTENSION_TWICE or EXTENSION_BROKEN."""
    found = load_extension("citylake.functions", name)
    if not isinstance(found, FunctionSet):
        raise broken_extension("citylake.functions", name, type(found), "it is not a subclass of FunctionSet")
    return found
