"""A portal's table: JSON pages after a head that declares the columns, so that columns without values exist too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from citylake.pipelines.parse.json_reader import read_json
from citylake.pipelines.parse.read_request import ReadRequest, ReadResult, check_column_names
from citylake.schemas.model.formats import JsonFormat, PortalFormat

_OBJECT_MEMBERS = {
    "point": ("type", "coordinates.0", "coordinates.1"),
    "location": ("latitude", "longitude", "human_address"),
    "url": ("url", "description"),
    "phone": ("phone_number", "phone_type"),
}
"""Socrata's types whose values are objects, and the members that contracts bind."""
_GEOMETRY_TYPES = frozenset({"line", "polygon", "multipoint", "multiline", "multipolygon"})


def read_portal(request: ReadRequest, fmt: PortalFormat) -> ReadResult:
    """Write the pages of ``request``, whose first file is the head, as one table with every declared column."""
    records, types = _read_head(request)
    declared = tuple(_declared_columns(types))
    check_column_names(request, declared, 1)

    def write(frame: pl.LazyFrame, *held_rows: int) -> int:
        present = frame.collect_schema().names()
        absent = [pl.lit(None, pl.String).alias(name) for name in declared if name not in present]
        return request.write(frame.with_columns(absent), *held_rows)

    pages = replace(request, files=request.files[1:], write=write)
    found = read_json(pages, JsonFormat(records=records))
    _report_retyped(request, found, fmt.types, types)
    absent = (name for name in declared if name not in found.columns)
    return replace(found, columns=(*found.columns, *absent))


def _read_head(request: ReadRequest) -> tuple[str | None, Mapping[str, str]]:
    """The path of the records in a page, and the columns' types; raises JSON_NO_RECORDS if there is no head."""
    try:
        head = json.loads(request.files[0].read_bytes())
        records, types = head["records"], {str(column["name"]): str(column["type"]) for column in head["columns"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise request.fault("JSON_NO_RECORDS", path="columns", row=1) from None
    return records if records is None else str(records), types


def _declared_columns(types: Mapping[str, str]) -> Iterable[str]:
    for name, kind in types.items():
        if kind in _OBJECT_MEMBERS:
            yield from (f"{name}.{member}" for member in _OBJECT_MEMBERS[kind])
            yield from (name,) if kind == "point" else ()
        elif kind in _GEOMETRY_TYPES:
            yield from (f"{name}.type", name)
        else:
            yield name


def _report_retyped(
    request: ReadRequest, found: ReadResult, expected: Mapping[str, str], types: Mapping[str, Any]
) -> None:
    """A notice if the portal declares another type than the contract expects."""
    other = [
        f"{name}: {kind} → {types[name]}" for name, kind in expected.items() if name in types and types[name] != kind
    ]
    if other:
        found.report.add_notice("PORTAL_RETYPED", file=request.shown, columns=", ".join(other))
