"""Which partitions Airflow runs on the days on which clocks change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("zone", "month", "change"),
    [("Europe/Madrid", "2024-03", 31), ("America/Chicago", "2026-03", 8), ("Europe/Madrid", "2024-10", 27)],
)
def test_each_day_has_one_run_if_the_clocks_skip_or_repeat_the_time_of_the_schedule(
    airflow: Any, zone: str, month: str, change: int
) -> None:
    first, last = f"{month}-{change - 3:02}T12:00+00:00", f"{month}-{change:02}T12:00+00:00"
    found = airflow("show_partitions.py", "30 2 * * *", zone, first, last)
    days = [f"{month}-{day:02}" for day in range(change - 3, change)]
    assert [key for key, _ in found["runs"]] == days
    assert [after[:10] for _, after in found["runs"]] == [f"{month}-{day + 1:02}" for day in range(change - 3, change)]
    assert found["backfill"] == [f"{month}-{day:02}" for day in range(change - 2, change + 1)]


@pytest.mark.parametrize(("first", "runs"), [("2024-03-31T00:00+00:00", 8), ("2024-10-27T00:00+00:00", 8)])
def test_each_quarter_of_an_hour_is_one_partition_over_a_change_of_clocks(airflow: Any, first: str, runs: int) -> None:
    found = airflow("show_partitions.py", "*/15 * * * *", "Europe/Madrid", first, first.replace("T00:00", "T02:00"))
    keys = [key for key, _ in found["runs"]]
    assert len(set(keys)) == len(keys) == runs + 1
    begun = [datetime.fromisoformat(each) for each in found["decoded"]]
    ended = [datetime.fromisoformat(after) for _, after in found["runs"]]
    assert begun[1:] == ended[:-1], "a partition begins where the one before it ends"
    assert {(end - begin).total_seconds() for begin, end in zip(begun, ended, strict=True)} == {900}
