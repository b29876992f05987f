"""The time that a person asks for: with a zone, in the workspace's zone, or a day's end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from citylake.pipelines.history.rebuild.as_of_time import parse_as_of, time_in_name
from citylake.schemas.words.errors import CitylakeError

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 9, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-01T09:00", datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("2026-03-01 09:00:05.25", datetime(2026, 3, 1, 1, 0, 5, 250_000, tzinfo=UTC)),
        ("2026-03-01T09:00+00:00", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        (" 2026-03-01T09:00Z ", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, 16, tzinfo=UTC) - timedelta(microseconds=1)),
        ("2026-03-09", NOW),
    ],
)
def test_a_time_without_a_zone_is_in_the_workspaces_and_a_day_means_its_end(text: str, at: datetime) -> None:
    found = parse_as_of(text, ZONE, NOW)
    assert found == at
    assert found.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("text", ["2026-03-10", "2026-03-09T12:31", "9999-12-30"])
def test_a_time_that_has_not_come_is_refused(text: str) -> None:
    with pytest.raises(CitylakeError) as refused:
        parse_as_of(text, ZONE, NOW)
    assert refused.value.code == "REBUILD_TIME_AHEAD"


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01", "2026-03-01T25:00", "9999-12-31"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(CitylakeError) as refused:
        parse_as_of(text, ZONE, NOW)
    assert refused.value.code == "REBUILD_TIME_UNREADABLE"


def test_a_name_has_the_time_in_utc() -> None:
    assert time_in_name(datetime(2026, 3, 1, 9, tzinfo=ZONE)) == "20260301T010000Z"
