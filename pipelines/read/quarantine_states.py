"""The state of each row of a dataset's quarantine: what its readings say, and what people have decided about it.

The table says whether the newest reading refuses the row; the last row of the ledger's ``row_acts`` says what a person
decided. A correction or a release counts until the row is read again: if it is refused all the same, it is open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, acts_table, row_acts_table
from citylake.pipelines.lake.row_id import ROW_PLACE, row_id_expr
from citylake.pipelines.read.quarantine_frame import empty_quarantine, scan_quarantine

RowState = Literal[
    "open", "exported", "corrected", "released", "discarded", "returned", "superseded", "held", "rejected"
]
"""What a person sees of a row, see :func:`scan_row_states`."""
ROW_STATES: tuple[RowState, ...] = (
    "open", "exported", "corrected", "held", "released", "discarded", "rejected", "returned", "superseded",
)  # fmt: skip
WAITING_STATES: tuple[RowState, ...] = ("open", "exported", "corrected")
"""The states in which a row has a due date: somebody must still act, or the row must be read again."""
UNSETTLED_STATES: tuple[RowState, ...] = (*WAITING_STATES, "held")


def scan_row_states(
    lake: Lake, dataset: str, ledger: Ledger | None = None, decisions: pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """Return every row of a dataset's quarantine, once for each piece that reshaping makes of a source row.

    ``decisions``: those of :func:`last_decisions`, if they are known already.

    Returns:
        The columns of the quarantine (:class:`~citylake.pipelines.read.quarantine_frame.Quarantine`), with

        - ``row_id`` (String): the id of the source row, which stays the same when the same bytes are received again.
          ``_receipt`` is the receipt of the id; ``read_receipt`` is that of the newest reading, whose bytes the lake
          keeps while the row is refused.
        - ``state`` (:data:`RowState`): ``open``; ``exported``, ``corrected``, ``discarded``, ``released`` (decided, and
          not read again since); ``held``; and of rows that are no longer refused: ``released`` (as it is), ``returned``
          (good now), ``superseded`` (the source has delivered another version of the file), ``rejected`` (with its held
          batch).
        - ``decision``, ``decided_at`` (UTC), ``decided_by``, ``why``: the last act of a person about the row, if any.
    """
    rows = scan_quarantine(lake, dataset)
    rows = empty_quarantine() if rows is None else rows
    placed = rows.with_columns(pl.col("first_receipt").alias("_receipt"), pl.col("_receipt").alias("read_receipt"))
    known = last_decisions(ledger or Ledger(lake), dataset) if decisions is None else decisions
    decided = placed.join(known, on=ROW_PLACE, how="left")
    return decided.with_columns(row_id_expr().alias("row_id"), _visible_state().alias("state"))


def last_decisions(ledger: Ledger, dataset: str) -> pl.LazyFrame:
    """Return ``ROW_PLACE, decision, decided_at, decided_by, why``: the last recorded decision about each source row.

    Rows of an act that is not on record do not count: it was interrupted, and is repeated.
    """
    acts, rows = ledger.scan(acts_table.TABLE), ledger.scan(row_acts_table.TABLE).filter(pl.col("dataset") == dataset)
    return _last_of(rows, acts).drop("dataset")


def decisions_by_dataset(ledger: Ledger) -> Callable[[str], pl.LazyFrame]:
    """Return :func:`last_decisions` of any dataset, from one reading of the ledger for all of them."""
    last = _last_of(ledger.scan(row_acts_table.TABLE), ledger.scan(acts_table.TABLE)).collect(engine="streaming")
    none = last.clear().drop("dataset")
    parts = {name: part for (name,), part in last.partition_by("dataset", as_dict=True, include_key=False).items()}
    return lambda dataset: parts.get(dataset, none).lazy()


def _last_of(rows: pl.LazyFrame, acts: pl.LazyFrame) -> pl.LazyFrame:
    known = acts.select("act_id", pl.col("user").alias("decided_by"), "why").unique("act_id", keep="any")
    last = (
        rows.join(known, on="act_id", how="inner")
        .with_columns(pl.col("_part").fill_null(""))
        .group_by("dataset", *ROW_PLACE)
        .agg(pl.col("decision", "recorded_at", "decided_by", "why").sort_by("sequence").last())
    )
    return last.rename({"recorded_at": "decided_at"})


def _visible_state() -> pl.Expr:
    decision, stored = pl.col("decision"), pl.col("state")
    read_since = (pl.col("quarantined_at") > pl.col("decided_at")).fill_null(value=False)
    stands = decision.is_in(["exported", "discarded"]) | (decision.is_in(["corrected", "released"]) & ~read_since)
    return (
        pl.when((stored == "open") & stands)
        .then(decision)
        .when((stored == "returned") & (decision == "released"))
        .then(pl.lit("released"))
        .otherwise(stored)
    )
