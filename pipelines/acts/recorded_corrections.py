"""The corrections that the ledger has: those in force, and whether a correction was ever recorded."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.acts.act_record import recorded_acts
from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.lake.ledger import corrections_table
from citylake.pipelines.lake.row_id import ROW_PLACE, row_id_expr


def dataset_corrections(work: ActWork, dataset: str) -> pl.LazyFrame:
    """Return the corrections of a dataset whose acts are on record; an interrupted act is repeated as a whole."""
    every = work.ledger.scan(corrections_table.TABLE).filter(pl.col("dataset") == dataset)
    return every.join(recorded_acts(work), on="act_id", how="semi")


def row_corrections(work: ActWork, dataset: str) -> pl.LazyFrame:
    """Return the corrections of single rows that are in force.

    Columns: ``row_id``, ``ROW_PLACE``, ``field``, ``old`` (the source's value), ``new``, and ``times``, the number of
    corrections of this place so far, withdrawn ones included.
    """
    single = dataset_corrections(work, dataset).filter(pl.col("scope") == "row").sort("sequence")
    last = single.group_by("_receipt", pl.col("_part").fill_null(""), "_row", "field").agg(
        pl.len().alias("times"), *(pl.last(name) for name in ("old", "new", "active"))
    )
    named = last.filter("active").with_columns(row_id_expr().alias("row_id"))
    return named.select("row_id", *ROW_PLACE, "field", "old", "new", "times")


def value_corrections(work: ActWork, dataset: str) -> pl.LazyFrame:
    """Return the corrections of values that are in force: ``field``, ``match``, ``old`` and ``new``."""
    general = dataset_corrections(work, dataset).filter(pl.col("scope") == "value").sort("sequence")
    last = general.group_by("field", "match", "old").agg(pl.last("new"), pl.last("active"))
    return last.filter("active").drop("active")
