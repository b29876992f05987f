"""The batches that wait for a decision, as the ledger has them: the last word on their bytes is that they are held."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from citylake.pipelines.lake.ledger import batches_table, receipts_table
from citylake.pipelines.lake.ledger.last_deliveries import BATCH_COLUMNS, IS_RECEIVED, RECEIPT_COLUMNS
from citylake.pipelines.lake.ledger.undecided_receipts import AGAIN_HELD
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    from citylake.pipelines.lake.ledger.lake_ledger import Ledger

Decision = Literal["held", "rejected", "committed", "superseded"]
HeldStatus = Literal["held", "rejected"]
_BATCH = (
    *("sequence", "dataset", "batch", "run", "status", "fingerprint", "recorded_at", "receipts"),
    *("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate", "rows_filtered", "values_refused"),
    *("problems", "supersedes"),
)
_BYTES = ["name", "source", "sha256"]


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """A held or rejected batch. ``receipts``: those of its last record about which nothing was decided since."""

    dataset: str
    batch: str
    status: HeldStatus
    run: str
    fingerprint: str
    since: datetime
    """When it was held for the first time."""
    receipts: tuple[str, ...]
    counts: dict[str, int]
    """``rows_in`` and its parts, by the names of the ledger's columns."""
    problems: tuple[Problem, ...]
    number: int
    """The place of the last record in the ledger's order."""


def was_ever_held(ledger: Ledger, dataset: str) -> bool:
    """Whether any batch of the dataset was held. Cheap, because a run asks for every dataset."""
    rows = ledger.dataset_rows(batches_table.TABLE, dataset, BATCH_COLUMNS)
    return not rows.filter(pl.col("status") == "held", pl.col("batch").is_not_null()).is_empty()


def undecided_batches(ledger: Ledger, dataset: str, *, by_name: bool = True) -> list[HeldBatch]:
    """Return the batches of which bytes are held or rejected now, oldest first. Cheap if nothing waits.

    ``by_name``: a committed later delivery of the same file or address takes the place of a held one.
    """
    if not ledger.undecided.of(dataset).undecided:
        return []
    # A year of all these columns is large, and few datasets need them: those are read together.
    records = _records(ledger, dataset, _BATCH, ledger.undecided.together_with(dataset))
    words = _last_words(ledger, dataset, records, by_name=by_name)
    open_ = words.filter(pl.col("decision").is_in(["held", "rejected"]))
    receipts = dict(open_.group_by("sequence").agg("id").iter_rows())
    since = dict(records.filter(pl.col("status") == "held").group_by("batch").agg(pl.col("recorded_at").min()).rows())
    chosen = records.filter(pl.col("sequence").is_in(list(receipts)))
    return [_held_batch(row, receipts[row["sequence"]], since) for row in chosen.iter_rows(named=True)]


def receipt_decisions(ledger: Ledger, dataset: str, *, by_name: bool = True) -> pl.DataFrame:
    """Return ``id``, ``batch`` and ``decision`` of every receipt whose bytes are in a recorded batch.

    Receipts of the same bytes of the same source have the same decision.
    """
    words = _last_words(ledger, dataset, _records(ledger, dataset), by_name=by_name)
    every = (
        ledger.dataset_rows(receipts_table.TABLE, dataset, RECEIPT_COLUMNS).filter(IS_RECEIVED).select("id", *_BYTES)
    )
    return every.join(words.select(*_BYTES, "batch", "decision"), on=_BYTES).select("id", "batch", "decision")


def rejected_deliveries(ledger: Ledger, dataset: str) -> dict[tuple[str, str], str]:
    """Return (name, SHA-256) → receipt of the bytes that a person has rejected, and nobody has released since."""
    if not ledger.undecided.of(dataset).undecided:
        return {}
    words = _last_words(ledger, dataset, _records(ledger, dataset), by_name=False)
    rejected = words.filter(pl.col("decision") == "rejected").select("name", "sha256", "id")
    return {(name, sha256): receipt for name, sha256, receipt in rejected.iter_rows()}


def _records(
    ledger: Ledger, dataset: str, names: Sequence[str] = BATCH_COLUMNS, among: frozenset[str] | None = None
) -> pl.DataFrame:
    """The records of batches that decide about bytes. A replay that was held decides nothing: its rows stand."""
    rows = ledger.dataset_rows(batches_table.TABLE, dataset, names, among)
    telling = pl.col("status").is_in(["held", "rejected", "committed"]) & pl.col("batch").is_not_null()
    return rows.filter(telling & ~AGAIN_HELD)


def _last_words(ledger: Ledger, dataset: str, records: pl.DataFrame, *, by_name: bool) -> pl.DataFrame:
    """One row for each distinct delivery: the last record about it, with its ``decision``."""
    received = (
        ledger.dataset_rows(receipts_table.TABLE, dataset, RECEIPT_COLUMNS).filter(IS_RECEIVED).select("id", *_BYTES)
    )
    told = records.select("sequence", "batch", "status", id="receipts").explode("id").join(received, on="id")
    ordered = told.sort("sequence", maintain_order=True)
    last = ordered.unique(_BYTES, keep="last", maintain_order=True)
    done = (
        ordered.filter(pl.col("status") == "committed").group_by("name", "source").agg(pl.col("id").max().alias("new"))
    )
    later = pl.lit(by_name) & (pl.col("status") == "held") & (pl.col("new") > pl.col("id")).fill_null(value=False)
    decision = pl.when(later).then(pl.lit("superseded")).otherwise("status").alias("decision")
    return last.join(done, on=["name", "source"], how="left", maintain_order="left").with_columns(decision)


def _held_batch(row: dict[str, Any], receipts: list[str], since: dict[str, datetime]) -> HeldBatch:
    counts = {name: row[name] or 0 for name in _BATCH if name.startswith(("rows_", "values_"))}
    problems = tuple(Problem(each["code"], each["values"]) for each in json.loads(row["problems"] or "[]"))
    return HeldBatch(
        row["dataset"],
        row["batch"],
        row["status"],
        row["run"],
        row["fingerprint"],
        since.get(row["batch"], row["recorded_at"]),
        tuple(sorted(receipts)),
        counts,
        problems,
        row["sequence"],
    )
