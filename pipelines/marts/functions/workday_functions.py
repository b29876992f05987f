"""The mart functions that count working days by the calendar of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from citylake.pipelines.marts.functions.function_api import FunctionSet, SparkFunction, WorkdayTest

if TYPE_CHECKING:
    import duckdb


class WorkdayFunctions(FunctionSet):
    """Working days after the first day, up to and with the last; and the day by which so many have passed.

    Holidays and adjusted working days are those of the workspace's calendar. Null where it does not know a year. A last
    day before the first gives a negative number, and a negative number an earlier day.
    """

    signatures = {
        "working_days": "(first DATE, last DATE) -> INTEGER",
        "add_working_days": "(day DATE, days INTEGER) -> DATE",
    }

    def register(self, connection: duckdb.DuckDBPyConnection, timezone: str) -> None:
        """Nothing: without a workspace there is no calendar."""

    def register_by_calendar(self, connection: duckdb.DuckDBPyConnection, is_workday: WorkdayTest) -> None:
        """See :func:`register_workday_functions`."""
        from citylake.pipelines.marts.functions.workday_sql import register_workday_functions

        register_workday_functions(connection, is_workday)

    def spark_functions(self, is_workday: WorkdayTest | None) -> Mapping[str, SparkFunction]:
        """Both, by the days on which the calendar is otherwise than the week."""
        from citylake.pipelines.marts.functions.workday_spark import workday_spark_functions

        return workday_spark_functions(is_workday) if is_workday else {}
