"""Records that the reader refused, to the quarantine: their text, and the one reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from citylake.pipelines.conform.rows.standard_writer import StageTarget
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.lake.sealed_file import plain_copies
from citylake.pipelines.records import Run

LINE_FIELD = "_line"
"""The member of ``raw`` that holds the text of a record without fields."""


def write_refused_records(
    files: Sequence[str], dataset: str, to: StageTarget, run: Run, discarded: pl.DataFrame | None = None
) -> tuple[str, ...]:
    """Write the quarantine file of the refused records in ``files`` of the raw zone; none if there are none.

    ``discarded``: the places of the rows that a person discarded.
    """
    if not files:
        return ()
    folder = to.lake.quarantine(dataset)
    to.lake.makedirs(folder)
    path = f"{folder}/{to.stem}-refused.parquet"
    options = to.lake.storage_options
    with scratch_folder() as scratch:
        plain = plain_copies(to.lake, files, Path(scratch))
        records = pl.scan_parquet(list(plain), storage_options=options, glob=False)
        rows = _quarantine_rows(_mark_discarded(records, discarded), to.batch, run)
        rows.sink_parquet(path, compression="zstd", compression_level=1, storage_options=options)
    return (path,)


def _quarantine_rows(records: pl.LazyFrame, batch: str, run: Run) -> pl.LazyFrame:
    return records.select(
        pl.lit(batch).alias("_batch"),
        *("_receipt", "_part", "_row", "_source"),
        pl.struct(pl.col("text").alias(LINE_FIELD)).struct.json_encode().alias("raw"),
        pl.lit(None, pl.String).alias("key"),
        pl.concat_list("code", "discarded").list.drop_nulls().alias("codes"),
        _reasons().alias("reasons"),
        pl.lit(None, pl.List(pl.String)).alias("refused"),
        pl.lit("open").alias("state"),
        pl.lit(run.started_at, pl.Datetime("us", "UTC")).alias("quarantined_at"),
    )


def _mark_discarded(records: pl.LazyFrame, discarded: pl.DataFrame | None) -> pl.LazyFrame:
    """The records with ``discarded``: ROW_DISCARDED, or null."""
    if discarded is None or discarded.is_empty():
        return records.with_columns(pl.lit(None, pl.String).alias("discarded"))
    places = discarded.select(*ROW_PLACE, pl.lit("ROW_DISCARDED").alias("discarded"))
    return records.join(places.lazy(), on=ROW_PLACE, how="left", maintain_order="left")


def _reasons() -> pl.Expr:
    none = pl.lit(None, pl.String)
    own = pl.struct("code", none.alias("field"), "value", "detail")
    discarded = pl.struct(
        pl.col("discarded").alias("code"), none.alias("field"), none.alias("value"), none.alias("detail")
    )
    return pl.when(pl.col("discarded").is_null()).then(pl.concat_list(own)).otherwise(pl.concat_list(own, discarded))
