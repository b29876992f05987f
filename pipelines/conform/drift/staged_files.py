"""Queries over the files of a staged batch."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch


def scan_reasons(staged: ConformedBatch, lake: Lake, codes: Sequence[str]) -> pl.LazyFrame:
    """``_receipt, refused, code, field, value, detail`` of every reason with one of the codes."""
    rows = scan_staged_files(staged.quarantine, lake).select("_receipt", "refused", "reasons")
    every = rows.explode("reasons").unnest("reasons")
    return every.filter(pl.col("code").is_in(list(codes)))


def scan_staged_files(files: Sequence[str], lake: Lake) -> pl.LazyFrame:
    """The rows of some of its files."""
    return pl.scan_parquet(list(files), storage_options=lake.storage_options, hive_partitioning=False, glob=False)


def column_labels(bound: BoundColumn) -> dict[str, str]:
    """The names of a column in messages."""
    return {"column": bound.column, "fields": ", ".join(bound.fields)}
