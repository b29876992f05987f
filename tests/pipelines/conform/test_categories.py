"""Categories gathered while rows are written."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from citylake.pipelines.conform.drift import category_collector
from citylake.pipelines.conform.drift.category_collector import CategoryCollector, merge_categories
from citylake.pipelines.conform.rows.typed_column import TypedColumn


def column(*values: str | None, at: list[int] | None = None) -> dict[str, TypedColumn]:
    places = np.array(range(len(values)) if at is None else at, np.int32)
    return {"kind": TypedColumn(pa.array(values, pa.string()), places)}


def every(size: int) -> np.ndarray:
    return np.arange(size)


def test_only_the_chosen_rows_count() -> None:
    had = CategoryCollector({"kind": False})
    had.add(column("a", "b", None, at=[0, 1, 2, 0]), np.array([0, 2]))
    assert merge_categories([had]) == {"kind": ("a",)}
    had.add(column("b", "c"), every(2))
    assert merge_categories([had]) == {"kind": ("a", "b", "c")}


def test_workers_are_united() -> None:
    first, second = CategoryCollector({"kind": False}), CategoryCollector({"kind": False})
    first.add(column("b"), every(1))
    second.add(column("a", "b"), every(2))
    assert merge_categories([first, second]) == {"kind": ("a", "b")}


def test_a_list_counts_by_its_parts() -> None:
    had = CategoryCollector({"kind": True})
    had.add(column("a,b", "b,c"), every(2))
    assert merge_categories([had]) == {"kind": ("a", "b", "c")}


def test_a_column_with_too_many_values_is_no_category(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(category_collector, "MAX_CATEGORIES", 2)
    many, few = CategoryCollector({"kind": False}), CategoryCollector({"kind": False})
    many.add(column("a", "b", "c"), every(3))
    many.add(column("a"), every(1))
    few.add(column("a"), every(1))
    assert merge_categories([few, many]) == {}
