"""The councils' columns that matching is measured with."""

from __future__ import annotations

from pathlib import Path

from benchmarks.match.pairs import council_columns


def test_there_are_593_columns_with_an_answer_among_their_datasets_fields(data: Path) -> None:
    columns = council_columns(data)
    assert len(columns) == 593
    assert all(each.fields <= set(each.candidates) for each in columns)
