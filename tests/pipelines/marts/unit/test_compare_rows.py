"""Rows are equal as a multiset, whatever their order, and every difference is a line."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.marts.unit.compare_rows import row_differences

_CELL = st.one_of(st.none(), st.sampled_from(["a", "b"]), st.sampled_from([0.1, 0.5]))
_ROWS = st.lists(st.fixed_dictionaries({"k": _CELL, "v": _CELL}), max_size=5)


@settings(deadline=None)
@given(_ROWS, st.randoms(use_true_random=False))
def test_the_order_does_not_matter_unless_it_is_said(rows: list[dict[str, object]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert row_differences(rows, shuffled, ["k"], ordered=False) == []
    assert row_differences(rows, rows, ["k"], ordered=True) == []


@settings(deadline=None)
@given(_ROWS, _ROWS)
def test_different_rows_are_never_silent(one: list[dict[str, object]], other: list[dict[str, object]]) -> None:
    same = Counter((row["k"], row["v"]) for row in one) == Counter((row["k"], row["v"]) for row in other)
    assert (row_differences(one, other, ["k"], ordered=False) == []) == same


def test_numbers_that_differ_by_rounding_are_the_same() -> None:
    assert row_differences([{"v": 0.3}], [{"v": 0.1 + 0.2}], [], ordered=False) == []
    assert row_differences([{"v": 0.3}], [{"v": 0.3001}], [], ordered=False) != []


def test_many_differences_are_cut_and_counted() -> None:
    lines = row_differences([{"k": str(number)} for number in range(30)], [], ["k"], ordered=False)
    assert (len(lines), lines[-1]) == (21, "10 more")
