"""A usual run leaves out pairs of a matrix, but no row and no column of it."""

from __future__ import annotations

import pytest

from tests import thorough
from tests.pipelines.pull.connectors.rotation import rotated


@pytest.mark.parametrize(("rows", "columns", "each"), [(11, 12, 3), (8, 12, 3), (7, 10, 2), (8, 2, 1), (3, 5, 9)])
def test_every_row_and_every_column_has_its_turn(
    monkeypatch: pytest.MonkeyPatch, rows: int, columns: int, each: int
) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", False)
    pairs = rotated(range(rows), range(columns), each)
    assert len(set(pairs)) == len(pairs) == rows * min(each, columns)
    assert {row for row, _ in pairs} == set(range(rows))
    assert {column for _, column in pairs} == set(range(columns))


def test_too_few_rows_for_the_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", False)
    with pytest.raises(ValueError, match="no row"):
        rotated("ab", range(9), 2)


def test_a_thorough_run_asks_the_whole_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", True)
    assert rotated("ab", [1, 2]) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
