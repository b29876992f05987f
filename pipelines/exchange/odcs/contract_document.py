"""A dataset's contract, or a mart, as an ODCS document that the official model accepts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.exchange.authored_document import authored_document
from citylake.pipelines.exchange.described_table import (
    DescribedTable,
    describe_dataset,
    named_columns,
)
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.odcs.custom_properties import (
    AUDIENCE,
    CONTRACT,
    DATASETS,
    ENGLISH,
    SHARING,
    custom,
    customs,
)
from citylake.pipelines.exchange.odcs.promises import (
    contract_checks,
    contract_service_levels,
    mart_service_levels,
    relationships,
    table_checks,
)
from citylake.pipelines.exchange.odcs.schema_properties import schema_properties
from citylake.pipelines.exchange.receiver import (
    Disclosure,
    Receiver,
    disclosed,
    disclosed_mart,
    level_text,
    mart_contracts,
    mart_sharing,
)
from citylake.schemas.base.declaration import Declaration, LocalizedText
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.sensitivity_level import sensitivity_level
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard

API_VERSION: Final = "v3.2.0"
_VERSION_DIGITS: Final = 12


def dataset_document(
    contract: Contract, registry: Registry, receiver: Receiver, iris: Iris, lake: str = ""
) -> dict[str, Any]:
    """The contract of a dataset, as much of it as may be told; ``lake``: the lake's address, if that is to be told."""
    told, sharing = disclosed(contract, registry, receiver), dataset_sharing(contract, registry)
    head = dict(_head(contract, contract.dataset, contract.title, iris.of("dataset", contract.dataset), sharing))
    head["domain"] = contract.dataset.partition(".")[0]
    head["team"] = _team(contract, told)
    if contract.description and told != "name":
        head["description"]["usage"] = f"{contract.description.zh}\n{contract.description.en}"
    whole = [custom(CONTRACT, authored_document(contract))] if told == "whole" else []
    stated = [custom(SHARING, authored_document(sharing))] if sharing else []
    if told != "name":
        table = named_columns(describe_dataset(contract, registry), registry, receiver, contract)
        head["schema"] = [_schema_object(table, "table", contract_checks(contract), iris)]
        head["slaProperties"] = contract_service_levels(contract)
    if told == "whole" and lake:
        head["servers"] = [_server(f"{lake}/standard/{contract.dataset}")]
    return {key: value for key, value in (head | {"customProperties": [*stated, *whole]}).items() if value}


def mart_document(
    mart: Mart, tables: Mapping[str, DescribedTable], registry: Registry, receiver: Receiver, iris: Iris, file: str = ""
) -> dict[str, Any]:
    """A mart with its ``tables``; ``file``: the published one, if it is to be told."""
    told, sharing = disclosed_mart(mart, registry, receiver), mart_sharing(mart, registry)
    head = dict(_head(mart, mart.mart, mart.title, iris.of("mart", mart.mart), sharing))
    if told != "name":
        head["description"]["usage"] = f"{mart.audience.zh}\n{mart.audience.en}"
    departments = sorted({contract.owner.department for contract in mart_contracts(mart, registry)})
    words: dict[str, Any] = {
        SHARING: authored_document(sharing) if sharing else None,
        AUDIENCE: {"highest": level_text(sensitivity_level(mart.highest)), "departments": departments},
    }
    if told != "name":
        named = {name: named_columns(table, registry, receiver) for name, table in tables.items()}
        head["schema"] = [
            _schema_object(table, "table", table_checks(mart.tables[name]), iris) for name, table in named.items()
        ]
        head["slaProperties"] = mart_service_levels(mart)
    if told == "whole":
        words[DATASETS] = [each.dataset for each in mart_contracts(mart, registry)]
        head |= {"servers": [{"server": mart.mart, "type": "duckdb", "database": file}]} if file else {}
    return {key: value for key, value in (head | customs(words)).items() if value}


def official_contract(document: dict[str, Any]) -> OpenDataContractStandard:
    """The document as the official model. Raises EXCHANGE_LIBRARY_MISSING."""
    return model_class()(**document)


def model_class() -> type[OpenDataContractStandard]:
    """The official model. Raises EXCHANGE_LIBRARY_MISSING."""
    try:
        from open_data_contract_standard.model import OpenDataContractStandard
    except ImportError as error:
        raise CitylakeError("EXCHANGE_LIBRARY_MISSING", library="open-data-contract-standard") from error
    return OpenDataContractStandard


def declaration_version(declaration: Declaration) -> str:
    """A version that changes with every word of the declaration: declarations have no numbers of their own."""
    text = json.dumps(authored_document(declaration), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_VERSION_DIGITS]


def _head(
    declaration: Declaration, name: str, title: LocalizedText, iri: str, sharing: Sharing | None
) -> Iterator[tuple[str, Any]]:
    yield "kind", "DataContract"
    yield "apiVersion", API_VERSION
    yield "id", iri
    yield "version", declaration_version(declaration)
    yield "status", "active"
    yield "name", name
    yield "description", {"purpose": title.zh, **_limits(sharing), **customs({ENGLISH: title.en})}


def _limits(sharing: Sharing | None) -> dict[str, str]:
    if sharing and sharing.condition:
        return {"limitations": f"{sharing.condition.zh}\n{sharing.condition.en}"}
    return {"limitations": sharing.basis} if sharing and sharing.basis else {}


def _team(contract: Contract, told: Disclosure) -> dict[str, Any]:
    steward = contract.owner.steward if told != "name" else None
    members = [{"username": steward, "role": "data steward"}] if steward else []
    return {"name": contract.owner.department, **({"members": members} if members else {})}


def _schema_object(table: DescribedTable, kind: str, checks: list[dict[str, Any]], iris: Iris) -> dict[str, Any]:
    known = {each.name for each in table.columns}
    grain = {"dataGranularityDescription": ", ".join(table.key)} if table.key else {}
    # SQL and expectations may name a column that is not told of.
    told = [each for each in checks if each["type"] == "library"] if table.left_out else checks
    related, own = relationships(table), [each for each in told if _about(each) <= known]
    return {
        "id": table.name.replace(".", "_"),
        "name": table.name,
        "physicalType": kind,
        "logicalType": "object",
        "businessName": table.title.zh,
        "description": table.title.en,
        **grain,
        "properties": schema_properties(table, iris),
        **({"relationships": related} if related else {}),
        **({"quality": own} if own else {}),
    }


def _about(check: dict[str, Any]) -> set[str]:
    """The columns that a check of the standard's library names."""
    named = check.get("arguments", {})
    return {*named.get("properties", ()), *([named["column"]] if "column" in named else [])}


def _server(address: str) -> dict[str, Any]:
    if address.startswith("s3://"):
        return {"server": "standard", "type": "s3", "location": address, "format": "delta"}
    return {"server": "standard", "type": "local", "path": address, "format": "delta"}
