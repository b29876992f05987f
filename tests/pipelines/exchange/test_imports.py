"""Contracts out of packages and documents: what another system describes keeps its names, types and keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from citylake.pipelines.exchange.exported_files import ExportFolder
from citylake.pipelines.exchange.frictionless_draft import draft_package
from citylake.pipelines.exchange.frictionless_package import write_package
from citylake.pipelines.exchange.import_contracts import import_contracts
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.read_description import read_description, recognise_description
from citylake.pipelines.exchange.receiver import Receiver
from citylake.pipelines.exchange.staged_data import staged_dataset, staged_mart
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.exchange.conftest import ExchangeCity


def test_a_package_keeps_names_types_and_keys_and_its_draft_is_a_contract(
    exchange_city: ExchangeCity, tmp_path: Path
) -> None:
    registry = exchange_city.registry
    contract = registry.contracts["air.readings"]
    with staged_dataset(exchange_city.request(), contract) as staged:
        file = write_package(staged, ExportFolder(tmp_path), contract.dataset, "Asia/Shanghai", Iris())
    (draft,) = draft_package(read_description(file), file, registry, None)
    assert {each.name: each.bound.id for each in draft.fields if each.bound} == dict(registry.columns(contract))
    assert all(each.bound and each.type == each.bound.type for each in draft.fields)
    assert draft.key == contract.write.key
    (imported,) = import_contracts(file, registry)
    made = Contract.model_validate(yaml.safe_load(imported.text))
    assert (made.dataset, made.owner.department) == ("air.readings", "生态环境局")
    assert dict(registry.columns(made)) == dict(registry.columns(contract))
    assert made.write.key == contract.write.key


def test_every_field_of_a_mart_is_bound_or_listed(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    with staged_mart(exchange_city.request(), exchange_city.registry.marts["air"]) as staged:
        file = write_package(staged, ExportFolder(tmp_path), "air", "Asia/Shanghai", Iris())
    (imported,) = import_contracts(file, exchange_city.registry)
    made = yaml.safe_load(imported.text)
    assert made["ignore"] == ["readings"]
    assert made["write"] == {"mode": "upsert", "key": ["station_code", "day"]}


def test_tokens_of_another_lake_are_not_bound(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    contract = exchange_city.registry.contracts["social.persons"]
    with staged_dataset(exchange_city.request(Receiver("市人力社保局")), contract) as staged:
        file = write_package(staged, ExportFolder(tmp_path), contract.dataset, "Asia/Shanghai", Iris())
    made = yaml.safe_load(import_contracts(file, exchange_city.registry)[0].text)
    assert made["ignore"] == ["certificate_no", "person_name"]
    assert made["write"] == {"mode": "append"}


def test_a_package_of_another_system_is_a_draft(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    fields = [
        {"name": "编号", "type": "integer", "constraints": {"required": True}},
        {"name": "When", "type": "datetime", "format": "%d/%m/%Y %H:%M"},
        {"name": "pm25", "type": "number", "title": "细颗粒物浓度"},
    ]
    schema = {"fields": fields, "primaryKey": "编号", "missingValues": ["", "-999"]}
    resource = {"name": "Readings 2026", "path": "../out.csv", "schema": schema, "dialect": {"delimiter": ";"}}
    file = tmp_path / "datapackage.json"
    file.write_text(json.dumps({"name": "other", "resources": [resource]}), encoding="utf-8")
    assert recognise_description(file) == "frictionless"
    (draft,) = draft_package(read_description(file), file, exchange_city.registry, "air.other")
    assert [(each.name, each.type, each.required) for each in draft.fields] == [
        ("编号", "integer", True),
        ("When", "datetime", False),
        ("pm25", "decimal", False),
    ]
    (imported,) = import_contracts(file, exchange_city.registry, "air.other")
    made = yaml.safe_load(imported.text)
    assert (made["fields"], made["sentinels"]) == ({}, ["-999"])
    assert made["source"]["path"] == "TODO"
    assert "air.pm25" in imported.text


@pytest.mark.parametrize("text", ["[1, 2]", "{", "kind: [", "resources: [{name: a}]", "name: x", "kind: DataContract"])
def test_other_documents_are_refused(exchange_city: ExchangeCity, tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CitylakeError) as raised:
        import_contracts(file, exchange_city.registry)
    assert raised.value.code == "IMPORT_UNREADABLE"


def test_a_name_that_is_no_id_must_be_given(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    file = tmp_path / "a.odcs.yaml"
    words = {"kind": "DataContract", "apiVersion": "v3.1.0", "id": "1", "version": "1", "status": "active"}
    properties = [{"name": "a", "logicalType": "number", "primaryKey": True}]
    file.write_text(
        yaml.safe_dump({**words, "schema": [{"name": "My Table", "properties": properties}]}), encoding="utf-8"
    )
    assert recognise_description(file) == "odcs"
    with pytest.raises(CitylakeError) as raised:
        import_contracts(file, exchange_city.registry)
    assert raised.value.code == "IMPORT_NEEDS_DATASET"
    (imported,) = import_contracts(file, exchange_city.registry, "my.table")
    assert yaml.safe_load(imported.text)["ignore"] == ["a"]
