"""Recorded answers of a FROST server (British Geological Survey)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

NAME = "water.observed"
TIME = {"format": "%Y-%m-%dT%H:%M:%S%.fZ", "zone": "UTC"}
CODE = {"@iot.id": {"element": "facility.code", "required": True}}


@pytest.fixture
def recorded(data: Path) -> Path:
    return data / "api/sensorthings"


@pytest.fixture
def take(trial: Any) -> Any:
    """``take(source, fields)``: one run over a source."""

    def run(source: dict[str, Any], fields: dict[str, Any]) -> Any:
        contract = {
            "dataset": NAME,
            "title": {"zh": "观测", "en": "observed"},
            "owner": {"department": "test"},
            "source": source,
            "fields": {**CODE, **fields},
            "write": {"mode": "upsert", "key": ["facility_code"]},
        }
        trial.declare("datasets/water/observed", contract)
        return trial.run()

    return run


def datastreams(recorded: Path) -> list[dict[str, Any]]:
    by_feature = json.loads((recorded / "datastreamsByFeatureFixture_DERIVED.json").read_bytes())
    return [each for found in by_feature.values() for each in found]


def raw(trial: Any) -> pl.DataFrame:
    (receipt,) = trial.receipts(NAME)
    return pl.read_parquet(f"{trial.lake.raw(NAME, receipt['id'])}/*.parquet").sort("_part", "_row")


def test_101_observations_not_in_the_order_of_time_are_all_there(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    told = json.loads((recorded / "observationsDataFixtureRealExample_DERIVED.json").read_bytes())
    city.answer = lambda asked: reply({"@iot.count": 101, "value": told})
    source = {"connector": "sensorthings", "url": f"{city.url}/FROST-Server/v1.1", "datastreams": [1]}
    outcome = take(source, {"phenomenonTime.start": {"element": "time.observed_at", **TIME}})
    (receipt,) = trial.receipts(NAME)
    assert (outcome.exit_code, receipt["declared_count"], receipt["stored_count"]) == (0, 101, 101)
    times = [each["phenomenonTime"] for each in told]
    assert times != sorted(times)
    assert raw(trial)["phenomenonTime"].to_list() == raw(trial)["phenomenonTime.end"].to_list() == times
    assert raw(trial)["result"].to_list() == [str(each["result"]) for each in told]
    latest = trial.ledger.states(NAME)["Observations"]["latest"]["1"]
    assert latest == f"{max(times)[:19]}Z"


def test_18432_are_declared_and_the_link_leads_to_the_real_server_so_it_is_incomplete(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    body = (recorded / "observationsRawDataResponseFixture_DERIVED.json").read_bytes()
    city.answer = lambda asked: reply(body)
    source = {"connector": "sensorthings", "url": f"{city.url}/FROST-Server/v1.1", "datastreams": [1]}
    outcome = take(source, {})
    (receipt,) = trial.receipts(NAME)
    assert (outcome.exit_code, receipt["status"]) == (2, "incomplete")
    assert (receipt["declared_count"], receipt["stored_count"]) == (18_432, 3)
    assert "sensors.bgs.ac.uk" in str(trial.dataset(outcome, NAME)["problems"])
    assert [Path(path).read_bytes() for path in receipt["landing"]] == [body]


def test_a_rebased_link_asks_this_server_for_the_next_500(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    body = json.loads((recorded / "observationsRawDataResponseFixture_DERIVED.json").read_bytes())
    rest = {"@iot.count": 18_432, "value": []}
    city.answer = lambda asked: reply(rest if asked.params.get("$skip") == "500" else body)
    url = f"{city.url}/open/sta/v1.1"
    take({"connector": "sensorthings", "url": url, "datastreams": [1], "links": "rebase"}, {})
    asked = city.asked[-1]
    assert asked.path == "/open/sta/v1.1/Datastreams(1)/Observations"
    assert asked.params["$filter"] == "(year(phenomenonTime) eq 2023)"
    (receipt,) = trial.receipts(NAME)
    assert (receipt["status"], receipt["declared_count"], receipt["stored_count"]) == ("incomplete", 18_432, 3)


def test_102_datastreams_are_each_asked_for_their_observations(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    found = datastreams(recorded)
    sample = json.loads((recorded / "observationsDataFixtureMinimalExample1_DERIVED.json").read_bytes())

    def answer(asked: Any) -> Any:
        one = re.search(r"Datastreams\((\d+)\)", asked.path)
        if one is None:
            return reply({"value": [{"@iot.id": each["@iot.id"]} for each in found]})
        rows = [{**each, "@iot.id": f"{one[1]}-{each['@iot.id']}"} for each in sample]
        return reply({"@iot.count": len(rows), "value": rows})

    city.answer = answer
    source = {"connector": "sensorthings", "url": f"{city.url}/v1.1", "filter": "id gt 0", "per_second": 1000}
    assert take(source, {}).exit_code == 0
    (receipt,) = trial.receipts(NAME)
    assert (receipt["declared_count"], receipt["stored_count"], len(receipt["landing"])) == (204, 204, 102)
    assert len(trial.ledger.states(NAME)["Observations"]["latest"]) == 102


def test_the_times_of_102_datastreams_are_intervals_with_both_their_ends(
    take: Any, trial: Any, city: Any, reply: Any, recorded: Path
) -> None:
    found = datastreams(recorded)
    city.answer = lambda asked: reply({"value": found})
    form = {"type": "json", "records": "value", "intervals": ["phenomenonTime"]}
    bound = {
        "phenomenonTime.start": {"element": "time.interval_start", **TIME},
        "phenomenonTime.end": {"element": "time.interval_end", **TIME},
    }
    outcome = take({"connector": "http", "url": f"{city.url}/v1.1/Datastreams", "format": form}, bound)
    assert outcome.exit_code == 0
    table = trial.standard(NAME)
    assert len(table) == 102
    said = {str(each["@iot.id"]): each["phenomenonTime"].split("/") for each in found}
    shown = table.select(
        "facility_code", *(pl.col(f"interval_{end}").dt.strftime("%Y-%m-%dT%H:%M:%S.000Z") for end in ("start", "end"))
    )
    assert {code: [start, end] for code, start, end in shown.rows()} == said
