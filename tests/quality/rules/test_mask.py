"""Broken rules as bits: every rule has its own, however many there are."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.rule_bitmask import any_rule_broken, is_rule_broken, pack_rule_words

BROKEN = st.lists(st.lists(st.sampled_from([True, False, None]), min_size=3, max_size=3), min_size=1, max_size=130)


@settings(max_examples=30, deadline=None)
@given(BROKEN)
def test_each_bit_tells_of_its_own_rule_and_unknown_is_not_broken(columns: list[list[bool | None]]) -> None:
    frame = pl.DataFrame({f"c{number}": pl.Series(values, dtype=pl.Boolean) for number, values in enumerate(columns)})
    rules = [RowRule(f"R{number}", "", pl.col(f"c{number}")) for number in range(len(columns))]
    masked = frame.with_columns(pack_rule_words(rules, "m"))
    for number, values in enumerate(columns):
        assert masked.select(is_rule_broken(number, "m")).to_series().to_list() == [value is True for value in values]
    expected = [any(values[row] is True for values in columns) for row in range(3)]
    assert frame.select(any_rule_broken(rules)).to_series().to_list() == expected


def test_without_rules_no_row_is_broken() -> None:
    assert pl.DataFrame({"a": [1]}).with_columns(any_rule_broken([]).alias("b"))["b"].to_list() == [False]
