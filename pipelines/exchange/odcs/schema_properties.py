"""Columns as properties of an ODCS schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from citylake.pipelines.exchange.described_table import DescribedColumn, DescribedTable
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.odcs.custom_properties import CODES, ELEMENT, FORMAT, PROTECTION, TYPE, UNIT, customs
from citylake.pipelines.exchange.receiver import level_text
from citylake.pipelines.marts.make.duckdb_types import ELEMENT_DUCKDB_TYPES
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.element import DataElement, ElementType
from citylake.schemas.notation import parse_format
from citylake.schemas.words.errors import CitylakeError

_LOGICAL: Final[Mapping[ElementType, str]] = {
    "string": "string", "integer": "integer", "decimal": "number", "date": "date", "datetime": "timestamp",
    "time": "time", "boolean": "boolean", "binary": "string", "geometry": "string",
}  # fmt: skip
_TEXTS: Final = ("binary", "geometry")
_CRITICAL: Final = ("important", "core")


def schema_properties(table: DescribedTable, iris: Iris) -> list[dict[str, Any]]:
    """The properties of a table's schema, in the order of its columns."""
    return [dict(_property(each, table, iris)) for each in table.columns]


def _property(column: DescribedColumn, table: DescribedTable, iris: Iris) -> Iterator[tuple[str, Any]]:
    element = column.element if column.of is None else None
    yield "id", column.name
    yield "name", column.name
    if column.title:
        yield "businessName", column.title.zh
    if column.definition:
        yield "description", f"{column.definition.zh}\n{column.definition.en}"
    yield "logicalType", _logical_type(column)
    if physical := column.physical or (ELEMENT_DUCKDB_TYPES[column.type] if column.type else None):
        yield "physicalType", physical
    if options := dict(_options(column, element)):
        yield "logicalTypeOptions", options
    yield from _place(column.name, table)
    yield "required", column.required
    yield "classification", level_text(column.level)
    if element:
        yield from _meaning(column, element, iris)
    more = {
        UNIT: column.unit,
        TYPE: column.type,
        PROTECTION: column.protection if column.protection != "none" else None,
    }
    words = (
        {ELEMENT: f"{element.id}@{element.version}", FORMAT: element.format, CODES: element.codes} if element else {}
    )
    yield from customs(words | more).items()


def _logical_type(column: DescribedColumn) -> str:
    """The type by the standard; a document with a property of none is not valid."""
    if column.type:
        return _LOGICAL[column.type]
    kind = column.physical or ""
    return "array" if kind.endswith("]") else "object" if kind.startswith(("STRUCT", "MAP")) else "string"


def _place(name: str, table: DescribedTable) -> Iterator[tuple[str, Any]]:
    """The property's place in the key and in the partition."""
    if name in table.key:
        yield "primaryKey", True
        yield "primaryKeyPosition", table.key.index(name) + 1
    if table.partition and name == table.partition.rpartition("(")[2].rstrip(")"):
        yield "partitioned", True
        yield "partitionKeyPosition", 1


def _meaning(column: DescribedColumn, element: DataElement, iris: Iris) -> Iterator[tuple[str, Any]]:
    other = [{"synonym": element.name.en, "locale": "en"}, *({"synonym": word} for word in element.synonyms)]
    yield "synonyms", other
    url = iris.of("element", element.id)
    yield "authoritativeDefinitions", [{"url": url, "type": "businessDefinition", "description": element.name.zh}]
    if element.sensitivity.grade in _CRITICAL:
        yield "criticalDataElement", True
    if column.codes and (values := _enum(column.codes)):
        yield "enum", values


def _enum(codes: CodeList) -> list[dict[str, Any]]:
    """The values of a closed list, those of every edition; nothing of a list that a city may extend."""
    if codes.extensible:
        return []
    values = {value.code: value for value in codes.values}
    return [{"value": code, "label": value.name.zh, "description": value.name.en} for code, value in values.items()]


def _options(column: DescribedColumn, element: DataElement | None) -> Iterator[tuple[str, Any]]:
    if column.type == "datetime":
        yield from (("timezone", column.physical != "TIMESTAMP"), ("defaultTimezone", "Etc/UTC"))
    elif column.type in _TEXTS:
        yield "format", "byte"
    elif element and element.type == column.type and column.protection == "none":
        yield from _number_options(element) if column.type in ("integer", "decimal") else ()
        yield from _text_options(element) if column.type == "string" else ()


def _number_options(element: DataElement) -> Iterator[tuple[str, Any]]:
    for name, bound in zip(("minimum", "maximum"), element.range or (None, None), strict=True):
        if bound is not None:
            yield name, bound


def _text_options(element: DataElement) -> Iterator[tuple[str, Any]]:
    if element.pattern:
        yield "pattern", element.pattern
    try:
        form = parse_format(element.format) if element.format else None
    except CitylakeError:
        return
    if form and form.kind == "text" and form.max_length is not None:
        if form.min_length:
            yield "minLength", form.min_length
        yield "maxLength", form.max_length
