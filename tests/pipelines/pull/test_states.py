"""What a connector keeps for the next pull is what ``citylake state set`` takes; anything else is refused."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.context import new_run
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.connector_states import validate_connector_state
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

SOURCES: dict[str, dict[str, Any]] = {
    "arcgis": {"url": "/arcgis/rest/services/Cases/FeatureServer", "edited": "edited", "format": "arcgis"},
    "ckan": {"url": "/ckan", "resource": "hotline-cases", "mode": "datastore", "incremental": "_id"},
    "datex2": {"url": "/traffic/datex2/v2/measured.xml"},
    "gtfs": {"url": "/transit/lanhai_gtfs.zip", "format": {"type": "gtfs", "table": "stops"}},
    "gtfs_rt": {"url": "/transit/rt/vehicles.pb", "format": {"type": "gtfs_rt", "rows": "vehicles"}},
    "http": {"url": "/env/air_hourly.csv", "format": "csv"},
    "openaq": {"url": "/openaq/v3", "resource": "hours", "sensors": [1011], "connection": "openaq"},
    "sensorthings": {"url": "/sta/v1.1", "datastreams": [1]},
    "socrata": {"url": "/soda", "dataset": "hotl-ines", "incremental": ":updated_at"},
}


def kept(source: dict[str, Any], folder: Path) -> dict[str, Any]:
    contract = Contract.model_validate(
        {
            "dataset": "x.y",
            "title": {"zh": "样", "en": "sample"},
            "owner": {"department": "—"},
            "source": source,
            "fields": {"-": {"element": "x.none"}},
            "write": {"mode": "append"},
        }
    )
    (receipt,) = pull_dataset(contract, Lake(str(folder / "lake")), PullContext({}, new_run()))
    assert receipt.status == "received", receipt.problem
    assert receipt.state, "the source left no state: the test would say nothing"
    return dict(receipt.state)


@pytest.mark.parametrize("name", SOURCES)
def test_what_a_connector_keeps_can_be_set_by_hand(
    standin: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_OPENAQ", json.dumps({"headers": {"X-API-Key": "any"}}))
    source = SOURCES[name]
    state = kept({**source, "connector": name, "url": standin + source["url"]}, tmp_path)
    assert validate_connector_state("x.y", name, state) == state
    with pytest.raises(CitylakeError, match="“nonsense” is not an allowed key"):
        validate_connector_state("x.y", name, {**state, "nonsense": 1})


def test_the_marks_of_a_file_can_be_set_by_hand(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    os.utime(tmp_path / "a.csv", (1_700_000_000, 1_700_000_000))
    state = kept({"connector": "files", "path": str(tmp_path / "a.csv"), "format": "csv", "trust": "mtime"}, tmp_path)
    assert validate_connector_state("x.y", "files", state) == state


def test_the_watermark_of_a_table_can_be_set_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(tmp_path / "front.db")) as made:
        made.execute("CREATE TABLE licences (no TEXT, at TIMESTAMP)")
        made.execute("INSERT INTO licences VALUES ('1', '2026-01-01')")
        made.commit()
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": f"sqlite:///{tmp_path / 'front.db'}"}))
    source = {"connector": "database", "connection": "front", "table": "licences"}
    state = kept({**source, "incremental": {"column": "at", "overlap": "5m"}}, tmp_path)
    assert validate_connector_state("x.y", "database", state) == state


@pytest.mark.parametrize(
    ("connector", "state"),
    [
        ("arcgis", {"edited_ms": "yesterday"}),
        ("arcgis", {"edited_ms": True}),
        ("ckan", {"_id": 5}),
        ("database", {"since": ["2026"]}),
        ("http", {"etag": 5}),
        ("ngsi_ld", {"since": "2026-01-01"}),
        ("openaq", {"end": "2026-01-01"}),
        ("sensorthings", {"latest": {"1": 5}}),
        ("sensorthings", {"latest": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_state_of_another_shape_is_refused(connector: str, state: dict[str, Any]) -> None:
    with pytest.raises(CitylakeError) as refused:
        validate_connector_state("x.y", connector, state)
    assert refused.value.code == "STATE_MISSHAPEN"


def test_an_empty_state_begins_anew_everywhere() -> None:
    assert all(
        validate_connector_state("x.y", name, {}) == {}
        for name in (*SOURCES, "files", "database", "ngsi_ld", "rest_paged")
    )
