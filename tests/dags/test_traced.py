"""What Airflow's own OpenLineage provider tells a collector of our tasks, without any setting but where that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dags.test_run import CONTRACT, FIRST, MART, SELECT, SHORT
from tests.declared import declare_packs

SECRET = "s3cret-of-nobody"


@pytest.fixture
def workspace(tmp_path: Path) -> dict[str, str]:
    """The variables of a workspace with one dataset and one mart; one variable is a secret that nothing names."""
    files = {"datasets/counts.yaml": CONTRACT, "marts/counts/mart.yaml": MART, "marts/counts/device_day.sql": SELECT}
    declare_packs(tmp_path / "workspace")
    for name, text in files.items():
        path = tmp_path / "workspace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "counts").mkdir()
    return {
        "CITYLAKE_WORKSPACE": str(tmp_path / "workspace"),
        "CITYLAKE_LAKE": str(tmp_path / "lake"),
        "COUNTS": str(tmp_path / "counts"),
        "CITYLAKE_CONN_COUNTS": json.dumps({"token": SECRET}),
    }


def _steps(workspace: dict[str, str]) -> str:
    dataset, folder = "dataset.traffic.counts", workspace["COUNTS"]
    return json.dumps(
        [
            {"dag": dataset, "files": {f"{folder}/1.csv": FIRST}},
            {"dag": "mart.counts"},
            {"dag": dataset},
            {"dag": dataset, "files": {f"{folder}/3.csv": SHORT}},
        ]
    )


def _ends(events: list[dict[str, Any]], job: str) -> list[dict[str, Any]]:
    return [event for event in events if event["job"]["name"] == job and event["eventType"] in ("COMPLETE", "FAIL")]


def _fields(dataset: dict[str, Any]) -> dict[str, list[tuple[str, str, str, str]]]:
    return {
        column: [
            (one["namespace"], one["name"], one["field"], way["subtype"])
            for one in made["inputFields"]
            for way in one["transformations"]
        ]
        for column, made in dataset["facets"]["columnLineage"]["fields"].items()
    }


def test_the_provider_tells_the_columns_of_each_commit_and_build(
    airflow: Any, city: Any, reply: Any, workspace: dict[str, str]
) -> None:
    city.answer = lambda asked: reply({}, status=201)
    transport = {"type": "http", "url": city.url, "endpoint": "api/v1/lineage"}
    # The provider's own processes write to the log when the script's answer is printed already.
    settings = {"AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport), "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
    # The provider tells by forks of its own, of a process with threads: one that was forked itself would stop there.
    runs = airflow.alone("run_dag.py", _steps(workspace), **settings, **workspace)
    assert [run["state"] for run in runs] == ["success", "success", "success", "failed"]
    events = [asked.body for asked in city.asked]
    assert SECRET not in json.dumps(events)
    # The assets' addresses, which mean nothing outside of Airflow, are no datasets.
    assert "x-citylake" not in json.dumps([(event["inputs"], event["outputs"]) for event in events])
    first, again, held = _ends(events, "dataset.traffic.counts.commit")
    folder, lake = workspace["COUNTS"], workspace["CITYLAKE_LAKE"]
    standard = first["outputs"][0]
    assert [(one["namespace"], one["name"]) for one in first["inputs"]] == [("file", folder)]
    assert (standard["namespace"], standard["name"]) == ("file", f"{lake}/standard/traffic.counts")
    assert _fields(standard)["flow_veh"] == [("file", folder, "flow", "IDENTITY")]
    assert standard["facets"]["version"]["datasetVersion"] == "1"
    assert standard["outputFacets"]["outputStatistics"]["rowCount"] == 2
    assert first["outputs"][1]["outputFacets"]["outputStatistics"]["rowCount"] == 1
    assert _fields(again["outputs"][0]) == _fields(standard)
    assert (again["eventType"], held["eventType"]) == ("COMPLETE", "FAIL")
    judged = held["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"]
    assert {one["name"]: one["success"] for one in judged}["rows.min"] is False
    (built,) = _ends(events, "mart.counts.build")
    assert _fields(built["outputs"][0])["flow_veh"] == [
        ("file", f"{lake}/standard/traffic.counts", "flow_veh", "AGGREGATION")
    ]
    assert "sum(flow_veh)" in built["job"]["facets"]["sql"]["query"]


def test_without_the_provider_a_task_keeps_nothing_and_goes_on(airflow: Any) -> None:
    assert airflow("keep_without_provider.py") == {"seen": None}
