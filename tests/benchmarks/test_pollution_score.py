"""Polluted CSV files are read, or refused row by row: the weighted score stays high, and no row is read wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.polluted_csv import PollutedFile, Row, clean_rows, polluted_files
from benchmarks.pollution_score import PollutedReading, read_polluted, score_files, score_reading, shifted_rows

GOAL = 9.5
FILES = {file.name: file for file in polluted_files(clean_rows(40), every=23)}
HELD = ("file_multitable_less", "file_multitable_more")
"""Most lines do not fit the header: a second table of another width follows."""


def test_the_weighted_score_of_all_kinds_reaches_the_goal_and_no_row_is_shifted_in_silence() -> None:
    result = score_files(FILES.values())
    assert result.weighted >= GOAL, result.by_kind()
    assert result.shifted == []


@pytest.mark.parametrize("name", [name for name in FILES if "_row0_" not in name])
def test_every_line_of_a_polluted_table_is_read_right_or_refused(name: str, tmp_path: Path) -> None:
    file = FILES[name]
    reading = read_polluted(file, tmp_path)
    assert bool(reading.problem) == (name in HELD)
    if not reading.problem:
        assert not shifted_rows(file, reading)
        assert set(file.lines) <= {*reading.rows, *reading.refused}


@pytest.mark.parametrize("name", [name for name in FILES if "_row0_" in name])
def test_a_broken_header_holds_the_file_or_is_reported(name: str, tmp_path: Path) -> None:
    reading = read_polluted(FILES[name], tmp_path)
    # The last column is always empty: without one delimiter, the header is that of rows with empty cells at the end.
    assert reading.problem or reading.notices == ["CELLS_TRAILING"]


def test_the_score_falls_for_lost_rows_and_names_shifted_ones() -> None:
    table: list[Row] = [("a", "b"), ("1", "2"), ("3", "4")]
    file = PollutedFile("kind", "name", 1.0, b"", {}, table, {2: ("1", "2"), 3: ("3", "4")})
    whole = PollutedReading(("a", "b"), {2: ("1", "2"), 3: ("3", "4")})
    lost = PollutedReading(("a", "b"), {2: ("1", "2")}, {3: "ROW_WIDTH"})
    wrong = PollutedReading(("a", "b"), {2: ("1", "2"), 3: ("4", "3")})
    assert score_reading(file, whole) == 10
    assert score_reading(file, lost) == pytest.approx(1 + 3 + (0.5 + 1 + 2 / 3) + (4 / 6 + 1 + 0.8))
    assert (shifted_rows(file, lost), shifted_rows(file, wrong)) == ({}, {3: ("4", "3")})
    assert score_reading(file, PollutedReading(problem="ROW_WIDTH")) == 0
