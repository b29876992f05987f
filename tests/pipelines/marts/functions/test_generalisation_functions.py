"""Mart functions that make values coarse: what they give, and that they give nothing finer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.marts.functions.function_api import generalisations, load_functions
from citylake.pipelines.marts.functions.generalisation_functions import STEPS, WIDTHS


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        load_functions("generalisation").register(made, "Asia/Shanghai")
        yield made


def test_an_age_is_that_of_full_years_on_the_day(connection: duckdb.DuckDBPyConnection) -> None:
    days = "(VALUES (DATE '2030-06-01'), (DATE '2030-06-02'), (NULL)) AS t(d)"
    found = connection.sql(f"SELECT age_band(DATE '1990-06-02', d, 5) FROM {days}")
    assert found.fetchall() == [("35-39",), ("40-44",), (None,)]
    late = connection.sql(
        "SELECT age_band(DATE '1990-01-20', DATE '2030-12-31', 5), age_band(DATE '1990-02-28', d, 5) "
        "FROM (VALUES (DATE '2030-03-01')) AS t(d)"
    )
    assert late.fetchone() == ("40-44", "40-44"), "whatever the months"


def test_what_is_no_age_and_a_width_that_is_too_fine_give_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.sql(
        "SELECT age_band(DATE '2030-01-01', DATE '2026-01-01', 5), age_band(DATE '1990-01-01', DATE '2026-01-01', 1)"
    )
    assert found.fetchone() == (None, None)


def test_a_code_keeps_the_digits_of_its_level(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.sql(
        "SELECT division_above('110101001', 'county'), division_above('110101', 'city'), "
        "division_above('110101001001', 'province'), division_above('东城', 'city'), division_above('110101', '')"
    )
    assert found.fetchone() == ("110101", "110100", "110000", None, None)


@given(st.floats(-180, 180), st.sampled_from(STEPS))
def test_a_coarse_coordinate_is_the_middle_of_the_cell(
    connection: duckdb.DuckDBPyConnection, degrees: float, step: float
) -> None:
    found = connection.execute("SELECT coarse_coordinate(?, ?)", [degrees, step]).fetchone()
    assert found is not None
    assert abs(found[0] - degrees) <= step / 2 + 1e-9
    assert abs(found[0] / step - round(found[0] / step - 0.5) - 0.5) < 1e-6


@given(st.dates(date(1900, 1, 1), date(2025, 12, 31)), st.sampled_from(WIDTHS))
def test_a_wider_band_holds_the_narrower_one(connection: duckdb.DuckDBPyConnection, birth: date, width: int) -> None:
    call = "SELECT age_band($1, DATE '2026-01-01', 5), age_band($1, DATE '2026-01-01', $2)"
    found = connection.execute(call, [birth, width]).fetchone()
    assert found is not None
    (low, high), (least, most) = (map(int, each.split("-")) for each in found)
    assert least <= low <= high <= most


def test_a_function_lowers_only_with_constants_that_are_coarse_enough() -> None:
    rules = generalisations()
    assert rules["age_band"].accepts([date(2026, 1, 1), 10])
    assert not rules["age_band"].accepts([date(2026, 1, 1), 1])
    assert not rules["age_band"].accepts([None, 5])
    assert rules["division_above"].accepts(["city"])
    assert not rules["division_above"].accepts(["county"]), "a county is what household_division_code has already"
    assert not rules["coarse_coordinate"].accepts([0.001])
