"""NGSI-LD through the whole of ``citylake run``: the stand-in city's broker, well and misbehaving."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.thorough import spread

AIR = "environment.air_hourly"
MASS = {"GQ": "ug/m3", "GP": "mg/m3"}
NAMES = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "O3": "o3", "CO": "co"}


@pytest.fixture
def declare(trial: Any, root: Path) -> Any:
    """The contract of the hourly air as it is shipped, but from the broker."""

    def write(url: str, **source: Any) -> None:
        contract = yaml.safe_load((root / "workspaces/demo/datasets/environment/air_hourly.yaml").read_text("utf-8"))
        fields = contract["fields"]
        begun = {**fields.pop("时间"), "format": "%Y-%m-%dT%H:%M:%S%z"}
        del begun["zone"]
        told = {"dateObserved.value.start": begun, "stationName.value": fields.pop("站点名称")}
        for name, short in NAMES.items():
            unit = {"from": f"{short}.unitCode", "names": MASS}
            told[f"{short}.value"] = {**fields[name], "unit": unit}
        form = {"type": "json", "intervals": ["dateObserved.value"]}
        asked = {"connector": "ngsi_ld", "url": url, "type": "AirQualityObserved", "format": form, "page_size": 300}
        contract |= {"source": {**asked, "attempts": 1, **source}, "fields": told}
        del contract["references"]
        kinds = [f"{name}.type" for name in ("stationName", "dateObserved", "location", "location.value")]
        of_each = [f"{short}.{member}" for short in NAMES.values() for member in ("type", "observedAt")]
        place = ["location.value.coordinates.0", "location.value.coordinates.1"]
        ends = ["dateObserved.value", "dateObserved.value.end"]
        contract["ignore"] = ["id", "type", "location", *kinds, *of_each, *place, *ends]
        # Three days hold too many planted faults for a limit that is meant for two weeks.
        del contract["expect"]["quarantine_share"]
        trial.declare("datasets/environment/air_hourly", contract)

    return write


def test_entities_with_units_of_their_own_become_the_table_that_the_file_becomes(
    trial: Any, standin: str, standin_folder: Path, declare: Any, root: Path
) -> None:
    declare(standin)
    outcome = trial.run()
    assert outcome.exit_code == 0
    truth = json.loads((standin_folder / "truth.json").read_bytes())["datasets"][AIR]
    told = trial.dataset(outcome, AIR)
    assert (told["rows_in"], told["rows_standard"], told["rows_quarantined"]) == (
        truth["rows"],
        truth["standard"],
        truth["quarantined"],
    )
    broker = trial.standard(AIR).sort("station_code", "hour_start")
    shipped = (root / "workspaces/demo/datasets/environment/air_hourly.yaml").read_text("utf-8")
    contract = yaml.safe_load(shipped)
    del contract["references"], contract["expect"]["quarantine_share"]
    trial.declare("datasets/environment/air_hourly", {**contract, "dataset": "environment.by_file"})
    trial.given["CITY_URL"] = standin
    assert trial.run().exit_code == 0
    by_file = trial.standard("environment.by_file").sort("station_code", "hour_start")
    columns = [name for name in by_file.columns if not name.startswith("_")]
    assert len(broker) == len(by_file) > 500
    assert broker.select(columns).equals(by_file.select(columns))


def test_what_came_is_in_the_raw_zone_with_unit_time_and_place(trial: Any, standin: str, declare: Any) -> None:
    declare(standin)
    trial.run()
    (receipt,) = trial.receipts(AIR)
    raw = pl.read_parquet(f"{trial.lake.raw(AIR, receipt['id'])}/*.parquet").sort("_part", "_row")
    first = json.loads(Path(receipt["landing"][0]).read_bytes())[0]
    assert raw["dateObserved.value"][0] == first["dateObserved"]["value"]
    assert raw["dateObserved.value"][0] == f"{raw['dateObserved.value.start'][0]}/{raw['dateObserved.value.end'][0]}"
    assert raw["location.value.coordinates.0"][0] == str(first["location"]["value"]["coordinates"][0])
    assert (raw["co.unitCode"][0], raw["pm25.unitCode"][0], raw["id"][0]) == ("GP", "GQ", first["id"])


def test_v2_and_key_values_come_whole_too(trial: Any, standin: str) -> None:
    contract = {
        "dataset": AIR,
        "title": {"zh": "空气", "en": "air"},
        "owner": {"department": "市生态环境局"},
        "source": {
            "connector": "ngsi_ld",
            "url": standin,
            "api": "v2",
            "type": "AirQualityObserved",
            "form": "keyValues",
            "attrs": ["pm25"],
            "q": "pm25>=100",
            "page_size": 20,
        },
        "fields": {
            "id": {"element": "facility.code", "required": True},
            "pm25": {"element": "air.pm25", "unit": "ug/m3"},
        },
        "write": {"mode": "append"},
    }
    trial.declare("datasets/environment/air_hourly", contract)
    assert trial.run().exit_code == 0
    (receipt,) = trial.receipts(AIR)
    assert receipt["declared_count"] == receipt["stored_count"] == len(trial.standard(AIR)) > 0
    assert trial.standard(AIR)["pm25_ugm3"].min() >= 100


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("shift:2+", "ROWS_SHIFTED"),
        ("repeated_page:2+", "PAGE_REPEATED"),
        ("error_200", "HTTP_FAILED_INSIDE"),
        ("429:2", "HTTP_REFUSED"),
        ("503:2", "HTTP_REFUSED"),
        ("cut:2", "HTTP_NO_ANSWER"),
        ("login:2", "HTTP_NOT_JSON"),
        ("gbk", "HTTP_NOT_JSON"),
        ("elsewhere", "HTTP_REDIRECTED"),
        ("404", "HTTP_REFUSED"),
    ],
)
def test_a_pull_that_is_not_whole_seals_nothing(trial: Any, standin: str, declare: Any, fault: str, code: str) -> None:
    declare(f"{standin}/with/{fault}@ngsi")
    outcome = trial.run()
    (receipt,) = trial.receipts(AIR)
    assert (outcome.exit_code, receipt["status"] in ("incomplete", "failed")) == (2, True)
    assert code in str(trial.dataset(outcome, AIR)["problems"])
    assert not Path(trial.lake.standard(AIR)).exists()


@pytest.mark.parametrize("fault", ["short_page", "past_end", *spread(["gzip", "slow", "skew", "wrong_type"], 2)])
def test_what_is_only_odd_comes_whole(trial: Any, standin: str, declare: Any, fault: str) -> None:
    declare(f"{standin}/with/{fault}")
    assert trial.run().exit_code == 0
    (receipt,) = trial.receipts(AIR)
    assert receipt["declared_count"] == receipt["stored_count"]


def test_a_column_that_is_renamed_between_pages_holds_the_batch(trial: Any, standin: str, declare: Any) -> None:
    declare(f"{standin}/with/renamed_column")
    outcome = trial.run()
    told = trial.dataset(outcome, AIR)
    assert (outcome.exit_code, told["status"]) == (2, "held")
    assert "particles.value" in str(told["problems"])


def test_a_pull_that_broke_off_is_continued_by_the_next_run(trial: Any, standin: str, declare: Any) -> None:
    declare(f"{standin}/with/503:2@ngsi_continued")
    assert trial.run().exit_code == 2
    assert trial.run().exit_code == 0
    broken, whole = trial.receipts(AIR)
    assert (broken["status"], broken["stored_count"]) == ("incomplete", 300)
    assert whole["declared_count"] == whole["stored_count"] > 300
    assert Path(whole["landing"][0]).read_bytes() == Path(broken["landing"][0]).read_bytes()


def test_pages_larger_than_the_broker_gives_are_explained(trial: Any, standin: str, declare: Any) -> None:
    declare(standin, page_size=1000)
    told = trial.dataset(trial.run(), AIR)
    assert [each["code"] for each in told["problems"]] == ["NGSI_TOO_MANY"]


def test_another_tenants_entities_are_not_there(trial: Any, standin: str, declare: Any) -> None:
    declare(standin, headers={"NGSILD-Tenant": "elsewhere"})
    assert "The tenant does not exist: elsewhere" in str(trial.dataset(trial.run(), AIR)["problems"])
    declare(standin, headers={"NGSILD-Tenant": "lanhai"})
    assert trial.run().exit_code == 0


def test_an_unchanged_broker_is_not_taken_again(trial: Any, standin: str, declare: Any) -> None:
    declare(standin)
    trial.run()
    before = trial.standard(AIR)
    assert trial.run().exit_code == 0
    assert [row["status"] for row in trial.receipts(AIR)] == ["received", "unchanged"]
    assert len(trial.standard(AIR)) == len(before)
