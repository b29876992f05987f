"""SensorThings through the whole of ``citylake run``: the stand-in city's service, well and misbehaving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

ROOT = "/sta/v1.1"
NAME = "air.pm25"
FIELDS = {
    "@iot.id": {"element": "facility.code", "as": "observation", "required": True},
    "Datastream.name": {"element": "air.station_name", "required": True},
    "phenomenonTime.start": {"element": "time.interval_start", "format": "%Y-%m-%dT%H:%M:%SZ", "zone": "UTC"},
    "phenomenonTime.end": {"element": "time.interval_end", "format": "%Y-%m-%dT%H:%M:%SZ", "zone": "UTC"},
    "result": {
        "element": "air.pm25",
        "unit": {"from": "Datastream.unitOfMeasurement.symbol"},
        "sentinels": ["NA", "—"],
    },
}


@pytest.fixture
def declare(trial: Any) -> Any:
    def write(url: str, **source: Any) -> None:
        chosen = {"filter": "startswith(name,'PM2.5')", "per_second": 1000}
        contract = {
            "dataset": NAME,
            "title": {"zh": "试", "en": "test"},
            "owner": {"department": "市生态环境局"},
            "source": {"connector": "sensorthings", "url": url, **chosen, **source},
            "fields": FIELDS,
            "ignore": ["phenomenonTime", "resultTime", "@iot.selfLink", "Datastream.@iot.id"],
            "write": {"mode": "upsert", "key": ["observation"]},
        }
        trial.declare("datasets/air/pm25", contract)

    return write


def raw(trial: Any) -> pl.DataFrame:
    (receipt,) = trial.receipts(NAME)
    return pl.read_parquet(f"{trial.lake.raw(NAME, receipt['id'])}/*.parquet")


def test_observations_come_whole_with_their_unit_and_both_ends_of_their_time(
    trial: Any, standin: str, declare: Any
) -> None:
    declare(standin + ROOT)
    told = trial.dataset(trial.run(), NAME)
    rows, table = raw(trial), trial.standard(NAME)
    assert told["receipts"][0]["declared_count"] == told["receipts"][0]["stored_count"] == len(rows)
    assert told["rows_in"] == told["rows_standard"] + told["rows_quarantined"] == len(rows)
    hours = (table["interval_end"] - table["interval_start"]).dt.total_hours()
    assert set(hours) == {0, 1}
    assert (hours == 1).sum() == rows.filter(pl.col("phenomenonTime").str.contains("/"))["@iot.id"].is_in(
        table["observation"].implode()
    ).sum()


def test_results_as_text_and_null_result_times_are_kept_as_they_came(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + ROOT)
    trial.run()
    rows = raw(trial)
    assert {"NA", "—"} <= set(rows["result"])
    assert 0 < rows["resultTime"].null_count() < len(rows) / 4
    table = trial.standard(NAME)
    assert table["pm25_ugm3"].null_count() == rows["result"].is_in(["NA", "—"]).sum()


def test_two_observations_of_one_time_are_both_kept(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + ROOT)
    trial.run()
    same = raw(trial).group_by("Datastream.name", "phenomenonTime.start").len().filter(pl.col("len") > 1)
    assert len(same) > 0
    table = trial.standard(NAME).group_by("station_name", "interval_start").len()
    assert table.filter(pl.col("len") > 1).height > 0


def test_the_next_pull_asks_for_what_came_since_and_doubles_nothing(trial: Any, standin: str, declare: Any) -> None:
    declare(standin + ROOT, overlap_s=3 * 3600)
    trial.run()
    before, state = trial.standard(NAME).sort("observation"), trial.ledger.states(NAME)
    assert trial.run().exit_code == 0
    first, second = (receipt["stored_count"] for receipt in trial.receipts(NAME))
    assert 0 < second < first / 5
    after = trial.standard(NAME).sort("observation")
    assert after.drop("_batch", "_receipt", "_row", "_source").equals(
        before.drop("_batch", "_receipt", "_row", "_source")
    )
    assert trial.ledger.states(NAME) == state
    assert len(state["Observations"]["latest"]) >= 12


@pytest.mark.parametrize("fault", ["next_elsewhere", "shift:3+"])
def test_a_pull_that_is_not_whole_moves_no_state_and_seals_nothing(
    trial: Any, standin: str, declare: Any, fault: str
) -> None:
    declare(f"{standin}/with/{fault}@sta-{fault[:4]}{ROOT}", page_size=50)
    outcome = trial.run()
    (receipt,) = trial.receipts(NAME)
    assert (outcome.exit_code, receipt["status"]) == (2, "incomplete")
    assert receipt["stored_count"] < receipt["declared_count"]
    assert all(Path(path).exists() for path in receipt["landing"])
    assert trial.ledger.states(NAME) == {}
    assert not Path(trial.lake.standard(NAME)).exists()


def test_rows_of_a_column_that_is_renamed_between_pages_lose_nothing_in_the_raw_zone(
    trial: Any, standin: str, declare: Any
) -> None:
    declare(f"{standin}/with/renamed_column{ROOT}", page_size=50)
    told = trial.dataset(trial.run(), NAME)
    rows = raw(trial)
    assert rows.select(pl.col("result").is_null() != pl.col("value").is_null()).to_series().all()
    assert "value" in str(told["problems"])
