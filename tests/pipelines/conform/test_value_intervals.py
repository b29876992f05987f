"""Intervals are read into both limits where the contract says so, and refused elsewhere."""

from __future__ import annotations

from typing import Any

from tests.pipelines.conform.test_bindings import one

SO2 = "so2_ugm3"


def test_intervals_have_both_limits_and_single_numbers_are_values(bench: Any) -> None:
    texts = ["10-20", "≥ 5", "<=7", "12", "1~2", "20-10", "2019/20", "10-x", "30000-40000", ">5", None]
    staged = bench.stage(one("air.so2", interval="true"), [{"v": text} for text in texts])
    rows = bench.standard(staged)
    assert rows[SO2].to_list() == [None, None, None, 12, None, None]
    assert rows[f"{SO2}_min"].to_list() == [10, 5, None, 12, 1, None]
    assert rows[f"{SO2}_max"].to_list() == [20, None, 7, 12, 2, None]
    codes = {row: reasons[0][0] for row, reasons in bench.reasons(staged).items()}
    unreadable = dict.fromkeys((6, 7, 8, 10), "VALUE_UNREADABLE")
    assert codes == {**unreadable, 9: "VALUE_OUT_OF_RANGE"}


def test_limits_have_the_number_style_and_the_unit_of_the_column(bench: Any) -> None:
    contract = one("air.so2", interval="true", decimal='","', unit="mg/m3")
    staged = bench.stage(contract, [{"v": "0,5–1,5"}])
    assert bench.standard(staged).select(f"{SO2}_min", f"{SO2}_max").row(0) == (500, 1500)


def test_intervals_without_the_word_are_refused(bench: Any) -> None:
    staged = bench.stage(one("air.so2"), [{"v": "10-20"}, {"v": "≥ 5"}])
    assert bench.reasons(staged) == {row: [("VALUE_UNREADABLE", SO2)] for row in (1, 2)}
