"""Drafts of contracts out of a Frictionless Data Package, version 1 or 2: one for each tabular resource."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from citylake.pipelines.exchange.contract_draft import TODO, ContractDraft, DraftField
from citylake.pipelines.exchange.frictionless_package import ELEMENT_KEY, KIND_KEY, PROTECTION_KEY, UNIT_KEY
from citylake.pipelines.exchange.read_description import dataset_id
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.element import ElementType
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

_TYPES: Final[Mapping[str, ElementType]] = {
    "string": "string", "integer": "integer", "number": "decimal", "date": "date", "datetime": "datetime",
    "time": "time", "boolean": "boolean", "year": "string", "yearmonth": "string",
}  # fmt: skip
_FILES: Final = {"csv": "csv", "tsv": "csv", "json": "json", "xlsx": "xlsx", "parquet": "parquet"}


def draft_package(
    document: Mapping[str, Any], file: Path, registry: Registry, dataset: str | None
) -> list[ContractDraft]:
    """The drafts. Raises IMPORT_UNREADABLE and IMPORT_NEEDS_DATASET."""
    resources = [each for each in document.get("resources", ()) if isinstance(each, dict)]
    tabular = [each for each in resources if isinstance(each.get("schema"), dict) and each["schema"].get("fields")]
    if not tabular:
        raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why="no resource has a schema with fields")
    single = len(tabular) == 1
    names = (document.get("name"),) if single else ()
    return [
        _draft(each, document, file, registry, dataset_id(dataset if single else None, each.get("name"), *names))
        for each in tabular
    ]


def _draft(
    resource: Mapping[str, Any], document: Mapping[str, Any], file: Path, registry: Registry, dataset: str
) -> ContractDraft:
    schema = resource["schema"]
    key = schema.get("primaryKey") or ()
    zh = str(resource.get("title") or dataset)
    return ContractDraft(
        dataset,
        LocalizedText(zh=zh, en=str(resource.get("description") or zh)),
        tuple(_field(each, registry) for each in schema["fields"] if isinstance(each, dict)),
        (key,) if isinstance(key, str) else tuple(key),
        _publisher(document),
        source=_source(resource, file),
        sentinels=tuple(each for each in _missing(schema) if each),
    )


def _field(found: Mapping[str, Any], registry: Registry) -> DraftField:
    constraints = found.get("constraints")
    form = found.get("format")
    return DraftField(
        str(found.get("name", "")),
        found.get(KIND_KEY) or _TYPES.get(str(found.get("type", ""))),
        str(found.get("title") or ""),
        found.get(UNIT_KEY),
        registry.elements.get(str(found.get(ELEMENT_KEY, ""))),
        bool(constraints.get("required")) if isinstance(constraints, dict) else False,
        str(form) if form and "%" in str(form) else None,
        str(found.get(PROTECTION_KEY) or ""),
    )


def _source(resource: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """The file of the resource, beside the package; TODO if it is at an address, in parts or within the package."""
    path = resource.get("path")
    form = _FILES.get(str(resource.get("format") or Path(str(path)).suffix.lstrip(".")).lower(), "csv")
    if not isinstance(path, str) or "://" in path or Path(path).is_absolute() or ".." in Path(path).parts:
        return {"connector": "files", "path": TODO, "format": form}
    where = str(file.resolve().parent / path)
    words = _layout(resource) if form == "csv" else {}
    return {"connector": "files", "path": where, "format": {"type": form, **words} if words else form}


def _layout(resource: Mapping[str, Any]) -> dict[str, Any]:
    dialect = resource.get("dialect")
    dialect = dialect.get("csv", dialect) if isinstance(dialect, dict) else {}
    words = {"encoding": resource.get("encoding"), "delimiter": dialect.get("delimiter")}
    usual = {"encoding": "utf-8", "delimiter": ","}
    return {key: value for key, value in words.items() if value and value != usual[key]}


def _missing(schema: Mapping[str, Any]) -> list[str]:
    given = schema.get("missingValues") or [""]
    return [str(each.get("value", "")) if isinstance(each, dict) else str(each) for each in given]


def _publisher(document: Mapping[str, Any]) -> str:
    for each in document.get("contributors") or ():
        roles = each.get("roles") or [each.get("role")] if isinstance(each, dict) else []
        if "publisher" in roles:
            return str(each.get("title") or TODO)
    return TODO
