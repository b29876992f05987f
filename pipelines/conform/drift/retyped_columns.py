"""Columns that came in another type or notation, found by the reasons in the quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.drift.staged_files import column_labels, scan_reasons, scan_staged_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch, ParsedReceipt
from citylake.quality.drift.drift_finding import DriftFinding, drift_words
from citylake.quality.drift.type_drift import MIN_UNREADABLE_SHARE, UNREADABLE_CODES, UnreadableCount, find_type_drift
from citylake.schemas.model.contract import Contract


def find_retyped_columns(
    contract: Contract,
    staged: ConformedBatch,
    parsed: Sequence[ParsedReceipt],
    lake: Lake,
    bounds: Mapping[str, BoundColumn],
) -> list[DriftFinding]:
    """One finding per retyped column, with the receipt that has the most unreadable values."""
    rows = {item.receipt.id: min(item.rows, staged.counts.rows_in) for item in parsed}
    least = MIN_UNREADABLE_SHARE * min((count for count in rows.values() if count), default=1)
    if sum(staged.issues.get(code, 0) for code in UNREADABLE_CODES) < max(least, 1):
        return []
    names = {item.receipt.id: item.receipt.name for item in parsed}
    return [
        DriftFinding("retyped", contract.drift.retyped, (column,), _retyped_values(bounds[column], counts, names))
        for column, counts in find_type_drift(_count_unreadable(staged, lake, rows)).items()
    ]


def _count_unreadable(staged: ConformedBatch, lake: Lake, rows: Mapping[str, int]) -> list[UnreadableCount]:
    """The columns with many unreadable values, by receipt; what other reasons refused counts as readable."""
    worst = (
        scan_reasons(staged, lake, UNREADABLE_CODES)
        .group_by("_receipt", "field")
        .agg(pl.len(), pl.col("value").first(), pl.col("refused").is_null().sum().alias("rows"))
        .collect(engine="streaming")
        .sort("_receipt", "field")
    )
    many = [row for row in worst.iter_rows() if row[2] >= MIN_UNREADABLE_SHARE * rows.get(row[0], 0)]
    if not many:
        return []
    whole = scan_staged_files(staged.quarantine, lake).filter(pl.col("refused").is_null())
    refused = dict(whole.group_by("_receipt").len().collect(engine="streaming").iter_rows())
    read = _count_filled(staged, lake, sorted({row[1] for row in many}))
    return [
        UnreadableCount(
            column, receipt, count, read.get((receipt, column), 0) + refused.get(receipt, 0) - of_rows, example
        )
        for receipt, column, count, example, of_rows in many
    ]


def _count_filled(staged: ConformedBatch, lake: Lake, columns: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many values each receipt has in each of the columns."""
    if not staged.standard:
        return {}
    rows = scan_staged_files(staged.standard, lake).group_by("_receipt").agg(pl.col(columns).count())
    counted = rows.collect(engine="streaming")
    return {(row["_receipt"], column): row[column] for row in counted.iter_rows(named=True) for column in columns}


def _retyped_values(
    bound: BoundColumn, counts: Sequence[UnreadableCount], names: Mapping[str, str]
) -> dict[str, object]:
    worst = counts[0]
    return {
        **column_labels(bound),
        "type": drift_words(f"types.{bound.element.type}"),
        "file": names.get(worst.receipt, worst.receipt),
        "files": len(counts),
        "rows": worst.unreadable,
        "share": f"{worst.share:.0%}",
        "example": worst.example,
    }
