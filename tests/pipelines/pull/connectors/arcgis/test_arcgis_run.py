"""ArcGIS layers through the whole of ``citylake run``: the stand-in city's services, well and misbehaving."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

SERVICES = "/arcgis/rest/services"
CASES, STATIONS = "government.hotline_cases", "environment.stations"
STATION_FIELDS = {
    "code": {"element": "air.station_code", "required": True},
    "name": {"element": "air.station_name"},
    "geometry.longitude": {"element": "place.longitude"},
    "geometry.latitude": {"element": "place.latitude"},
}


@pytest.fixture
def declare_cases(trial: Any, root: Path) -> Any:
    """The hotline's contract as it is shipped, but from an ArcGIS layer."""

    def declare(url: str, **source: Any) -> None:
        contract = yaml.safe_load((root / "workspaces/demo/datasets/government/hotline_cases.yaml").read_text("utf-8"))
        contract |= {"source": {"connector": "arcgis", "url": url, **source}, "ignore": ["OBJECTID", "edited"]}
        # Three days hold too many planted faults for a limit that is meant for two weeks.
        del contract["expect"]
        trial.declare("datasets/government/hotline_cases", contract)

    return declare


def declare_stations(trial: Any, url: str) -> None:
    contract = {
        "dataset": STATIONS,
        "title": {"zh": "站点", "en": "stations"},
        "owner": {"department": "市生态环境局"},
        "source": {"connector": "arcgis", "url": url},
        "fields": STATION_FIELDS,
        "ignore": ["OBJECTID", "geometry.source", "geometry.wkid"],
        "write": {"mode": "append"},
    }
    trial.declare("datasets/environment/stations", contract)


def test_points_in_web_mercator_are_in_the_table_as_degrees(trial: Any, standin: str, standin_folder: Path) -> None:
    declare_stations(trial, f"{standin}{SERVICES}/Stations/FeatureServer")
    assert trial.run().exit_code == 0
    told = json.loads((standin_folder / "api/air_stations.json").read_bytes())
    places = [(each["place"]["lng"], each["place"]["lat"]) for each in told[:-1]] + [(None, None)]
    rows = trial.standard(STATIONS).sort("_row").select("longitude_deg", "latitude_deg").rows()
    close = [(x and f"{x:.6f}", y and f"{y:.6f}") for x, y in rows]
    assert close == [(x and f"{float(x):.6f}", y and f"{float(y):.6f}") for x, y in places]


def test_what_came_is_in_the_raw_zone_as_it_came(trial: Any, standin: str) -> None:
    declare_stations(trial, f"{standin}{SERVICES}/Stations/FeatureServer")
    trial.run()
    (receipt,) = trial.receipts(STATIONS)
    raw = pl.read_parquet(f"{trial.lake.raw(STATIONS, receipt['id'])}/*.parquet")
    first = json.loads(Path(receipt["landing"][0]).read_bytes())["features"][0]
    assert json.loads(raw["geometry.source"][0]) == first["geometry"]
    assert (raw["geometry.wkid"][0], raw["name"][0]) == ("3857", first["attributes"]["name"])
    assert raw["name"][0].endswith("  ")


@pytest.mark.parametrize(("kind", "layer"), [("Feature", 0), ("Map", 0), ("Map", 1)])
def test_however_a_layer_is_read_the_table_is_the_same(
    trial: Any, standin: str, standin_folder: Path, declare_cases: Any, kind: str, layer: int
) -> None:
    declare_cases(f"{standin}{SERVICES}/Cases/{kind}Server", layer=layer)
    outcome = trial.run()
    truth = json.loads((standin_folder / "truth.json").read_bytes())["datasets"][CASES]
    told = trial.dataset(outcome, CASES)
    assert outcome.exit_code == 0
    assert told["rows_in"] == truth["rows"]
    assert told["rows_standard"] == truth["standard"] == len(trial.standard(CASES))
    assert told["rows_quarantined"] == truth["quarantined"]


def test_the_next_pull_asks_only_for_what_was_changed_since_and_doubles_nothing(
    trial: Any, standin: str, declare_cases: Any
) -> None:
    declare_cases(f"{standin}{SERVICES}/Cases/FeatureServer", edited="edited", overlap_s=7200)
    trial.run()
    before, state = trial.standard(CASES).sort("case_no"), trial.ledger.states(CASES)
    trial.run()
    first, second = (receipt["stored_count"] for receipt in trial.receipts(CASES))
    assert 0 < second < first / 4
    assert (
        trial.standard(CASES)
        .sort("case_no")
        .drop("_batch", "_receipt", "_row")
        .equals(before.drop("_batch", "_receipt", "_row"))
    )
    assert trial.ledger.states(CASES) == state
    (kept,) = state.values()
    assert kept.keys() == {"edited_ms"}


def test_a_pull_that_is_not_whole_moves_no_state_and_seals_nothing(
    trial: Any, standin: str, declare_cases: Any
) -> None:
    declare_cases(f"{standin}/with/shift:4+@whole{SERVICES}/Cases/FeatureServer", edited="edited")
    outcome = trial.run()
    (receipt,) = trial.receipts(CASES)
    assert (outcome.exit_code, receipt["status"]) == (2, "incomplete")
    assert receipt["stored_count"] == receipt["declared_count"] - 1
    assert receipt["landing"]
    assert all(Path(path).exists() for path in receipt["landing"])
    assert trial.ledger.states(CASES) == {}
    assert not Path(trial.lake.standard(CASES)).exists()


def test_rows_of_a_column_that_is_renamed_between_pages_are_refused_with_all_that_came(
    trial: Any, standin: str, declare_cases: Any
) -> None:
    declare_cases(f"{standin}/with/renamed_column{SERVICES}/Cases/FeatureServer")
    told = trial.dataset(trial.run(), CASES)
    refused = trial.quarantine(CASES).filter(pl.col("_part") != "1")
    assert told["rows_standard"] <= 100
    assert len(refused) >= told["rows_in"] - 100 - told["rows_duplicate"]
    assert refused["codes"].list.contains("REQUIRED_MISSING").all()
    assert refused["raw"].str.contains('"case_no"').all()
    assert "case_no" in str(told["problems"])
