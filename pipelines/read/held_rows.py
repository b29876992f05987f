"""Reads the rows of one held batch from the quarantine, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.row_id import RowId
from citylake.pipelines.read.quarantine_frame import scan_quarantine
from citylake.pipelines.read.quarantine_rows import quarantine_row_reader
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

_STATES = ("held", "rejected", "superseded")
_ORDER = ("_receipt", "_part", "_row")
_PAGE = 5_000


def count_batch_rows(lake: Lake, dataset: str, batch: str) -> int:
    """Return the number of rows of the batch that were never committed."""
    rows = _rows(lake, dataset, batch)
    return 0 if rows is None else int(rows.select(pl.len()).collect(engine="streaming").item())


def read_batch_rows(
    lake: Lake, contract: Contract, registry: Registry, batch: str, offset: int, limit: int
) -> list[dict[str, Any]]:
    """Return some rows of the batch in order, with the messages of their reasons, ready for JSON."""
    rows = _rows(lake, contract.dataset, batch)
    if rows is None:
        return []
    read = quarantine_row_reader(contract, registry)
    # A page keeps its place: only as many rows as are before its end are ever in memory.
    chosen = rows.bottom_k(offset + limit, by=_ORDER).sort(_ORDER, nulls_last=False).slice(offset, limit)
    return [_held_row(read(row)) for row in chosen.collect(engine="streaming").iter_rows(named=True)]


def batch_row_pages(lake: Lake, contract: Contract, registry: Registry, batch: str) -> Iterator[list[dict[str, Any]]]:
    """Yield all rows of the batch as they are stored, some thousands at a time."""
    rows = _rows(lake, contract.dataset, batch)
    if rows is None:
        return
    read = quarantine_row_reader(contract, registry)
    for frame in rows.collect_batches(chunk_size=_PAGE, maintain_order=True):
        yield [_held_row(read(row)) for row in frame.iter_rows(named=True)]


def _held_row(row: dict[str, Any]) -> dict[str, Any]:
    """With the id of the source row. A row has no due date while its batch is held: the batch waits, not the row."""
    return {**row, "row_id": str(RowId(row["receipt"], row["row"], row["part"] or "")), "due_on": None}


def _rows(lake: Lake, dataset: str, batch: str) -> pl.LazyFrame | None:
    rows = scan_quarantine(lake, dataset)
    return None if rows is None else rows.filter(pl.col("_batch") == batch, pl.col("state").is_in(_STATES))
