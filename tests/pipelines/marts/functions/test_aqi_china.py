"""Vectors D1 to D7, the rounding vectors and the real-time vectors of HJ 633-2012 and HJ 633-2026."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.marts.functions.air_quality.aqi_by_date import add_aqi_columns, editions_in_period
from citylake.pipelines.marts.functions.air_quality.aqi_edition import find_aqi_edition, load_aqi_editions
from citylake.pipelines.marts.functions.air_quality.aqi_index import add_edition_aqi
from citylake.pipelines.marts.functions.air_quality.sub_index import compute_iaqi
from citylake.schemas.words.errors import CitylakeError

NAMES = ["so2", "no2", "co", "o3", "pm10", "pm25"]
DAILY = dict(zip(["so2_24h", "no2_24h", "co_24h", "o3_8h", "pm10_24h", "pm25_24h"], NAMES, strict=True))
HOURLY = {f"{name}_1h": name for name in NAMES}
NEW, OLD = "HJ 633-2026", "HJ 633-2012"
DATA = Path(os.environ.get("CITYLAKE_DATA") or Path(__file__).parents[4] / "../shared/data")

D = {
    "D1": (6, 34, 0.6, 128, 88, 60),
    "D2": (9, 52, 0.9, 96, 121, 75),
    "D3": (12, 61, 1.3, 45, 210, 151),
    "D4": (3, 12, 0.4, 100, 50, 35),
    "D5": (3, 80, 4.0, 160, 120, 60),
    "D6": (5, 20, 0.5, 60, 1200, 180),
    "D7": (5, 20, 0.5, 820, 60, 40),
}


@pytest.mark.parametrize(
    ("case", "standard", "aqi", "primary", "beyond"),
    [
        ("D1", NEW, 100, "PM2.5", False),
        ("D1", OLD, 82, "PM2.5", False),
        ("D2", NEW, 114, "PM2.5", False),
        ("D2", OLD, 100, "PM2.5", False),
        ("D3", NEW, 201, "PM2.5", False),
        ("D3", OLD, 201, "PM2.5", False),
        ("D4", NEW, 50, None, False),
        ("D4", OLD, 50, None, False),
        ("D5", NEW, 100, "NO2,CO,O3,PM10,PM2.5", False),
        ("D5", OLD, 100, "NO2,CO,O3", False),
        ("D6", NEW, 500, "PM10", True),
        ("D6", OLD, 500, "PM10", True),
        ("D7", NEW, 300, "O3", False),
        ("D7", OLD, None, None, False),
    ],
)
def test_daily_vectors(case: str, standard: str, aqi: int | None, primary: str | None, beyond: bool) -> None:
    row = _one(standard, "daily", DAILY, D[case])
    assert (row["aqi"], row["primary_pollutants"], row["beyond_index"]) == (aqi, primary, beyond)


@pytest.mark.parametrize(
    ("case", "standard", "parts"),
    [
        ("D1", NEW, [6, 43, 15, 74, 78, 100]),
        ("D2", NEW, [9, 65, 23, 48, 101, 114]),
        ("D3", NEW, [12, 77, 33, 23, 135, 201]),
        ("D3", OLD, [12, 77, 33, 23, 130, 201]),
    ],
)
def test_the_parts_of_the_index(case: str, standard: str, parts: list[int]) -> None:
    row = _one(standard, "daily", DAILY, D[case])
    assert [row[f"iaqi_{name}"] for name in NAMES] == parts


@pytest.mark.parametrize(
    ("indicator", "value", "index"),
    [
        ("pm25_24h", 60.5, 100),
        ("pm25_24h", 60.6, 101),
        ("pm25_24h", 61.5, 102),
        ("pm25_24h", 35.5, 52),
        ("co_24h", 2.05, 50),
        ("co_24h", 2.15, 55),
        ("pm10_24h", 120.5, 100),
        ("so2_1h", 800.0, 200),
        ("so2_1h", 801.0, 200),
        ("o3_1h", 160.0, 50),
        ("o3_1h", 260.0, 130),
        ("co_1h", 12.3, 105),
        ("pm25_24h", -1.0, None),
        ("pm25_24h", float("nan"), None),
        ("pm25_24h", float("inf"), None),
    ],
)
def test_rounding_and_real_time_vectors_of_2026(indicator: str, value: float, index: int | None) -> None:
    chosen = find_aqi_edition(NEW)
    assert pl.select(compute_iaqi(chosen, chosen.indicators[indicator], pl.lit(value))).item() == index


def test_in_2012_so2_above_800_has_no_hourly_index_and_the_rest_is_published() -> None:
    row = _one(OLD, "hourly", HOURLY, (801, 10, 1, 10, 10, 80))
    assert (row["iaqi_so2"], row["aqi"], row["primary_pollutants"]) == (None, 107, "PM2.5")


def test_a_missing_pollutant_withholds_an_index_up_to_100_and_not_one_above() -> None:
    mild = _one(NEW, "daily", DAILY, (6, 34, None, 128, 88, 60))
    assert (mild["aqi"], mild["aqi_class"], mild["primary_pollutants"], mild["aqi_edition"]) == (None,) * 4
    assert mild["iaqi_pm25"] == 100
    assert _one(NEW, "daily", DAILY, (6, 34, None, 128, 88, 61))["aqi"] == 101


def test_a_pollutant_that_the_site_does_not_measure_withholds_nothing() -> None:
    assert _one(NEW, "daily", DAILY, (6, 34, None, 128, 88, 60), exempt=("co",))["aqi"] == 100


def test_the_index_of_2026_begins_at_one() -> None:
    assert _one(NEW, "daily", DAILY, (0, 0, 0, 0, 0, 0))["aqi"] == 1
    assert _one(OLD, "daily", DAILY, (0, 0, 0, 0, 0, 0))["aqi"] == 0


@pytest.mark.parametrize(
    ("pm25", "name"),
    [(35, "优"), (60, "良"), (115, "轻度污染"), (150, "中度污染"), (250, "重度污染"), (251, "严重污染")],
)
def test_classes_are_those_of_annex_a(pm25: float, name: str) -> None:
    assert _one(NEW, "daily", DAILY, (1, 1, 1, 1, 1, pm25))["aqi_class"] == name


def test_the_edition_goes_by_the_day_of_the_observation() -> None:
    lf = pl.LazyFrame([(*D["D1"], day) for day in (date(2026, 2, 28), date(2026, 3, 1))], [*NAMES, "day"], orient="row")
    found = add_aqi_columns(lf, "daily", DAILY, day=pl.col("day")).collect(engine="streaming")
    assert found["aqi"].to_list() == [82, 100]
    assert found["aqi_edition"].to_list() == [OLD, NEW]
    assert [each.id for each in editions_in_period(date(2026, 2, 1), date(2026, 2, 28))] == [OLD]
    assert [each.id for each in editions_in_period(date(2026, 2, 1), date(2026, 3, 1))] == [OLD, NEW]


@settings(deadline=None, max_examples=10)
@given(st.data())
def test_the_index_never_falls_when_a_concentration_rises(data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from([find_aqi_edition(NEW), find_aqi_edition(OLD)]))
    name = data.draw(st.sampled_from([name for name, each in chosen.indicators.items() if each.above != "none"]))
    values = pl.Series(sorted(data.draw(st.lists(st.floats(0, 3000), min_size=50, max_size=50))))
    found = pl.select(compute_iaqi(chosen, chosen.indicators[name], pl.lit(values))).to_series()
    assert found.is_sorted()
    assert found.is_between(0, 500).all()


def test_every_ladder_has_a_rung_for_every_limit() -> None:
    for each in load_aqi_editions():
        for name, indicator in each.indicators.items():
            rungs = len(indicator.limits) - (0 if isinstance(indicator.limits[0], tuple) else 1)
            steps = len(each.index) - (0 if isinstance(each.index[0], tuple) else 1)
            assert 0 < indicator.from_rung + rungs <= steps, (each.id, name)
        for report in each.reports.values():
            assert {name for names in report.pollutants.values() for name in names} <= each.indicators.keys()


def test_the_published_hourly_index_of_the_national_network_is_met_in_every_station_hour() -> None:
    files = sorted((DATA / "air_cnemc").glob("china_sites_*.csv"))
    if not files:
        pytest.skip(f"no real data at {DATA}")
    types = dict(zip(NAMES, ["SO2", "NO2", "CO", "O3", "PM10", "PM2.5"], strict=True))
    hours = pl.concat(_long(file) for file in files).pivot(on="type", index=["date", "hour", "site"], values="value")
    day = pl.col("date").str.to_date("%Y%m%d")
    found = add_aqi_columns(hours.lazy(), "hourly", {f"{name}_1h": types[name] for name in NAMES}, day=day).collect()
    published = found.filter(pl.col("AQI").is_not_null())
    assert published.height == 42_694 or len(files) != 2
    assert published.filter(pl.col("AQI") != pl.col("aqi")).height == 0
    assert published["aqi"].null_count() == 0
    assert found.filter(pl.col("AQI").is_null())["aqi"].null_count() == found.height - published.height


def test_an_edition_or_report_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(CitylakeError, match="HJ 633-2012, HJ 633-2026"):
        find_aqi_edition("HJ 633-1999")
    with pytest.raises(CitylakeError, match="daily"):
        find_aqi_edition("US EPA 2024").report("hourly")


def _long(file: Path) -> pl.DataFrame:
    wide = pl.read_csv(file, infer_schema=False)
    long = wide.unpivot(index=["date", "hour", "type"], variable_name="site", value_name="value")
    return long.with_columns(pl.col("value").cast(pl.Float64))


def _one(
    standard: str, report: str, columns: dict[str, str], values: tuple[float | None, ...], exempt: tuple[str, ...] = ()
) -> dict[str, Any]:
    lf = pl.LazyFrame([values], schema=dict.fromkeys(NAMES, pl.Float64), orient="row")
    found = add_edition_aqi(lf, find_aqi_edition(standard), report, columns, exempt=exempt).collect(engine="streaming")
    return found.row(0, named=True)
