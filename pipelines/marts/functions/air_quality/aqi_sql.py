"""The air-quality index as DuckDB functions over Arrow batches."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from citylake.pipelines.lake.duckdb_sqltype import duckdb_sqltype
from citylake.pipelines.marts.functions.air_quality.aqi_by_date import add_aqi_columns, editions_in_period

if TYPE_CHECKING:
    import duckdb

AQI_STRUCT = 'STRUCT(aqi INTEGER, edition VARCHAR, "class" VARCHAR, primary_pollutants VARCHAR, beyond_index BOOLEAN)'
HOURLY_INDICATORS = ("so2_1h", "no2_1h", "co_1h", "o3_1h", "pm10_1h", "pm25_1h")
DAILY_INDICATORS = ("so2_24h", "no2_24h", "co_24h", "o3_8h", "pm10_24h", "pm25_24h", "o3_1h")
AQI_STRUCT_FIELDS = {
    "aqi": "aqi",
    "edition": "aqi_edition",
    "class": "aqi_class",
    "primary_pollutants": "primary_pollutants",
    "beyond_index": "beyond_index",
}


def register_aqi_functions(connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
    """Create ``aqi_hourly`` and ``aqi_daily`` on ``connection``. The day of an hour is determined in ``timezone``."""
    local = pl.col("when").dt.convert_time_zone(timezone).dt.date()
    _add(connection, "aqi_hourly", "TIMESTAMPTZ", HOURLY_INDICATORS, _aqi_function("hourly", HOURLY_INDICATORS, local))
    _add(connection, "_aqi_daily", "DATE", DAILY_INDICATORS, _aqi_function("daily", DAILY_INDICATORS, pl.col("when")))
    shared = "day, so2, no2, co, o3_8h, pm10, pm25"
    connection.execute(
        f"CREATE OR REPLACE TEMP MACRO aqi_daily({shared}) AS _aqi_daily({shared}, NULL::DOUBLE), "
        f"({shared}, o3_1h) AS _aqi_daily({shared}, o3_1h)"
    )


def _add(
    connection: duckdb.DuckDBPyConnection, name: str, when: str, values: tuple[str, ...], function: Callable[..., Any]
) -> None:
    parameters: list[Any] = [duckdb_sqltype(when), *[duckdb_sqltype("DOUBLE")] * len(values)]
    # DuckDB counts the parameters of the signature, and does not accept *arrays as any number of them.
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(each, inspect.Parameter.POSITIONAL_ONLY) for each in ("when", *values)]
    )
    connection.create_function(
        name, function, parameters, duckdb_sqltype(AQI_STRUCT), type=ARROW, null_handling=SPECIAL
    )


def _aqi_function(report: str, indicators: tuple[str, ...], day: pl.Expr) -> Callable[..., pa.Array]:
    def function(*arrays: pa.ChunkedArray) -> pa.Array:
        frame = pl.from_arrow(pa.table(list(arrays), names=["when", *indicators]))
        return _compute_aqi(frame, report, indicators, day)

    return function


def _compute_aqi(frame: Any, report: str, indicators: tuple[str, ...], day: pl.Expr) -> pa.Array:
    first, last = frame.select(day.min().alias("first"), day.max().alias("last")).row(0)
    among = editions_in_period(first or date.max, last or date.max)
    found = add_aqi_columns(frame.lazy(), report, {name: name for name in indicators}, day=day, among=among)
    table = found.select(pl.col(column).alias(name) for name, column in AQI_STRUCT_FIELDS.items()).collect().to_arrow()
    return pa.StructArray.from_arrays(
        [table[name].combine_chunks() for name in AQI_STRUCT_FIELDS], names=list(AQI_STRUCT_FIELDS)
    )
