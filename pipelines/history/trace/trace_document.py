"""A trace as one document for JSON and for people: levels, standard rows, files, receipts, contracts, corrections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.history.trace.origin_facts import find_origin_facts
from citylake.pipelines.history.trace.refused_neighbours import find_refused_rows
from citylake.pipelines.history.trace.source_rows import shown_standard_rows
from citylake.pipelines.history.trace.trace_model import RowTrace, TableTrace, TracedInput
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.masked_fields import MASK, masked_fields
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    import polars as pl

DEFAULT_LIMIT: Final = 20
_OF_RECORDS: Final = ("record_key", "linked_to", "reason")
"""Columns of links that may quote a record's key."""


def trace_document(
    lake: Lake, registry: Registry, trace: RowTrace, limit: int = DEFAULT_LIMIT, asked: Asked | None = None
) -> dict[str, Any]:
    """Return a trace ready for JSON, with at most ``limit`` rows of each dataset as their sources sent them.

    If counts are hidden in the row, the rows it was made from are neither shown nor counted: their number is the count.
    """
    hidden = bool(trace.hidden)
    return {
        **{name: getattr(trace, name) for name in ("mart", "table", "version", "key", "column", "verified")},
        "row": {name: MASK if name in trace.hidden else value for name, value in trace.row.items()},
        "hidden": list(trace.hidden),
        "replaced": None if trace.replaced is None else dict(zip(("published", "read"), trace.replaced, strict=True)),
        "levels": [_level(each, hidden=hidden) for each in trace.levels],
        "datasets": [
            _dataset(lake, registry, name, rows, 0 if hidden else limit, asked or Asked(), hidden=hidden)
            for name, rows in trace.datasets()
        ],
        "entities": [_links(registry, each, 0 if hidden else limit) for each in trace.inputs if each.kind == "entity"],
    }


def _level(level: TableTrace, *, hidden: bool) -> dict[str, Any]:
    return {
        **{name: getattr(level, name) for name in ("mart", "table", "build", "verified", "scope", "redeclared")},
        "rows": None if hidden else level.rows.num_rows,
        "differing": list(level.differing),
        "inputs": [_input(each, hidden=hidden) for each in level.inputs],
    }


def _input(each: TracedInput, *, hidden: bool) -> dict[str, Any]:
    days = None if each.days is None else [day.isoformat() for day in each.days]
    numbers = {"rows": None if hidden else each.count, "of": None if hidden else each.available}
    kept = {name: getattr(each, name) for name in ("name", "kind", "version", "instead_of", "complete")}
    return {**kept, **numbers, "days": days}


def _links(registry: Registry, each: TracedInput, limit: int) -> dict[str, Any]:
    """The links; of a dataset whose key is masked, without what names its records."""
    masked = {name for name in registry.contracts if _hides_key(registry, name)} if each.count else set()
    rows = each.rows.head(limit).to_dicts()
    for row in rows:
        row |= {name: MASK for name in _OF_RECORDS if row["dataset"] in masked and row[name] is not None}
    return {"name": each.name, "rows": rows}


def _hides_key(registry: Registry, dataset: str) -> bool:
    contract = registry.contracts[dataset]
    return not masked_fields(contract, registry).columns.isdisjoint(contract.write.key)


def _dataset(
    lake: Lake, registry: Registry, name: str, rows: pl.DataFrame, limit: int, asked: Asked, *, hidden: bool
) -> dict[str, Any]:
    contract = registry.contracts[name]
    facts = find_origin_facts(Ledger(lake), registry, contract, rows)
    masked = masked_fields(contract, registry)
    by_receipt: Mapping[str, int] = dict(rows["_receipt"].value_counts().iter_rows())
    return {
        "dataset": name,
        "title": contract.title.model_dump(),
        "department": contract.owner.department,
        "rows": None if hidden else rows.height,
        "standard": list(shown_standard_rows(lake, contract, masked, rows, facts, asked, limit)),
        "receipts": [{**each, "rows": None if hidden else by_receipt.get(each["id"], 0)} for each in facts.receipts],
        "batches": list(facts.batches),
        "refused": find_refused_rows(lake, registry, contract, rows),
    }
