"""The mart functions that make a value coarse enough to be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.marts.functions.function_api import FunctionSet, Generalisation, SparkFunction, WorkdayTest
from citylake.schemas.model.element import DataElement

if TYPE_CHECKING:
    import duckdb

WIDTHS: Final = (5, 10, 20)
"""Years of an age band. Each divides the next, so that no two bands cut each other."""
DIVISIONS: Final = {"county": 6, "city": 4, "province": 2}
"""Digits of a division code (GB/T 2260) that stand for a level above the street."""
STEPS: Final = (0.02, 0.1, 0.5, 1)
"""Degrees of a coarse coordinate: 0.02° of longitude are 1.1 km at 60° of latitude, more nearer to the equator."""


def _is_birth_date(element: DataElement | None) -> bool:
    return element is not None and element.type == "date"


def _is_division(element: DataElement | None) -> bool:
    return element is not None and (element.id == "person.household_division" or element.id.startswith("place."))


def _is_coordinate(element: DataElement | None) -> bool:
    return element is not None and element.type == "decimal" and element.unit == "deg"


def _band(constants: Sequence[Any]) -> bool:
    return len(constants) == 2 and constants[0] is not None and constants[1] in WIDTHS


def _decade(constants: Sequence[Any]) -> bool:
    return not constants


def _above_street(constants: Sequence[Any]) -> bool:
    return len(constants) == 1 and constants[0] in ("city", "province")


def _coarse(constants: Sequence[Any]) -> bool:
    return len(constants) == 1 and constants[0] is not None and float(constants[0]) in STEPS


class GeneralisationFunctions(FunctionSet):
    """Age bands, decades of birth, divisions above the street, coarse coordinates; null for what is none."""

    signatures = {
        "age_band": "(birth_date DATE, on_day DATE, width INTEGER) -> VARCHAR",
        "birth_decade": "(birth_date DATE) -> INTEGER",
        "division_above": "(code VARCHAR, level VARCHAR) -> VARCHAR",
        "coarse_coordinate": "(degrees DOUBLE, step DOUBLE) -> DOUBLE",
    }
    lowers = {
        "age_band": Generalisation(_is_birth_date, _band),
        "birth_decade": Generalisation(_is_birth_date, _decade),
        "division_above": Generalisation(_is_division, _above_street),
        "coarse_coordinate": Generalisation(_is_coordinate, _coarse),
    }

    def register(self, connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
        """See :func:`register_generalisation_functions`."""
        from citylake.pipelines.marts.functions.generalisation_sql import register_generalisation_functions

        register_generalisation_functions(connection)

    def spark_functions(self, is_workday: WorkdayTest | None) -> Mapping[str, SparkFunction]:
        """All of them."""
        from citylake.pipelines.marts.functions.generalisation_spark import GENERALISATION_SPARK

        return GENERALISATION_SPARK
