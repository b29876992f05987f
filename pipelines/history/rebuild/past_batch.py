"""Committed batches as the ledger has them, with the acts that each knew."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, batches_table, corrections_applied_table
from citylake.pipelines.records import RowCounts, Run

_RUN = re.compile(r"(\d{8}T\d{6})-")


@dataclass(frozen=True, slots=True)
class PastBatch:
    """One committed batch. ``number``: its place in the ledger; ``place``: its place in the standard table's log."""

    dataset: str
    batch: str
    number: int
    place: int
    run: str
    at: datetime
    receipts: tuple[str, ...]
    fingerprint: str
    revision: str
    counts: RowCounts
    acts: frozenset[str]

    @property
    def run_then(self) -> Run:
        """The run that committed it. Its start is in its id; a scheduler's run is taken to start with the record."""
        found = _RUN.match(self.run)
        return Run(self.run, datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else self.at)


def past_batches(ledger: Ledger, datasets: Collection[str]) -> dict[str, list[PastBatch]]:
    """Return the committed batches of each dataset, in the order in which its table got them."""
    rows = ledger.read(batches_table.TABLE).filter(
        pl.col("dataset").is_in(list(datasets)), pl.col("batch").is_not_null(), pl.col("status") == "committed"
    )
    applied = ledger.read(corrections_applied_table.TABLE).group_by("batch").agg("act_id")
    acts = {batch: frozenset(found) for batch, found in applied.iter_rows()}
    # After a crash between commit and record a batch is recorded again.
    first = rows.unique(["dataset", "batch"], keep="first", maintain_order=True)
    # Rows of earlier versions may lack the table's version: they are where the ledger has them.
    placed = first.with_columns(
        pl.col("table_version").forward_fill().over("dataset").fill_null(0).alias("place"),
    ).sort("place", "sequence", maintain_order=True)
    found: dict[str, list[PastBatch]] = {name: [] for name in datasets}
    for row in placed.iter_rows(named=True):
        found[row["dataset"]].append(_parse(row, acts.get(row["batch"], frozenset())))
    return found


def _parse(row: Mapping[str, object], acts: frozenset[str]) -> PastBatch:
    names = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate", "rows_filtered", "values_refused")
    counts = RowCounts(*(int(str(row[name] or 0)) for name in names))
    receipts = row["receipts"]
    at = row["recorded_at"]
    assert isinstance(receipts, list)
    assert isinstance(at, datetime)
    return PastBatch(
        str(row["dataset"]),
        str(row["batch"]),
        int(str(row["sequence"])),
        int(str(row["place"])),
        str(row["run"] or ""),
        at,
        tuple(receipts),
        str(row["fingerprint"] or ""),
        str(row["revision"] or ""),
        counts,
        acts,
    )
