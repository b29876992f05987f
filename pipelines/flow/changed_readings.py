"""Which readings a replay of the quarantine repeats: those that would be different today."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger import corrections_applied_table
from citylake.pipelines.lake.ledger.row_decisions import DecidingActs, deciding_acts
from citylake.pipelines.lake.quarantine_life import IS_CLOSED
from citylake.pipelines.read.quarantine_frame import scan_quarantine
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint

_APPLIED = ("sequence", "dataset", "batch", "act_id", "rows")


def changed_readings(context: RunContext, contract: Contract, readings: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The ``readings`` (id, batch, fingerprint) to repeat, and the number of those with open rows that are not.

    Repeated are: receipts with open rows that were read by other declarations, or without a correction of values that
    is in force now; and receipts with decisions about their rows that they were read without. So what a replay has
    done, the next one does not do again.
    """
    refused, unrecorded = _receipts_of_quarantine(context, contract.dataset)
    acts = deciding_acts(context.ledger, contract.dataset)
    if not refused and not unrecorded and acts is None:
        return readings.clear(), 0
    first = acts.first if acts else context.ledger.first_arrivals(contract.dataset)
    own = readings.with_columns(_first_of("id", first))
    waiting = pl.col("_first").is_in([first.get(each, each) for each in refused])
    opened = waiting | pl.col("_first").is_in([first.get(each, each) for each in unrecorded])
    changed = pl.col("fingerprint") != contract_fingerprint(contract, context.registry)
    chosen = opened & changed
    if acts is not None:
        applied = context.ledger.dataset_rows(corrections_applied_table.TABLE, contract.dataset, _APPLIED)
        chosen |= pl.col("id").is_in(_without_row_acts(own, acts, applied).implode())
        chosen |= opened & pl.col("batch").is_in(_without_value_acts(own, acts, applied).implode())
        chosen |= pl.col("batch").is_in(_with_ended_values(acts, applied).implode())
    judged = own.with_columns(chosen.alias("_chosen"), waiting.alias("_open"))
    left = judged.filter(pl.col("_open") & ~pl.col("_chosen")).height
    return judged.filter("_chosen").select(readings.columns), left


def _receipts_of_quarantine(context: RunContext, dataset: str) -> tuple[list[str], list[str]]:
    """The receipts with open rows, and those with rows that a batch has closed which the ledger does not have.

    A crash came between the commit of that batch and its record: it is to be repeated with all of its receipts.
    """
    rows = scan_quarantine(context.lake, dataset)
    if rows is None:
        return [], []
    recorded = context.ledger.committed_batches(dataset)["batch"].implode()
    unrecorded = IS_CLOSED & pl.col("closed_by_batch").is_not_null() & ~pl.col("closed_by_batch").is_in(recorded)
    kinds = rows.select("_receipt", (~IS_CLOSED).alias("open"), unrecorded.alias("unrecorded"))
    found = kinds.group_by("_receipt").agg(pl.col("open", "unrecorded").any()).collect(engine="streaming")
    return found.filter("open")["_receipt"].to_list(), found.filter("unrecorded")["_receipt"].to_list()


def _first_of(name: str, first: dict[str, str]) -> pl.Expr:
    return (pl.col(name).replace(first) if first else pl.col(name)).alias("_first")


def _without_row_acts(readings: pl.DataFrame, acts: DecidingActs, applied: pl.DataFrame) -> pl.Series:
    """The receipts that were read last without an act about one of their rows."""
    pairs = readings.select("id", "batch", "_first").join(acts.rows, on="_first")
    return pairs.join(applied, on=["batch", "act_id"], how="anti")["id"].unique()


def _without_value_acts(readings: pl.DataFrame, acts: DecidingActs, applied: pl.DataFrame) -> pl.Series:
    """The batches that knew not all of the acts that decide about values."""
    last = acts.values.select(pl.col("last").alias("act_id")).unique()
    pairs = readings.select("batch").unique().join(last, how="cross")
    return pairs.join(applied, on=["batch", "act_id"], how="anti")["batch"].unique()


def _with_ended_values(acts: DecidingActs, applied: pl.DataFrame) -> pl.Series:
    """The batches in which a correction changed values that another act on the same value has replaced since."""
    used = applied.filter(pl.col("rows") > 0).join(acts.values, on="act_id").filter(pl.col("act_id") != pl.col("last"))
    pairs = used.select("batch", pl.col("last").alias("act_id")).unique()
    return pairs.join(applied, on=["batch", "act_id"], how="anti")["batch"].unique()
