"""SQL for the wall clock of a zone agrees with the IANA database, through every change of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.marts.explain.local_times import clock_changes, local_time_sql

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = st.datetimes(datetime(1950, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.lists(_TIMES, min_size=1, max_size=8))
def test_the_wall_clock_is_that_of_the_zone(zone: str, times: list[datetime]) -> None:
    sql = local_time_sql("moment", zone, _micros(min(times)), _micros(max(times)))
    listed = ", ".join(f"(make_timestamptz({_micros(each)}))" for each in times)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'America/Anchorage'")
        found = connection.execute(f"SELECT {sql} FROM (VALUES {listed}) AS t(moment)").fetchall()
    expected = [each.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for each in times]
    assert [row[0] for row in found] == expected


def test_both_ends_of_a_day_on_which_the_clock_changes() -> None:
    turn = datetime(2026, 3, 8, 7, tzinfo=UTC)
    changes = list(clock_changes(ZoneInfo("America/New_York"), _micros(turn) - 10**12, _micros(turn) + 10**12))
    hour = 3_600_000_000
    assert [offset for _, offset in changes] == [-5 * hour, -4 * hour]
    assert changes[1][0] == _micros(turn)


def test_a_value_that_is_no_time_stays_empty() -> None:
    sql = local_time_sql("moment", "Asia/Shanghai", None, None)
    rows = (
        duckdb.connect()
        .sql(f"SELECT {sql} FROM (VALUES (NULL::TIMESTAMPTZ), ('infinity'::TIMESTAMPTZ)) AS t(moment)")
        .fetchall()
    )
    assert rows == [(None,), (None,)]


@pytest.mark.parametrize("zone", ZONES)
def test_the_sql_needs_no_extension_for_zones(zone: str) -> None:
    sql = local_time_sql(
        "moment", zone, _micros(datetime(2020, 1, 1, tzinfo=UTC)), _micros(datetime(2026, 1, 1, tzinfo=UTC))
    )
    assert "TIME ZONE" not in sql
