"""The mart functions of the air-quality index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from citylake.pipelines.marts.functions.function_api import FunctionSet, SparkFunction, WorkdayTest

if TYPE_CHECKING:
    import duckdb

_RESULT = "STRUCT(aqi, edition, class, primary_pollutants, beyond_index)"


class AirQualityFunctions(FunctionSet):
    """The air quality index, by the edition of its standard in force on the day.

    ``observed_at`` is the **start** of the hour. Concentrations are DOUBLE, CO in mg/m³, the others in µg/m³. One-hour
    ozone is used before 2026-03-01. ``aqi`` is null for the standard's NA.
    """

    signatures = {
        "aqi_hourly": f"(observed_at TIMESTAMPTZ, so2, no2, co, o3, pm10, pm25) -> {_RESULT}",
        "aqi_daily": f"(day DATE, so2_24h, no2_24h, co_24h, o3_8h_max, pm10_24h, pm25_24h[, o3_1h_max]) -> {_RESULT}",
    }

    def register(self, connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
        """See :func:`register_aqi_functions`."""
        from citylake.pipelines.marts.functions.air_quality.aqi_sql import register_aqi_functions

        register_aqi_functions(connection, timezone)

    def spark_functions(self, is_workday: WorkdayTest | None) -> Mapping[str, SparkFunction]:
        """The index from the same editions."""
        from citylake.pipelines.marts.functions.air_quality.aqi_spark import aqi_daily_spark, aqi_hourly_spark

        return {"aqi_hourly": aqi_hourly_spark, "aqi_daily": aqi_daily_spark}
