"""The page of a data element: its definition, who uses it, in what unit, and with what quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citylake.pipelines.site.report.report_input import ReportInput
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement

_ATTRIBUTES = ("id", "symbol", "type", "format", "unit", "range", "codes", "version", "status", "steward", "source")


def used_elements(given: ReportInput) -> list[str]:
    """Return the elements that a contract or a mart uses."""
    bound = {each.element for contract in given.registry.contracts.values() for each in contract.fields.values()}
    read = {element for *_, element in _mart_columns(given)}
    return sorted((bound | read) & given.registry.elements.keys())


def element_report(given: ReportInput, element_id: str) -> dict[str, Any]:
    """Return the document of one element."""
    element = given.registry.elements[element_id]
    return {
        "lake": given.lake.url,
        "at": given.now.isoformat(),
        "element": {
            **element.model_dump(mode="json", include=set(_ATTRIBUTES)),
            "name": element.name.model_dump(),
            "definition": element.definition.model_dump(),
            "sensitivity": element.sensitivity.model_dump(),
        },
        "uses": [
            _use(given, contract, field, binding, element)
            for contract in sorted(given.registry.contracts.values(), key=lambda each: each.dataset)
            for field, binding in contract.fields.items()
            if binding.element == element_id
        ],
        "marts": [
            {"mart": mart, **given.request.mart_head(mart), "table": table, "column": column}
            for mart, table, column, element_of in _mart_columns(given)
            if element_of == element_id
        ],
    }


def _use(given: ReportInput, contract: Contract, field: str, binding: Binding, element: DataElement) -> dict[str, Any]:
    column = binding.column or element.symbol
    tables = given.tables(contract)
    profile: Mapping[str, Any] = next((each for each in tables.profile if each["column"] == column), {})
    names = {field, column, *_source_fields(binding)}
    refused = sum(each["rows"] for each in tables.waiting.reasons if each["field"] in names)
    return {
        **given.request.head(contract.dataset),
        "field": ", ".join(_source_fields(binding)) or field,
        "column": column,
        "unit": _source_unit(binding) or element.unit,
        "total": tables.volume.rows,
        "nulls": profile.get("nulls"),
        "distinct": profile.get("distinct"),
        "outside": profile.get("outside"),
        "refused": refused,
    }


def _source_fields(binding: Binding) -> tuple[str, ...]:
    return (binding.source,) if isinstance(binding.source, str) else binding.source or ()


def _source_unit(binding: Binding) -> str | None:
    if binding.unit is None or isinstance(binding.unit, str):
        return binding.unit
    return ", ".join(
        f"{name}: {value}" for name, value in binding.unit.model_dump(by_alias=True, exclude_none=True).items()
    )


def _mart_columns(given: ReportInput) -> list[tuple[str, str, str, str]]:
    return [
        (name, table, column, of.element)
        for name, mart in sorted(given.registry.marts.items())
        for table, declared in mart.tables.items()
        for column, of in declared.columns.items()
        if of.element
    ]
