"""Documents of ODCS: valid by the official schema and model, and contracts come back out of them as they were."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import Phase, given, settings
from open_data_contract_standard.model import OpenDataContractStandard

from citylake.pipelines.exchange.authored_document import authored_document
from citylake.pipelines.exchange.described_table import DescribedTable
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.mart_types import MartTables, mart_tables
from citylake.pipelines.exchange.odcs.contract_document import dataset_document, mart_document, official_contract
from citylake.pipelines.exchange.odcs.read_contract import draft_contracts, exported_contract, read_official
from citylake.pipelines.exchange.receiver import Receiver
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.errors import CitylakeError
from tests.random_workspaces import RandomWorkspace, workspaces
from tests.thorough import examples

ROOT = Path(__file__).parents[3]
WORKSPACES = ("demo", "chicago", "singapore")
FILE = Path("contract.odcs.yaml")


@cache
def _registry(name: str) -> Registry:
    return load_registry(ROOT / "workspaces" / name)


CONTRACTS = [(name, dataset) for name in WORKSPACES for dataset in _registry(name).contracts]


@cache
def _validator() -> Any:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


def _faults(document: dict[str, Any]) -> list[str]:
    return [f"{list(each.absolute_path)}: {each.message[:200]}" for each in _validator().iter_errors(document)]


def _parsed(document: dict[str, Any]) -> OpenDataContractStandard:
    """The document after it was written and read by the official model, which lost nothing of it."""
    official = official_contract(document)
    text = official.to_yaml()
    assert yaml.safe_load(text) == document
    again = OpenDataContractStandard.from_string(text)
    assert again == official
    return again


@pytest.mark.parametrize(("workspace", "dataset"), CONTRACTS)
def test_a_contract_comes_back_whole_with_its_fingerprint(workspace: str, dataset: str) -> None:
    registry = _registry(workspace)
    contract = registry.contracts[dataset]
    document = dataset_document(contract, registry, Receiver(), Iris(), "lake")
    assert _faults(document) == []
    found = exported_contract(_parsed(document), FILE)
    assert found == contract
    assert contract_fingerprint(found, registry) == contract_fingerprint(contract, registry)


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_marts_are_valid_documents(workspace: str) -> None:
    registry = _registry(workspace)
    with mart_tables(registry) as tables:
        for mart in registry.marts.values():
            document = mart_document(mart, tables.describe(mart), registry, Receiver(), Iris(), "air.duckdb")
            assert _faults(document) == []
            assert [each.name for each in _parsed(document).schema_ or ()] == [
                f"{mart.mart}.{name}" for name in mart.tables
            ]


@settings(deadline=None, max_examples=examples(4, 8), phases=[Phase.explicit, Phase.generate])
@given(workspaces())
def test_random_contracts_and_marts_are_valid_and_come_back(made: RandomWorkspace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        registry = load_registry(made.write(Path(folder)))
        for contract in registry.contracts.values():
            document = dataset_document(contract, registry, Receiver(), Iris("https://data.example/"), "s3://city/lake")
            assert _faults(document) == []
            assert exported_contract(_parsed(document), FILE) == contract
        with mart_tables(registry) as tables:
            for mart in registry.marts.values():
                described = _described(tables, mart)
                if described:
                    document = mart_document(mart, described, registry, Receiver(), Iris())
                    assert _faults(document) == []
                    _parsed(document)


def _described(tables: MartTables, mart: Mart) -> dict[str, DescribedTable]:
    """The tables of a mart; none if its SQL does not hold, which an export refuses."""
    try:
        return tables.describe(mart)
    except CitylakeError as error:
        if error.code not in ("EXPORT_MART_UNBOUND", "MART_TABLE_UNKNOWN"):
            raise
        return {}


def test_words_that_no_fingerprint_has_come_back_too() -> None:
    registry = _registry("demo")
    contract = registry.contracts["traffic.detector_flow"]
    words = {
        "sharing": {"class": "conditional", "condition": {"zh": "限", "en": "limited"}},
        "seal": False,
    }
    changed = Contract.model_validate({**authored_document(contract), **words})
    assert changed.model_dump() == contract.model_dump()
    assert changed != contract
    document = dataset_document(changed, registry, Receiver(contract.owner.department), Iris())
    assert exported_contract(_parsed(document), FILE) == changed
    assert "限" in str(document["description"]["limitations"])


def test_a_document_says_what_the_contract_promises() -> None:
    registry = _registry("demo")
    document = dataset_document(registry.contracts["traffic.detector_flow"], registry, Receiver(), Iris(), "lake")
    table = document["schema"][0]
    speed = next(each for each in table["properties"] if each["name"] == "mean_speed_kmh")
    assert (speed["logicalType"], speed["physicalType"]) == ("number", "DOUBLE")
    assert speed["businessName"] == "平均行程速度"
    assert speed["authoritativeDefinitions"][0]["url"] == "urn:citylake:element:traffic.mean_speed"
    assert {"property": "citylakeUnit", "value": "km/h", "vendor": "citylake"} in speed["customProperties"]
    keyed = [each["name"] for each in table["properties"] if each.get("primaryKey")]
    assert sorted(keyed) == sorted(registry.contracts["traffic.detector_flow"].write.key)
    assert document["team"]["name"] == registry.contracts["traffic.detector_flow"].owner.department
    levels = {each["property"]: each["value"] for each in document["slaProperties"]}
    assert levels["frequency"] == registry.contracts["traffic.detector_flow"].schedule.cron  # type: ignore[union-attr]
    assert document["servers"] == [
        {"server": "standard", "type": "local", "path": "lake/standard/traffic.detector_flow", "format": "delta"}
    ]


def test_without_the_whole_contract_a_draft_keeps_names_types_and_keys() -> None:
    registry = _registry("demo")
    contract = registry.contracts["traffic.detector_flow"]
    document = dataset_document(contract, registry, Receiver(source=False), Iris("https://data.example/registry"))
    official = _parsed(document)
    assert exported_contract(official, FILE) is None
    (draft,) = draft_contracts(official, registry, None)
    own = {each["name"]: each for each in document["schema"][0]["properties"]}
    assert [each.name for each in draft.fields] == list(own)
    assert draft.key == contract.write.key
    assert draft.dataset == contract.dataset
    assert (draft.department, draft.title) == (contract.owner.department, contract.title)
    bound = {each.name: each.bound.id for each in draft.fields if each.bound}
    assert bound == dict(registry.columns(contract))
    assert all(each.type == each.bound.type for each in draft.fields if each.bound)


def test_a_document_of_another_kind_is_refused() -> None:
    for document in ({"kind": "DataContract", "apiVersion": "v3.2.0", "colour": 1}, {"schema": [{"name": 1}]}):
        with pytest.raises(CitylakeError) as raised:
            read_official(document, FILE)
        assert raised.value.code == "IMPORT_UNREADABLE"
