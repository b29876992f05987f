"""Counts of quarantine reasons by field. Shows values of open, non-personal elements only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import polars as pl

from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.quarantine_life import IS_CLOSED
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

MAX_REASONS = 40
_MAX_EXAMPLE_LENGTH = 60


def refusals_by_field(
    lake: Lake, contract: Contract | None, dataset: str, batches: Collection[str], registry: Registry
) -> list[dict[str, Any]]:
    """Return ``code``, ``field``, ``rows`` and ``examples`` (None if not open), most rows first, up to MAX_REASONS."""
    rows = scan_lake_table(lake, lake.quarantine(dataset))
    if rows is None:
        return []
    reason = (
        rows.filter(pl.col("_batch").is_in(list(batches)) & ~IS_CLOSED)
        .select("reasons")
        .explode("reasons")
        .unnest("reasons")
    )
    # Two examples, the smallest and the largest value, because collecting distinct values needs unbounded memory.
    found = reason.group_by("code", "field").agg(pl.len().alias("rows"), pl.min("value"), pl.max("value").alias("last"))
    shown = found.sort(["rows", "code", "field"], descending=[True, False, False]).head(MAX_REASONS)
    open_to_all = _open_fields(contract, registry)
    return [
        _refusal_entry(row, open_to_all=row["field"] in open_to_all)
        for row in shown.collect(engine="streaming").to_dicts()
    ]


def _refusal_entry(row: dict[str, Any], *, open_to_all: bool) -> dict[str, Any]:
    values = sorted({value[:_MAX_EXAMPLE_LENGTH] for value in (row["value"], row["last"]) if value is not None})
    kept = {name: row[name] for name in ("code", "field", "rows")}
    return {**kept, "examples": values if open_to_all else None}


def _open_fields(contract: Contract | None, registry: Registry) -> set[str]:
    """Return the names, in source and standard table, of fields whose values are open and not personal."""
    if contract is None:
        return set()
    names: dict[str, list[DataElement]] = {}
    for source, binding in contract.fields.items():
        element = registry.elements[binding.element]
        read = (binding.source,) if isinstance(binding.source, str) else binding.source or (source,)
        for name in {*read, source, binding.column or element.symbol}:
            names.setdefault(name, []).append(element)
    return {name for name, elements in names.items() if all(map(is_open_element, elements))}


def is_open_element(element: DataElement) -> bool:
    """Whether pages may show values of the element: it is open and not personal."""
    return element.sensitivity.shown
