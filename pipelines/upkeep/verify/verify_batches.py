"""Verifies the ledger's batches of one dataset: their counts, and that the standard table has what they committed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, batches_table
from citylake.pipelines.upkeep.verify.finding import Finding
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    from deltalake import DeltaTable

_PARTS = ("rows_standard", "rows_quarantined", "rows_duplicate", "rows_filtered")


def batch_rows(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """Return the batches with rows or a table version, by dataset, in the order in which they were recorded."""
    names = ["dataset", "batch", "status", "table_version", "rows_in", *_PARTS, "supersedes"]
    rows = ledger.read(batches_table.TABLE).filter(pl.col("batch").is_not_null()).select(names)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row["dataset"], []).append(row)
    return found


def batch_findings(dataset: str, rows: list[dict[str, Any]], table: DeltaTable | None) -> Iterator[Finding]:
    """Yield what the ledger has committed and the table does not have. ``table``: None if it does not exist."""
    for row in rows:
        total = sum(row[part] or 0 for part in _PARTS)
        if row["rows_in"] != total:
            values = {"dataset": dataset, "batch": row["batch"], "rows_in": row["rows_in"], "total": total}
            yield Finding(Problem("VERIFY_COUNTS_DIFFER", values), "ledger/batches")
    committed = [row for row in rows if row["status"] == "committed" and (row["table_version"] or 0) >= 0]
    if not committed:
        return
    version, recorded = table.version() if table else -1, committed[-1]["table_version"] or 0
    if recorded > version:
        values = {"dataset": dataset, "version": version, "recorded": recorded}
        yield Finding(Problem("TABLE_BEHIND_LEDGER", values), f"standard/{dataset}")
    replaced = {batch for row in committed for batch in row["supersedes"] or ()}
    for batch in dict.fromkeys(row["batch"] for row in committed):
        if batch not in replaced and (table is None or table.transaction_version(batch) is None):
            problem = Problem("VERIFY_BATCH_MISSING", {"dataset": dataset, "batch": batch})
            yield Finding(problem, f"standard/{dataset}")
