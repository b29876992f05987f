from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.quality.report import number_format


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 10, "0%"),
        (10, 10, "100%"),
        (1, 8, "12.5%"),
        (1, 10**6, "< 0.01%"),
        (10**6 - 1, 10**6, "> 99.99%"),
        (0, 0, "—"),
    ],
)
def test_a_share_reads_as_a_person_would_say_it(part: int, whole: int, text: str) -> None:
    assert number_format.format_share(part, whole) == text


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_only_nothing_is_zero_percent_and_only_all_is_a_hundred(one: int, more: int) -> None:
    assert number_format.format_share(one, one + more) not in ("0%", "100%")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.421, "0.42 s"), (31.46, "31.5 s"), (59.96, "1 min 00 s"), (125.4, "2 min 05 s"), (None, "0.00 s")],
)
def test_a_duration_carries_its_seconds_into_minutes(seconds: float | None, text: str) -> None:
    assert number_format.format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2026-03-02T01:30:00.123+08:00", "2026-03-02 01:30:00 UTC+08:00"),
        ("2026-03-01T17:30:00Z", "2026-03-01 17:30:00 UTC"),
        ("yesterday", "yesterday"),
        (None, "—"),
    ],
)
def test_a_moment_keeps_its_offset(value: str | None, text: str) -> None:
    assert number_format.format_moment(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 B"), (999, "999 B"), (1_234_567, "1.2 MB"), (5 * 10**15, "5000.0 TB")]
)
def test_a_size_has_the_unit_that_fits(value: int, text: str) -> None:
    assert number_format.format_size(value) == text


def test_days_are_told_by_their_ends_and_number() -> None:
    assert number_format.format_days(["2026-03-03", "2026-03-01", "2026-03-02"]) == "2026-03-01 … 2026-03-03 (3)"
    assert number_format.format_days(["2026-03-01"]) == "2026-03-01"
    assert number_format.format_days([]) == "—"
