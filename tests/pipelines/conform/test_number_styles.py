"""Numbers are read in the style that the contract declares or the column proves; nothing else is guessed."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.conform.bind.number_notation import read_number_notation
from citylake.pipelines.conform.bind.number_style import NumberStyle
from tests.pipelines.conform.test_bindings import one

PM10 = "pm10_ugm3"
WRONG, DOUBT = "NUMBER_STYLE_WRONG", "NUMBER_AMBIGUOUS"


def _rows(*texts: str) -> list[dict[str, str | None]]:
    return [{"v": text} for text in texts]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["12,5", "1,234", "13", "0,125", "1,2345"], [12.5, 1.234, 13, 0.125, 1.2345]),
        (["1,234", "1,234.5", "13"], [1234, 1234.5, 13]),
        (["1.234,5", "1.234", "13"], [1234.5, 1234, 13]),
        (["1 234,5", "1 234", "7"], [1234.5, 1234, 7]),
        (["1,23,456.5", "7"], None),
        (["1\u00a0234.5", "1\u202f234", "1'234", "1’234.5"], [1234.5, 1234, 1234, 1234.5]),
        (["116.397", "12.5"], [116.397, 12.5]),
    ],
)
def test_a_column_proves_its_number_style(bench: Any, texts: list[str], values: list[float] | None) -> None:
    staged = bench.stage(one("air.pm10"), _rows(*texts))
    if values is None:
        assert bench.reasons(staged) == {1: [("VALUE_OUT_OF_RANGE", PM10)]}
    else:
        assert bench.standard(staged)[PM10].to_list() == values


def test_a_proven_style_is_reported_with_the_words_to_declare(bench: Any) -> None:
    staged = bench.stage(one("air.pm10"), _rows("1.234,5", "13"))
    (note,) = staged.notes
    assert (note.code, note.values["column"]) == ("NUMBER_STYLE_PROVEN", PM10)
    assert note.values["suggestion"] == 'decimal: ",", thousands: "."'


@pytest.mark.parametrize(
    ("binding", "texts", "values", "reasons"),
    [
        ({}, ["1,234"], [], {1: DOUBT}),
        ({}, ["1,234", "12.5"], [12.5], {1: DOUBT}),
        ({}, ["12.5", "1.75", "12,5"], [12.5, 1.75], {3: WRONG}),
        ({}, ["12,5", "1,75", "12.5", "1.234"], [12.5, 1.75], {3: WRONG, 4: DOUBT}),
        ({}, ["12,5", "7,25", "1,234,567", "1,234"], [12.5, 7.25], {3: WRONG, 4: DOUBT}),
        ({"clean": "[thousands]"}, ["0,125", "1,2345", "12,5", "7"], [7], {1: WRONG, 2: WRONG, 3: WRONG}),
        ({"clean": "[thousands]"}, ["0,125", "1,234", "7"], [7], {1: WRONG, 2: DOUBT}),
        ({"thousands": '","'}, ["1,234", "2,345.5", "0,5"], [1234, 2345.5], {3: WRONG}),
        ({"decimal": '","'}, ["12,5", "1,234", "1.234", "12.5"], [12.5, 1.234], {3: DOUBT, 4: WRONG}),
        ({"thousands": '"."'}, ["1.234", "1.234,5", "12.5"], [1234, 1234.5], {3: WRONG}),
        ({"thousands": '" "'}, ["1 234", "12 34"], [1234], {2: "VALUE_UNREADABLE"}),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_style_is_refused_by_row(
    bench: Any, binding: dict[str, str], texts: list[str], values: list[float], reasons: dict[int, str]
) -> None:
    staged = bench.stage(one("air.pm10", **binding), _rows(*texts))
    rows = bench.standard(staged)
    assert (rows[PM10].to_list() if rows.height else []) == values
    assert bench.reasons(staged) == {row: [(code, PM10)] for row, code in reasons.items()}


def test_one_group_of_zeros_in_a_column_of_whole_numbers_is_ambiguous(bench: Any) -> None:
    staged = bench.stage(one("traffic.flow"), _rows("1.000", "13"))
    assert bench.standard(staged)["flow_veh"].to_list() == [13]
    assert bench.reasons(staged) == {1: [("NUMBER_AMBIGUOUS", "flow_veh")]}
    scaled = bench.stage(one("traffic.flow"), _rows("1.000", "13.000"))
    assert bench.standard(scaled)["flow_veh"].to_list() == [1, 13]


def test_one_slip_does_not_turn_a_column_of_thousands_into_decimals(bench: Any) -> None:
    staged = bench.stage(one("air.pm10"), _rows(*(f"{number},234" for number in range(1, 61)), "12,5"))
    assert bench.standard(staged)[PM10].to_list() == [12.5]
    assert {codes[0][0] for codes in bench.reasons(staged).values()} == {DOUBT}


def test_the_evidence_is_that_of_every_file_of_a_batch(bench: Any) -> None:
    staged = bench.stage(one("air.pm10"), _rows("1,234"), _rows("12,5"))
    assert bench.standard(staged)[PM10].to_list() == [1.234, 12.5]


@pytest.mark.parametrize(
    ("clean", "text", "value"),
    [
        ("[digits]", "١٢٫٥", 12.5),
        ("[digits]", "१२", 12),
        ("[digits]", "１２", 12),
        ("[accounting]", "(5)", -5),
        ("[accounting]", "5-", -5),
        ("[]", "−5", -5),
        ("[fullwidth]", "－５", -5),
    ],
)
def test_digits_and_signs_of_other_scripts_are_read(bench: Any, clean: str, text: str, value: float) -> None:
    assert bench.column(one("weather.air_temperature", clean=clean), [text], "air_temperature_degc") == [value]


@pytest.mark.parametrize("text", ["(5)", "5-", "١٢", "12¹", "１２²", "5-10", "(5", "5)", "--5", "12 mm", "1,2,3"])
def test_what_may_mean_something_else_is_no_number(bench: Any, text: str) -> None:
    staged = bench.stage(one("weather.air_temperature", clean="[fullwidth]"), _rows(text))
    assert bench.reasons(staged) == {1: [("VALUE_UNREADABLE", "air_temperature_degc")]}


def test_a_sentinel_in_another_notation_is_refused_and_never_a_value(bench: Any) -> None:
    texts = ["-9999", "−9999", "-9999 ℃", "-9999.0", "-09999", "5"]
    staged = bench.stage(one("weather.air_temperature", sentinels='["-9999"]'), _rows(*texts))
    assert bench.standard(staged)["air_temperature_degc"].to_list() == [None, 5]
    assert [codes[0][0] for codes in bench.reasons(staged).values()] == ["VALUE_UNREADABLE"] * 4
    staged = bench.stage(one("traffic.flow", sentinels='["999"]'), _rows("999", "0999", "999.0", "5"))
    assert bench.standard(staged)["flow_veh"].to_list() == [None, 5]


def test_a_unit_within_a_value_counts_if_it_measures_the_same(bench: Any) -> None:
    contract = one("organisation.registered_capital", unit="万元")
    texts = ["500万元", "1.2亿元", "3000000元", "50万", "7", "¥500", "12 mm", "1,234.5元", "2千万元"]
    staged = bench.stage(contract, _rows(*texts))
    values = [5e6, 1.2e8, 3e6, 5e5, 7e4, 500, 1234.5, 2e7]
    assert bench.standard(staged)["registered_capital_cny"].to_list() == values
    assert bench.reasons(staged) == {7: [("VALUE_UNREADABLE", "registered_capital_cny")]}


STYLES = st.sampled_from([(".", None), (",", None), (".", ","), (",", "."), (",", " "), (".", "'"), (",", "'")])


@given(number=st.integers(-(10**12), 10**12), places=st.integers(0, 6), style=STYLES)
def test_a_number_written_in_a_style_is_read_as_itself(number: int, places: int, style: tuple[str, str | None]) -> None:
    plain = f"{abs(number) // 10**places:,}".replace(",", style[1] or "")
    text = ("-" if number < 0 else "") + plain
    text += style[0] + f"{abs(number) % 10**places:0{places}d}" if places else ""
    read = read_number_notation(pl.Series([text]), NumberStyle(*style))
    assert read["number"][0] == float(f"{number}e-{places}")
