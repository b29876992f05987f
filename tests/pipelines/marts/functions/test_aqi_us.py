"""Vectors of EPA-454/B-24-002, among them the document's own example of 8-hour ozone, PM2.5 and CO."""

from __future__ import annotations

import polars as pl
import pytest

from citylake.pipelines.marts.functions.air_quality.aqi_edition import find_aqi_edition
from citylake.pipelines.marts.functions.air_quality.aqi_index import add_edition_aqi
from citylake.pipelines.marts.functions.air_quality.nowcast import compute_nowcast
from citylake.pipelines.marts.functions.air_quality.sub_index import compute_iaqi

EPA = find_aqi_edition("US EPA 2024")


@pytest.mark.parametrize(
    ("indicator", "value", "index"),
    [
        ("o3_8h", 0.07853333, 126),
        ("pm25_24h", 35.9, 102),
        ("co_8h", 8.4, 90),
        ("pm25_24h", 9.0, 50),
        ("pm25_24h", 9.05, 50),
        ("pm25_24h", 12.0, 56),
        ("pm25_24h", 60.0, 154),
        ("pm25_24h", 325.4, 500),
        ("pm25_24h", 400.0, 649),
        ("pm10_24h", 154.9, 100),
        ("o3_8h", 0.201, None),
        ("o3_1h", 0.124, None),
        ("o3_1h", 0.125, 101),
        ("so2_1h", 305.0, 200),
        ("so2_24h", 304.0, None),
        ("so2_24h", 305.0, 201),
        ("no2_1h", 2049.0, 500),
    ],
)
def test_the_index_of_one_indicator(indicator: str, value: float, index: int | None) -> None:
    assert pl.select(compute_iaqi(EPA, EPA.indicators[indicator], pl.lit(value))).item() == index


def test_the_documents_example_is_ozone_at_126() -> None:
    lf = pl.LazyFrame({"o3": [0.07853333], "pm": [35.9], "co": [8.4]})
    columns = {"o3_8h": "o3", "pm25_24h": "pm", "co_8h": "co"}
    row = add_edition_aqi(lf, EPA, "daily", columns).collect().row(0, named=True)
    assert (row["aqi"], row["primary_pollutants"]) == (126, "O3")
    assert row["aqi_class"] == "对敏感人群不健康"
    assert not row["beyond_index"]


def test_above_500_the_index_goes_on_and_says_so() -> None:
    row = add_edition_aqi(pl.LazyFrame({"pm": [400.0]}), EPA, "daily", {"pm25_24h": "pm"}).collect().row(0, named=True)
    assert (row["aqi"], row["beyond_index"]) == (649, True)


@pytest.mark.parametrize(
    ("hours", "concentration"),
    [
        ([13, 16, 10, 21, 74, 64, 53, 82, 90, 75, 80, 50], 17.414),
        ([40] * 12, 40.0),
        ([0] * 12, 0.0),
        ([None, 20, 20, *[None] * 9], 20.0),
        ([None, None, 20, *[20] * 9], None),
    ],
)
def test_nowcast(hours: list[float | None], concentration: float | None) -> None:
    frame = pl.LazyFrame([hours], schema={f"h{age}": pl.Float64 for age in range(12)}, orient="row")
    found = frame.select(compute_nowcast([pl.col(f"h{age}") for age in range(12)])).collect().item()
    assert found == (concentration if concentration is None else pytest.approx(concentration, abs=5e-4))
