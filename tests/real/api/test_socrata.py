"""Recorded answers of New York's portal: the bicycle counters, as JSON and as CSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.real.api.recorded import answering, recordings

COUNTERS = {
    "title": {"zh": "自行车计数", "en": "bicycle counts"},
    "owner": {"department": "test"},
    "ignore": [":id", "countid", "status"],
    "fields": {
        "id": {"element": "traffic.device_code", "required": True},
        "date": {"element": "time.observed_at", "format": "%Y-%m-%dT%H:%M:%S%.3f", "zone": "America/New_York"},
        "counts": {"element": "traffic.flow"},
    },
    "write": {"mode": "append"},
}


@pytest.fixture
def recorded(data: Path) -> Path:
    return data / "api/socrata"


def declare(trial: Any, name: str, source: dict[str, Any]) -> None:
    trial.declare(f"datasets/{name.replace('.', '/')}", {**COUNTERS, "dataset": name, "source": source})


def counted(answer: Any, reply: Any, total: int) -> Any:
    """The recorded pages, and the count that nobody recorded."""
    return lambda asked: reply([{"n": str(total)}]) if "count" in asked.params.get("$select", "") else answer(asked)


def rows(trial: Any, name: str) -> pl.DataFrame:
    frame: pl.DataFrame = trial.standard(name).select(pl.exclude("^_.*$"))
    return frame.sort(frame.columns)


def test_the_json_and_the_csv_answer_hold_the_same_thousand_rows(
    trial: Any, recorded: Path, city: Any, reply: Any
) -> None:
    found = [*recordings(recorded / "test_get.yaml"), *recordings(recorded / "test_get_csv.yaml")]
    city.answer = counted(answering(found, reply), reply, 1000)
    types = dict.fromkeys(("countid", "id", "counts", "status"), "number") | {"date": "floating_timestamp"}
    source = {"connector": "socrata", "url": city.url, "dataset": "uczf-rk3c"}
    declare(trial, "bikes.by_json", {**source, "format": {"type": "portal", "types": types}})
    declare(trial, "bikes.by_csv", {"connector": "http", "url": f"{city.url}/resource/uczf-rk3c.csv", "format": "csv"})
    outcome = trial.run()
    assert outcome.exit_code == 0
    by_json, by_csv = rows(trial, "bikes.by_json"), rows(trial, "bikes.by_csv")
    assert by_json.height == 1000
    assert by_json.equals(by_csv)
    assert trial.dataset(outcome, "bikes.by_json")["problems"] == []


def test_two_recorded_pages_are_two_thousand_rows(trial: Any, recorded: Path, city: Any, reply: Any) -> None:
    first, second = recordings(recorded / "test_get_all.yaml")

    def pages(asked: Any) -> Any:
        page = second if asked.params.get("$offset") == "1000" else first
        return reply(page.body, headers=page.headers)

    city.answer = counted(pages, reply, 2000)
    declare(trial, "bikes.paged", {"connector": "socrata", "url": city.url, "dataset": "uczf-rk3c", "size": 1000})
    assert trial.run().exit_code == 0
    (receipt,) = trial.receipts("bikes.paged")
    assert (receipt["declared_count"], receipt["stored_count"]) == (2000, 2000)
    assert rows(trial, "bikes.paged").height == 2000


def test_a_dataset_that_is_missing_is_told_in_the_portals_words(
    trial: Any, recorded: Path, city: Any, reply: Any
) -> None:
    (missing,) = recordings(recorded / "test_get_missing.yaml")
    city.answer = lambda asked: reply(missing.body, missing.status, missing.headers)
    declare(trial, "bikes.gone", {"connector": "socrata", "url": city.url, "dataset": "gone-gone"})
    assert trial.run().exit_code == 2
    (receipt,) = trial.receipts("bikes.gone")
    problem = json.loads(receipt["problems"])[0]
    assert (problem["code"], problem["values"]["status"]) == ("HTTP_REFUSED", 404)
    assert problem["values"]["message"] == "dataset.missing: Not found"
