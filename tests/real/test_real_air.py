"""Air: the published index is ours, two sources are one table, and swapped labels are named."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.marts.functions.air_quality.aqi_by_date import add_aqi_columns
from tests.real.conftest import Ran, started

SNAPSHOT = "datasets/air/cnemc_snapshot.yaml"


def published(data: Path) -> pl.DataFrame:
    """The published index as the files have it: station, UTC start of the hour, value; a column that is twice, once."""
    frames = []
    for file in sorted(data.glob("air_cnemc/china_sites_*.csv")):
        wide = pl.read_csv(file, infer_schema=False)
        wide = wide.drop([name for name in wide.columns if "_duplicated_" in name])
        long = wide.filter(pl.col("type") == "AQI").unpivot(
            index=["date", "hour", "type"], variable_name="station_code"
        )
        frames.append(long.drop_nulls("value"))
    end = pl.concat_str("date", pl.lit(" "), pl.col("hour").str.zfill(2), pl.lit("00")).str.to_datetime("%Y%m%d %H%M")
    hour = end.dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC") - pl.duration(hours=1)
    return pl.concat(frames).select("station_code", hour_start=hour, aqi=pl.col("value").cast(pl.Int64))


def test_our_index_is_the_published_one_in_every_station_hour_that_has_one(ran: Any, data: Path) -> None:
    rows = ran.ask("air_quality", "SELECT station_code, hour_start, aqi FROM station_hour WHERE aqi IS NOT NULL")
    ours = pl.DataFrame(rows, ["station_code", "hour_start", "aqi"], orient="row")
    ours = ours.with_columns(pl.col("hour_start").dt.convert_time_zone("UTC"))
    theirs = published(data)
    met = theirs.join(ours, on=["station_code", "hour_start"], how="left")
    assert theirs.height == 42_648
    assert met.filter(pl.col("aqi").ne_missing(pl.col("aqi_right"))).height == 0


def test_the_mart_shows_the_published_index_beside_ours(ran: Any) -> None:
    sql = "count(*), count(published_aqi), count(*) FILTER (WHERE aqi <> published_aqi) FROM station_hour"
    assert ran.ask("air_quality", f"SELECT {sql}") == [(45_360, 42_648, 0)]


def test_the_class_follows_from_the_index_and_the_edition_from_the_day(ran: Any) -> None:
    sql = "SELECT aqi_class, min(aqi), max(aqi) FROM station_hour WHERE aqi IS NOT NULL GROUP BY ALL ORDER BY 2"
    bounds = ran.ask("air_quality", sql)
    assert [name for name, _, _ in bounds] == ["优", "良", "轻度污染", "中度污染", "重度污染", "严重污染"]
    tops = [(0, 50), (51, 100), (101, 150), (151, 200), (201, 300), (301, 500)]
    assert all(low <= least and most <= top for (_, least, most), (low, top) in zip(bounds, tops, strict=True))
    assert ran.ask("air_quality", "SELECT DISTINCT aqi_edition FROM station_hour WHERE aqi IS NOT NULL") == [
        ("HJ 633-2012",)
    ]


def test_there_is_a_primary_pollutant_just_where_the_index_is_above_50(ran: Any) -> None:
    sql = "SELECT count(*) FROM station_hour WHERE (primary_pollutants IS NOT NULL) IS DISTINCT FROM (aqi > 50)"
    assert ran.ask("air_quality", f"{sql} AND aqi IS NOT NULL") == [(0,)]


def test_a_value_stamped_midnight_belongs_to_the_hour_before(ran: Any) -> None:
    first, last = ran.ask("air_quality", "SELECT min(day), max(day) FROM station_hour")[0]
    assert (first, last) == (date(2014, 6, 3), date(2014, 6, 5))


def test_two_sources_have_one_table_shape_and_one_unit(ran: Any) -> None:
    cnemc, prsa = ran.standard("air.cnemc_hourly"), ran.standard("air.prsa_hourly")
    assert cnemc.schema == prsa.schema
    assert {"station_code", "hour_start", "pm25_ugm3", "co_mgm3"} <= set(prsa.columns)
    assert set(prsa["station_code"]) == {"1003A", "1010A"}
    assert prsa["co_mgm3"].max() == 10.0
    assert 0 < cnemc["co_mgm3"].median() < 5


def test_the_two_sources_agree_as_often_as_is_known(ran: Any) -> None:
    rows = ran.ask("source_agreement", "SELECT pollutant, within_1, pairs FROM agreement")
    assert {pollutant: (within, pairs) for pollutant, within, pairs in rows} == {
        "PM2.5": (83, 85),
        "PM10": (74, 76),
        "SO2": (85, 86),
        "NO2": (83, 85),
        "O3": (84, 86),
        "CO": (84, 85),
    }


def test_the_pairs_are_what_the_shares_are_counted_from(ran: Any) -> None:
    sql = """SELECT pollutant, count(*) FROM station_hour_pairs
        WHERE abs(value_cnemc - value_prsa) <= CASE pollutant WHEN 'CO' THEN 0.1 ELSE 1 END + 1e-9 GROUP BY ALL"""
    counted = dict(ran.ask("source_agreement", sql))
    assert counted == dict(ran.ask("source_agreement", "SELECT pollutant, within_1 FROM agreement"))


def test_swapped_labels_are_caught_and_named_and_no_impossible_pair_is_let_in(ran: Any) -> None:
    assert ran.issues("air.cnemc_snapshot") == {"OZONE_LABELS_SWAPPED": 1_456, "OZONE_LABELS_UNPROVED": 1}
    refused = ran.quarantine("air.cnemc_snapshot")["reasons"].explode().struct.unnest()
    assert refused["value"].str.contains("o3_ugm3=").all()
    kept = ran.standard("air.cnemc_snapshot")
    assert kept.filter(pl.col("o3_1h_24h_ugm3") < pl.col("o3_ugm3")).is_empty()
    assert kept.filter(pl.col("o3_8h_24h_ugm3") < pl.col("o3_8h_ugm3")).is_empty()


@pytest.fixture(scope="module")
def fixed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The snapshot alone, with its labels put right."""
    return started(data, tmp_path_factory.mktemp("fixed"), {SNAPSHOT: crossed}, datasets=["air.cnemc_snapshot"])


def test_with_the_labels_put_right_nothing_is_refused_and_the_index_is_exact(fixed: Ran) -> None:
    assert fixed.counts("air.cnemc_snapshot") == (1_495, 1_495, 0, 0)
    rows = fixed.standard("air.cnemc_snapshot").lazy()
    columns = {f"{gas}_1h": f"{gas}_ugm3" for gas in ("so2", "no2", "o3", "pm10", "pm25")} | {"co_1h": "co_mgm3"}
    found = add_aqi_columns(rows, "hourly", columns, day=pl.lit(date(2018, 2, 20))).collect()
    with_index = found.drop_nulls("published_aqi")
    assert with_index.height == 1_475
    assert with_index.filter(pl.col("aqi").ne_missing(pl.col("published_aqi"))).is_empty()


def crossed(contract: str) -> str:
    """The contract with each ozone label bound to the other's meaning."""
    for one, other in (("o3: {", "o3_24h: {"), ("o3_8h: {", "o3_8h_24h: {")):
        contract = contract.replace(f".{one}", ".@").replace(f".{other}", f".{one}").replace(".@", f".{other}")
    return contract


def test_several_primary_pollutants_are_told_by_their_codes(fixed: Ran) -> None:
    rows = fixed.standard("air.cnemc_snapshot")
    assert dict(rows["primary_pollutants"].drop_nulls().value_counts().iter_rows()) == {
        "PM2.5": 826,
        "PM10": 114,
        "PM10,PM2.5": 5,
        "SO2": 1,
        "CO": 1,
    }


def test_days_that_come_one_by_one_in_the_other_order_give_the_same_mart(
    ran: Any, runner: Any, data: Path, tmp_path: Path
) -> None:
    here = tmp_path / "data"
    (here / "air_cnemc").mkdir(parents=True)
    chosen = {"datasets": ["air.cnemc_hourly", "air.cnemc_published"], "marts": ["air_quality"]}
    later, earlier = sorted(data.glob("air_cnemc/china_sites_*.csv"), reverse=True)
    shutil.copy(later, here / "air_cnemc")
    first = runner(given={"CITYLAKE_DATA": str(here)}, **chosen)
    shutil.copy(earlier, here / "air_cnemc")
    second = first.again(given={"CITYLAKE_DATA": str(here)}, **chosen)
    (built,) = second.outcome.publications
    assert built.days["station_hour"] == (date(2014, 6, 3), date(2014, 6, 4))
    whole = "SELECT * FROM station_hour ORDER BY ALL"
    assert second.ask("air_quality", whole) == ran.ask("air_quality", whole)
