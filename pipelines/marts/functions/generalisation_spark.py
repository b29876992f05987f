"""Functions that make values coarser, as Spark SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from citylake.pipelines.marts.functions.generalisation_functions import DIVISIONS, WIDTHS
from citylake.pipelines.marts.functions.spark_text import spark_let

_OLDEST = 130
_CODE_DIGITS = (6, 9, 12)


def _age_band(birth: str, day: str, width: str) -> str:
    had = f"month({day}) * 100 + day({day}) >= month({birth}) * 100 + day({birth})"
    age = f"year({day}) - year({birth}) - CASE WHEN {had} THEN 0 ELSE 1 END"
    start = f"g DIV {width} * {width}"
    band = f"concat(CAST({start} AS STRING), '-', CAST({start} + {width} - 1 AS STRING))"
    chosen = f"{width} IN ({', '.join(map(str, WIDTHS))}) AND g BETWEEN 0 AND {_OLDEST}"
    # A known day of birth and an unknown day give an unknown age, and no band.
    return spark_let("g", f"CASE WHEN ({had}) IS NOT NULL THEN {age} END", f"CASE WHEN {chosen} THEN {band} END")


def _birth_decade(birth: str) -> str:
    return f"CAST(year({birth}) DIV 10 * 10 AS INT)"


def _division_above(code: str, level: str) -> str:
    digits = ", ".join(map(str, _CODE_DIGITS))
    known = f"translate({code}, '0123456789', '') = '' AND length({code}) IN ({digits})"
    cases = [f"WHEN '{name}' THEN rpad(substr({code}, 1, {count}), 6, '0')" for name, count in DIVISIONS.items()]
    return f"(CASE WHEN {known} THEN CASE {level} {' '.join(cases)} END END)"


def _coarse_coordinate(degrees: str, step: str) -> str:
    return f"(CASE WHEN {step} > 0 THEN (floor(CAST({degrees} AS DOUBLE) / nullif({step}, 0)) + 0.5D) * {step} END)"


GENERALISATION_SPARK: Final[Mapping[str, Callable[..., str]]] = {
    "age_band": _age_band,
    "birth_decade": _birth_decade,
    "division_above": _division_above,
    "coarse_coordinate": _coarse_coordinate,
}
