"""``citylake run`` tells a collector of each dataset and mart, and does not depend on it."""

from __future__ import annotations

import json
import time
from typing import Any

import attr
import pytest
from openlineage.client import event_v2, facet_v2
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    data_quality_assertions_dataset,
    data_quality_metrics_dataset,
    dataset_version_dataset,
    datasource_dataset,
    documentation_dataset,
    lifecycle_state_change_dataset,
    output_statistics_output_dataset,
    ownership_dataset,
    schema_dataset,
)

from citylake.pipelines.lineage import event_emitter
from tests.loopback import Reply
from tests.pipelines.lineage.conftest import Event, Town

BAD = "时间,设备,流量\n2026-03-02 08:00,JT0000000001,x\n2026-03-02 09:00,JT0000000001,y\n"
FACETS: dict[str, type[Any]] = {
    "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet,
    "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet,
    "dataQualityMetrics": data_quality_metrics_dataset.DataQualityMetricsDatasetFacet,
    "dataSource": datasource_dataset.DatasourceDatasetFacet,
    "documentation": documentation_dataset.DocumentationDatasetFacet,
    "lifecycleStateChange": lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet,
    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
    "ownership": ownership_dataset.OwnershipDatasetFacet,
    "schema": schema_dataset.SchemaDatasetFacet,
    "version": dataset_version_dataset.DatasetVersionDatasetFacet,
}


def columns(dataset: Event) -> dict[str, list[tuple[str, str, str, str]]]:
    """By column: the field's dataset, the field, and the type and subtype of each way."""
    return {
        column: [
            (one["name"], one["field"], way["type"], way["subtype"])
            for one in made["inputFields"]
            for way in one["transformations"]
        ]
        for column, made in dataset["facets"]["columnLineage"]["fields"].items()
    }


def test_each_dataset_and_mart_begins_and_ends_once(town: Town) -> None:
    assert town.run() == 0
    told = [(event["job"]["namespace"], event["job"]["name"], event["eventType"]) for event in town.events]
    assert told == [
        ("citylake", "dataset.traffic.counts", "START"),
        ("citylake", "dataset.traffic.counts", "COMPLETE"),
        ("citylake", "mart.traffic", "START"),
        ("citylake", "mart.traffic", "COMPLETE"),
    ]
    assert len({event["run"]["runId"] for event in town.of("mart.traffic")}) == 1
    assert len({event["run"]["runId"] for event in town.events}) == 2
    assert {asked.path for asked in town.collector.asked} == {"/api/v1/lineage"}


def test_a_commit_tells_the_standard_table_with_all_that_is_known_of_it(town: Town) -> None:
    town.run()
    event = town.of("dataset.traffic.counts")[-1]
    (source,), (standard, refused) = event["inputs"], event["outputs"]
    folder, lake = str(town.root / "files"), f"{town.root}/lake"
    assert (source["namespace"], source["name"]) == ("file", folder)
    assert [field["name"] for field in source["facets"]["schema"]["fields"]] == ["时间", "设备", "流量"]
    assert (standard["namespace"], standard["name"]) == ("file", f"{lake}/standard/traffic.counts")
    assert columns(standard) == {
        "hour_start": [(folder, "时间", "DIRECT", "TRANSFORMATION")],
        "device_code": [(folder, "设备", "DIRECT", "IDENTITY")],
        "flow_veh": [(folder, "流量", "DIRECT", "IDENTITY")],
        "_day": [(folder, "时间", "DIRECT", "TRANSFORMATION")],
    }
    facets = standard["facets"]
    flow = next(field for field in facets["schema"]["fields"] if field["name"] == "flow_veh")
    assert (flow["type"], flow["description"]) == ("BIGINT", "交通流量 / traffic flow")
    assert facets["ownership"]["owners"] == [{"name": "市交通运输局", "type": "DEPARTMENT"}]
    assert facets["version"]["datasetVersion"] == "1"
    assert facets["lifecycleStateChange"]["lifecycleStateChange"] == "CREATE"
    assert facets["documentation"]["description"] == "流量 / counts"
    assert facets["dataQualityMetrics"]["rowCount"] == 2
    checks = {one["name"]: one["success"] for one in facets["dataQualityAssertions"]["assertions"]}
    assert {"quarantine_share": True, "rows.staged": True}.items() <= checks.items()
    assert all(checks.values())
    assert standard["outputFacets"]["outputStatistics"]["rowCount"] == 2
    assert refused["name"] == f"{lake}/quarantine/traffic.counts"
    assert refused["outputFacets"]["outputStatistics"]["rowCount"] == 0


def test_a_build_tells_the_mart_by_its_sql_with_the_versions_that_it_read(town: Town) -> None:
    town.run()
    event = town.of("mart.traffic")[-1]
    (read,), (day, published) = event["inputs"], event["outputs"]
    standard = f"{town.root}/lake/standard/traffic.counts"
    assert (read["name"], read["facets"]["version"]["datasetVersion"]) == (standard, "1")
    assert day["name"] == f"{town.root}/lake/curated/traffic/day"
    assert columns(day) == {
        "day": [(standard, "_day", "DIRECT", "IDENTITY")],
        "flow_veh": [(standard, "flow_veh", "DIRECT", "AGGREGATION")],
    }
    (grouped,) = day["facets"]["columnLineage"]["dataset"]
    assert (grouped["field"], grouped["transformations"][0]["subtype"]) == ("_day", "GROUP_BY")
    judged = {one["name"]: one.get("column") for one in day["facets"]["dataQualityAssertions"]["assertions"]}
    assert judged == {"unique(day)": "day", "not_null(day)": "day"}
    assert published["name"] == f"{town.root}/lake/marts/traffic"
    (file,) = (town.root / "lake/marts/traffic").glob("traffic-*.duckdb")
    assert published["facets"]["version"]["datasetVersion"] in file.name
    assert event["job"]["facets"]["sql"]["query"].startswith("SELECT _day AS day")


def test_a_run_without_news_keeps_the_edges_and_claims_no_rows(town: Town) -> None:
    town.run()
    before = town.of("dataset.traffic.counts")[-1]
    town.run()
    again = town.of("dataset.traffic.counts")[-1]
    assert again["eventType"] == "COMPLETE"
    assert again["run"]["runId"] != before["run"]["runId"]
    assert columns(again["outputs"][0]) == columns(before["outputs"][0])
    assert again["outputs"][0]["outputFacets"] == {}
    assert "version" not in again["outputs"][0]["facets"]


def test_a_held_batch_is_a_failure_that_says_which_check_and_why(town: Town) -> None:
    town.run()
    town.drop("b.csv", BAD)
    assert town.run() == 2
    event = town.of("dataset.traffic.counts")[-1]
    assert event["eventType"] == "FAIL"
    assertions = event["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"]
    (share,) = (one for one in assertions if one["name"] == "quarantine_share")
    assert (share["success"], share["severity"], share["actual"]) == (False, "error", "100.00%")
    assert "were quarantined" in event["run"]["facets"]["errorMessage"]["message"]
    assert "隔离" in event["run"]["facets"]["errorMessage"]["message"]


def test_every_event_is_one_that_openlineages_own_classes_take(town: Town) -> None:
    town.run()
    town.drop("b.csv", BAD)
    town.run()
    assert len(town.events) == 8
    for event in town.events:
        assert event["schemaURL"].endswith("OpenLineage.json#/$defs/RunEvent")
        assert event["producer"].startswith("urn:citylake:")
        run, job = event_v2.Run(event["run"]["runId"]), event_v2.Job(event["job"]["namespace"], event["job"]["name"])
        event_v2.RunEvent(
            eventTime=event["eventTime"], run=run, job=job, eventType=event_v2.RunState(event["eventType"])
        )
        for dataset in (*event["inputs"], *event["outputs"]):
            found = {**dataset["facets"], **dataset.get("inputFacets", {}), **dataset.get("outputFacets", {})}
            for name, facet in found.items():
                _accepted(FACETS[name], facet)


def _accepted(kind: type[Any], facet: Event) -> None:
    """The class takes exactly these members, and names the same schema."""
    told = {name: value for name, value in facet.items() if not name.startswith("_")}
    known = {field.name for field in attr.fields(kind)}
    assert told.keys() <= known
    made = kind(**told)
    assert isinstance(made, facet_v2.BaseFacet)
    assert facet["_schemaURL"] == made._schemaURL
    assert facet["_producer"].startswith("urn:citylake:")


def test_no_secret_of_a_connection_or_an_address_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s3cret-of-nobody"
    monkeypatch.setenv("CITYLAKE_CONN_COUNTS", json.dumps({"token": secret}))
    contract = town.root / "workspace/datasets/traffic/counts.yaml"
    source = '{connector: http, url: "${SERVICE}", connection: counts, format: csv, attempts: 1}'
    text = contract.read_text(encoding="utf-8")
    old = '{connector: files, path: "${COUNTS}/*.csv", format: csv}'
    contract.write_text(text.replace(old, source), encoding="utf-8")
    served = town.collector.url.removeprefix("http://")
    monkeypatch.setenv("SERVICE", f"http://{served}/{secret}/counts.csv?key={secret}")
    town.collector.answer = lambda asked: Reply({}, status=404 if "counts" in asked.path else 201)
    town.run()
    ends = [asked.body for asked in town.collector.asked if asked.path == "/api/v1/lineage"]
    (failed,) = (event for event in ends if event["eventType"] == "FAIL" and event["job"]["name"].startswith("dataset"))
    assert failed["inputs"][0]["name"] == "/***/counts.csv"
    assert failed["run"]["facets"]["errorMessage"]["message"]
    assert secret not in json.dumps(ends)


def test_nothing_is_told_where_nobody_asked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENLINEAGE_URL")
    assert town.run() == 0
    monkeypatch.setenv("OPENLINEAGE_URL", town.collector.url)
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    assert town.run() == 0
    assert town.events == []


def test_a_configuration_file_is_followed_as_openlineage_does(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENLINEAGE_URL")
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "lanhai")
    transport = f"transport: {{type: http, url: '{town.collector.url}', endpoint: collect}}\n"
    (town.root / "openlineage.yml").write_text(transport, encoding="utf-8")
    assert town.run() == 0
    assert {asked.path for asked in town.collector.asked} == {"/collect"}
    assert {event["job"]["namespace"] for event in town.events} == {"lanhai"}


def test_a_collector_that_is_not_there_is_warned_of_once_and_stops_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", "http://user:s3cret@127.0.0.1:9")
    start = time.monotonic()
    assert town.run() == 0
    assert time.monotonic() - start < 30
    told = capsys.readouterr().err
    assert told.count("Lineage could not be sent") == 1
    assert "s3cret" not in told


def test_a_collector_that_never_answers_is_waited_for_a_little(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(event_emitter, "FLUSH_TIMEOUT_S", 0.2)
    monkeypatch.setattr(event_emitter, "_TIMEOUT_S", 1.0)

    def slow(asked: Any) -> Reply:
        time.sleep(2)
        return Reply({}, status=201)

    town.collector.answer = slow
    assert town.run() == 0
    assert capsys.readouterr().err.count("Lineage could not be sent") == 1


def test_a_collector_that_refuses_is_not_asked_again(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.collector.answer = lambda asked: Reply({"error": "no"}, status=403)
    assert town.run() == 0
    assert len(town.collector.asked) == 1
    assert "403" in capsys.readouterr().err
