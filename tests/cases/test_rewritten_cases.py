"""Cases whose contract has to say what it could not say before: with the new word the rows are right."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.conftest import FOLDER
from tests.declared import declare_packs
from tests.trial import Trial


def rewritten(name: str, tmp_path: Path, **changes: Any) -> Trial:
    """A case's input under its contract, with ``changes`` of the contract's keys."""
    source = FOLDER / name
    if not source.is_dir():
        pytest.skip(f"no case {name} at {FOLDER}")
    (file,) = (source / "workspace" / "datasets").rglob("*.yaml")
    contract = yaml.safe_load(file.read_text("utf-8")) | changes
    declare_packs(tmp_path / "workspace")
    trial = Trial(tmp_path, {"IN": str(source / "in")})
    kept = {key: value for key, value in contract.items() if value is not None}
    trial.declare(f"datasets/{contract['dataset'].replace('.', '/')}", kept)
    return trial


def flagged(element: str, field: str) -> dict[str, Any]:
    flag = {"from": field, "accept": ["V"], "refuse": ["N"]}
    return {"element": element, "unit": "ug/m3", "refuse": "value", "flag": flag}


def test_a_flagged_value_is_dropped_and_the_other_values_of_its_row_stay(tmp_path: Path) -> None:
    fields = {
        "st": {"element": "air.station_code", "required": True},
        "t": {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Europe/Madrid", "required": True},
        "no2": flagged("air.no2", "v_no2"),
        "o3": flagged("air.o3", "v_o3"),
    }
    trial = rewritten("value-flags", tmp_path, fields=fields, ignore=None)
    entry = trial.dataset(trial.run(), "environment.hourly")
    assert (entry["rows_in"], entry["rows_standard"], entry["values_refused"]) == (2, 2, 1)
    rows = trial.standard("environment.hourly").sort("_row")
    assert rows.select("no2_ugm3", "o3_ugm3", "_refused").rows() == [(40.0, None, "o3_ugm3"), (41.0, 60.0, None)]
    assert trial.quarantine("environment.hourly")["refused"].to_list() == [["o3_ugm3"]]


def test_columns_as_lists_are_read_as_rows_in_seconds(tmp_path: Path) -> None:
    name = "json-columns-as-lists-slow"
    fields = {
        "st": {"element": "air.station_code", "constant": "A1"},
        "hourly.time": {
            "element": "time.hour_start",
            "format": "%Y-%m-%dT%H:%M",
            "zone": "Asia/Shanghai",
            "label": "start",
            "required": True,
        },
        "hourly.pm10": {"element": "air.pm10", "unit": "ug/m3"},
    }
    source = {"connector": "files", "path": "${IN}/*.json", "format": {"type": "json", "columns": "hourly"}}
    trial = rewritten(name, tmp_path, source=source, fields=fields, reshape=None, ignore=["latitude", "hourly*"])
    begun = time.monotonic()
    outcome = trial.run()
    assert time.monotonic() - begun < 60
    given = json.loads((FOLDER / name / "in" / "a.json").read_text("utf-8"))["hourly"]
    assert trial.dataset(outcome, "environment.hourly")["rows_standard"] == len(given["time"]) == 8784
    rows = trial.standard("environment.hourly").sort("hour_start")
    assert rows["pm10_ugm3"].to_list() == pytest.approx(given["pm10"])
    assert rows["hour_start"].n_unique() == 8784
