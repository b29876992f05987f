"""Columns that came in another type, or written in another way, as the quarantine shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.conform.bound import Bound
from pipelines.drift.staged import reasons_of, said_of, scan
from pipelines.lake import Lake
from pipelines.records import Parsed, Staged
from quality.drift.finding import Finding, words
from quality.drift.retyped import UNREADABLE, WORTH_A_LOOK, Unread, retyped
from schemas.contract import Contract


def retyped_columns(
    contract: Contract, staged: Staged, parsed: Sequence[Parsed], lake: Lake, bounds: Mapping[str, Bound]
) -> list[Finding]:
    """One finding a column that was retyped, with the receipt where it is worst."""
    rows = {item.receipt.id: min(item.rows, staged.counts.rows_in) for item in parsed}
    least = WORTH_A_LOOK * min((count for count in rows.values() if count), default=1)
    if sum(staged.issues.get(code, 0) for code in UNREADABLE) < max(least, 1):
        return []
    names = {item.receipt.id: item.receipt.name for item in parsed}
    return [
        Finding("retyped", contract.drift.retyped, (column,), _told(bounds[column], counts, names))
        for column, counts in retyped(_unread(staged, lake, rows)).items()
    ]


def _unread(staged: Staged, lake: Lake, rows: Mapping[str, int]) -> list[Unread]:
    """The columns with many unreadable values, by receipt; what other reasons refused counts as readable."""
    worst = (
        reasons_of(staged, lake, UNREADABLE)
        .group_by("_receipt", "field")
        .agg(pl.len(), pl.col("value").first())
        .collect(engine="streaming")
        .sort("_receipt", "field")
    )
    many = [row for row in worst.iter_rows() if row[2] >= WORTH_A_LOOK * rows.get(row[0], 0)]
    if not many:
        return []
    refused = dict(scan(staged.quarantine, lake).group_by("_receipt").len().collect(engine="streaming").iter_rows())
    read = _filled(staged, lake, sorted({row[1] for row in many}))
    return [
        Unread(column, receipt, count, read.get((receipt, column), 0) + refused[receipt] - count, example)
        for receipt, column, count, example in many
    ]


def _filled(staged: Staged, lake: Lake, columns: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many values each receipt has in each of the columns."""
    if not staged.standard:
        return {}
    rows = scan(staged.standard, lake).group_by("_receipt").agg(pl.col(columns).count())
    counted = rows.collect(engine="streaming")
    return {(row["_receipt"], column): row[column] for row in counted.iter_rows(named=True) for column in columns}


def _told(bound: Bound, counts: Sequence[Unread], names: Mapping[str, str]) -> dict[str, object]:
    worst = counts[0]
    return {
        **said_of(bound),
        "type": words(f"types.{bound.element.type}"),
        "file": names.get(worst.receipt, worst.receipt),
        "files": len(counts),
        "rows": worst.unreadable,
        "share": f"{worst.share:.0%}",
        "example": worst.example,
    }
