"""``--from`` and ``--to`` choose the files of those days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from citylake.pipelines.pull.day_filter import matches_run_days
from citylake.pipelines.records import Run

NAMED = r"_(?P<day>\d{8}|\d{4}-\d{2}-\d{2})\."
SPAN = Run("r", datetime(2026, 3, 9, tzinfo=UTC), date(2026, 3, 1), date(2026, 3, 2))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flow_20260228.csv", False),
        ("flow_20260301.csv", True),
        ("flow_2026-03-02.csv", True),
        ("flow_20260303.csv", False),
        ("flow_99999999.csv", True),
        ("register.csv", True),
    ],
)
def test_a_file_is_taken_when_its_day_is_asked_for_or_unknown(name: str, expected: bool) -> None:
    assert matches_run_days(name, NAMED, SPAN) is expected


def test_without_days_every_file_is_taken() -> None:
    assert matches_run_days("flow_20260228.csv", NAMED, Run("r", SPAN.started_at))


def test_an_open_end_takes_everything_after_it() -> None:
    run = Run("r", SPAN.started_at, date(2026, 3, 1))
    assert matches_run_days("flow_20990101.csv", NAMED, run)
    assert not matches_run_days("flow_20200101.csv", NAMED, run)
