"""Recorded answers of CKAN portals: a package with files, and refusals in the portal's language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.real.api.recorded import answering, recordings

NAME = "place.countries"
PACKAGE = {"connector": "ckan", "package": "dataset-example"}


@pytest.fixture
def recorded(data: Path) -> Path:
    return data / "api/ckan"


ELEMENTS = {"name": {"element": "place.region_name"}, "population": {"element": "place.population"}}


def declare(trial: Any, fields: Sequence[str] = ("name", "population"), **source: Any) -> None:
    contract = {
        "dataset": NAME,
        "title": {"zh": "国家", "en": "countries"},
        "owner": {"department": "test"},
        "source": source,
        "ignore": ["id", "neighbor_id"],
        "fields": {field: ELEMENTS[field] for field in fields},
        "write": {"mode": "append"},
    }
    trial.declare("datasets/place/countries", contract)


def receipt(trial: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    (found,) = trial.receipts(NAME)
    return found, json.loads(found["problems"])


def test_the_file_is_taken_where_the_table_is_only_a_part_of_it(
    trial: Any, recorded: Path, city: Any, reply: Any
) -> None:
    found = recordings(recorded / "test_ckan_adapter_read_data.yaml")
    city.answer = answering(found, reply, ("http://localhost:5000", city.url))
    declare(trial, url=f"{city.url}/", name="Countries CSV", format={"type": "csv", "comment": "#"}, **PACKAGE)
    outcome = trial.run()
    taken, problems = receipt(trial)
    listed = json.loads(found[0].body)["result"]["resources"][0]
    assert (taken["status"], problems, taken["size_bytes"]) == ("received", [], listed["size"])
    assert Path(taken["landing"][0]).read_bytes() == found[1].body
    # Rows 4 and 7 have a field more than the header; they alone are quarantined.
    assert trial.dataset(outcome, NAME)["problems"] == []
    refused = trial.quarantine(NAME)
    assert (refused["_row"].to_list(), refused["codes"].to_list()) == ([4, 7], [["ROW_WIDTH"], ["ROW_WIDTH"]])


def test_a_workbook_is_read_as_the_contract_says(trial: Any, recorded: Path, city: Any, reply: Any) -> None:
    found = recordings(recorded / "test_ckan_adapter_read_data_xls.yaml")
    city.answer = answering(found, reply, ("http://localhost:5000", city.url))
    declare(trial, ("name",), url=city.url, name="Table XLS", mode="file", format="xlsx", **PACKAGE)
    assert trial.run().exit_code == 0
    assert trial.standard(NAME)["region_name"].to_list() == ["english", "中国人"]


def test_a_package_that_is_not_there_is_told_in_the_portals_words(
    trial: Any, recorded: Path, city: Any, reply: Any
) -> None:
    city.answer = answering(recordings(recorded / "test_ckan_adapter_read_invalid_url.yaml"), reply)
    declare(trial, connector="ckan", url=city.url, package="no-dataset", name="x", format="csv")
    assert trial.run().exit_code == 2
    _, (problem,) = receipt(trial)
    assert problem["values"]["status"] == 404
    assert problem["values"]["message"] == "Not Found Error: Não encontrado"


def test_the_resources_of_a_large_package_are_listed_where_none_has_the_name(
    trial: Any, recorded: Path, city: Any, reply: Any
) -> None:
    (found,) = recordings(recorded / "test_ckan_adapter_read.yaml")
    city.answer = answering([found], reply)
    declare(trial, connector="ckan", url=city.url, package="bolsa-familia-pagamentos", name="x", format="csv")
    assert trial.run().exit_code == 2
    _, (problem,) = receipt(trial)
    resources = json.loads(found.body)["result"]["resources"]
    assert (problem["code"], problem["values"]["found"]) == ("RESOURCE_UNKNOWN", 0)
    assert all(resource["name"] in problem["values"]["names"] for resource in resources)
