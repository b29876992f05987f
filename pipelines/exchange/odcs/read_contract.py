"""A contract out of an ODCS document: the whole one that citylake exported, or a draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from citylake.pipelines.exchange.contract_draft import TODO, ContractDraft, DraftField
from citylake.pipelines.exchange.odcs.contract_document import model_class
from citylake.pipelines.exchange.odcs.custom_properties import (
    CONTRACT,
    ELEMENT,
    ENGLISH,
    PROTECTION,
    TYPE,
    UNIT,
    ZONE,
    custom_value,
)
from citylake.pipelines.exchange.read_description import dataset_id
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, ElementType
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty

_TYPES: Final[Mapping[str, ElementType]] = {
    "string": "string", "integer": "integer", "number": "decimal", "date": "date", "timestamp": "datetime",
    "time": "time", "boolean": "boolean",
}  # fmt: skip


def read_official(document: Mapping[str, Any], file: Path) -> OpenDataContractStandard:
    """The document as the official model. Raises IMPORT_UNREADABLE and EXCHANGE_LIBRARY_MISSING."""
    try:
        return model_class()(**document)
    except (ValidationError, TypeError) as error:
        raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why=_first_fault(error)) from error


def exported_contract(official: OpenDataContractStandard, file: Path) -> Contract | None:
    """The contract that an export of citylake carries; None of other documents. Raises IMPORT_UNREADABLE."""
    words = custom_value(official.customProperties, CONTRACT)
    if words is None:
        return None
    try:
        return Contract.model_validate(words)
    except ValidationError as error:
        raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why=_first_fault(error)) from error


def draft_contracts(official: OpenDataContractStandard, registry: Registry, dataset: str | None) -> list[ContractDraft]:
    """A draft for each table of the document. Raises IMPORT_NEEDS_DATASET."""
    tables = official.schema_ or []
    single = len(tables) == 1
    names = (official.name,) if single else ()
    return [
        _draft(official, each, registry, dataset_id(dataset if single else None, each.name, *names)) for each in tables
    ]


def _draft(official: OpenDataContractStandard, table: SchemaObject, registry: Registry, dataset: str) -> ContractDraft:
    properties = table.properties or []
    fields = tuple(_field(each, registry) for each in properties)
    keyed = sorted((each for each in properties if each.primaryKey), key=lambda each: each.primaryKeyPosition or 0)
    department, steward = _owner(official)
    zh = table.businessName or table.description or dataset
    return ContractDraft(
        dataset,
        LocalizedText(zh=zh, en=_english(official) or table.description or zh),
        fields,
        tuple(each.physicalName or each.name or "" for each in keyed),
        department,
        steward,
        schedule=_schedule(official),
    )


def _field(found: SchemaProperty, registry: Registry) -> DraftField:
    own = custom_value(found.customProperties, TYPE)
    return DraftField(
        found.physicalName or found.name or "",
        own or _TYPES.get(found.logicalType or ""),
        found.businessName or found.description or "",
        custom_value(found.customProperties, UNIT),
        _element(found, registry),
        bool(found.required),
        protection=custom_value(found.customProperties, PROTECTION) or "",
    )


def _element(found: SchemaProperty, registry: Registry) -> DataElement | None:
    """The element that the document names, if the workspace has it: no likeness of names decides."""
    named = custom_value(found.customProperties, ELEMENT)
    urls = (each.url or "" for each in found.authoritativeDefinitions or ())
    ids = (str(named or "").partition("@")[0], *(_last_part(url) for url in urls))
    return next((registry.elements[each] for each in ids if each in registry.elements), None)


def _last_part(url: str) -> str:
    return url.rstrip("/").replace(":", "/").rpartition("/")[2]


def _owner(official: OpenDataContractStandard) -> tuple[str, str]:
    team: Any = official.team
    members: Iterable[Any] = team if isinstance(team, list) else (team.members or []) if team else []
    steward = next((each.username for each in members if each.username), TODO)
    return (getattr(team, "name", None) or TODO), steward


def _english(official: OpenDataContractStandard) -> str:
    return custom_value(official.description.customProperties, ENGLISH) or "" if official.description else ""


def _schedule(official: OpenDataContractStandard) -> dict[str, Any] | None:
    """The schedule, if it names its time zone: without one its hours are unknown."""
    late = next((each.value for each in official.slaProperties or () if each.property == "lateDays"), None)
    for each in official.slaProperties or ():
        zone = custom_value(each.customProperties, ZONE)
        if each.scheduler == "cron" and each.schedule and zone:
            return {"cron": each.schedule, "timezone": zone, **({"late_days": late} if late else {})}
    return None


def _first_fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)
