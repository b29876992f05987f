"""What is asked of the files of a staged batch."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.conform.bound import Bound
from pipelines.lake import Lake
from pipelines.records import Staged


def reasons_of(staged: Staged, lake: Lake, codes: Sequence[str]) -> pl.LazyFrame:
    """``_receipt, code, field, value, detail`` of every reason with one of the codes."""
    every = scan(staged.quarantine, lake).select("_receipt", "reasons").explode("reasons").unnest("reasons")
    return every.filter(pl.col("code").is_in(list(codes)))


def scan(files: Sequence[str], lake: Lake) -> pl.LazyFrame:
    """The rows of some of its files."""
    return pl.scan_parquet(list(files), storage_options=lake.storage_options, hive_partitioning=False, glob=False)


def said_of(bound: Bound) -> dict[str, str]:
    """How a column is named to people."""
    return {"column": bound.column, "fields": ", ".join(bound.fields)}
