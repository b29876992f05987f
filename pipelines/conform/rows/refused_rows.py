"""Records that the reader refused, to the quarantine: their text, and the one reason."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.conform.rows.standard_writer import StageTarget
from citylake.pipelines.records import Run

LINE_FIELD = "_line"
"""The member of ``raw`` that holds the text of a record without fields."""


def write_refused_records(files: Sequence[str], dataset: str, to: StageTarget, run: Run) -> tuple[str, ...]:
    """Write the quarantine file of the refused records in ``files`` of the raw zone; none if there are none."""
    if not files:
        return ()
    folder = to.lake.quarantine(dataset)
    to.lake.makedirs(folder)
    path = f"{folder}/{to.stem}-refused.parquet"
    options = to.lake.storage_options
    rows = pl.scan_parquet(list(files), storage_options=options, glob=False).select(
        pl.lit(to.batch).alias("_batch"),
        *("_receipt", "_part", "_row", "_source"),
        pl.struct(pl.col("text").alias(LINE_FIELD)).struct.json_encode().alias("raw"),
        pl.lit(None, pl.String).alias("key"),
        pl.concat_list("code").alias("codes"),
        _single_reason().alias("reasons"),
        pl.lit(None, pl.List(pl.String)).alias("refused"),
        pl.lit("open").alias("state"),
        pl.lit(run.started_at, pl.Datetime("us", "UTC")).alias("quarantined_at"),
    )
    rows.sink_parquet(path, compression="zstd", compression_level=1, storage_options=options)
    return (path,)


def _single_reason() -> pl.Expr:
    return pl.concat_list(pl.struct("code", pl.lit(None, pl.String).alias("field"), "value", "detail"))
