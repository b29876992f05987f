"""Staging: one streaming pass writes good rows to the standard table's folder and bad rows aside."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.conform.bound import RAW
from pipelines.conform.keys import Repeated
from pipelines.conform.prepare import BAD, Prepared
from pipelines.conform.reasons import evidence
from pipelines.conform.reshape import PROVENANCE
from pipelines.lake import Lake

_STANDARD = ("_receipt", "_row", "_source", "_warnings")
_HIVE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Split:
    """What one pass wrote: standard files (final place) and a scratch file of refused rows."""

    standard: tuple[str, ...]
    bad: str
    days: tuple[date, ...]


def split(prepared: Prepared, repeated: Repeated | None, folder: str, batch: str, scratch: str, lake: Lake) -> Split:
    """Write both sides of the pass. ``folder`` is the standard table; files are named after the batch."""
    frame = _decided(prepared.frame, repeated)
    good = ~pl.col(BAD) & pl.col("survivor").is_null()
    written: list[str] = []
    bad = os.path.join(scratch, "bad.parquet")
    sinks = [
        _standard_sink(frame.filter(good), prepared, folder, batch, lake, written),
        frame.filter(~good).select(_bad_columns(frame, prepared)).sink_parquet(bad, lazy=True),
    ]
    pl.collect_all([sink for sink in sinks if sink is not None], engine="streaming")
    files = _not_empty(written if prepared.partition else [f"{folder}/{batch}-0.parquet"], lake)
    return Split(tuple(files), bad, _days(files, prepared, frame.filter(good)))


def _days(files: list[str], prepared: Prepared, good: pl.LazyFrame) -> tuple[date, ...]:
    """The days of the good rows: from the partitions' names where those are days, else from the rows."""
    if prepared.partition == "_day":
        return tuple(sorted({date.fromisoformat(path.split("_day=")[1].split("/")[0]) for path in files}))
    if prepared.partition is None:
        return ()
    found = good.select(pl.col("_date").unique()).collect(engine="streaming")["_date"]
    return tuple(sorted(found.drop_nulls().to_list()))


def _decided(frame: pl.LazyFrame, repeated: Repeated | None) -> pl.LazyFrame:
    """Drop exact duplicates; mark rows whose key an earlier row has with the ``survivor``'s words."""
    if repeated is None:
        return frame.with_columns(pl.lit(None, pl.String).alias("survivor"))
    decisions = repeated.rows.select("_index", "survivor", "exact").lazy()
    marked = frame.join(decisions, on="_index", how="left", maintain_order="left")
    return marked.filter(~pl.col("exact").fill_null(value=False)).drop("exact")


def _standard_sink(
    good: pl.LazyFrame, prepared: Prepared, folder: str, batch: str, lake: Lake, written: list[str]
) -> pl.LazyFrame:
    partition = [prepared.partition] if prepared.partition else []
    rows = good.select(*prepared.columns, pl.lit(batch).alias("_batch"), *_STANDARD, *partition)
    options = lake.storage_options
    if not partition:
        lake.makedirs(folder)
        sink = rows.sink_parquet(f"{folder}/{batch}-0.parquet", lazy=True, storage_options=options, mkdir=True)
    else:
        by = pl.PartitionBy(
            folder, key=partition[0], include_key=False, file_path_provider=_namer(folder, batch, written)
        )
        sink = rows.sink_parquet(by, lazy=True, storage_options=options, mkdir=True)
    assert sink is not None
    return sink


def _namer(folder: str, batch: str, written: list[str]):  # type: ignore[no-untyped-def]  # polars names no public type
    def name(args: pl.FileProviderArgs) -> str:
        key = args.partition_keys
        path = f"{key.columns[0]}={key.item(0, 0) or _HIVE}/{batch}-{args.index_in_partition}.parquet"
        written.append(f"{folder}/{path}")
        return path

    return name


def _bad_columns(frame: pl.LazyFrame, prepared: Prepared) -> list[str | pl.Expr]:
    names = frame.collect_schema().names()
    kept = [name for name in names if name.startswith(RAW)]
    return ["_index", *PROVENANCE, *kept, "survivor", *evidence(prepared)]


def _not_empty(files: list[str], lake: Lake) -> list[str]:
    """Files with rows: a pass without good rows leaves an empty file, which no log should name."""
    kept = []
    for path in sorted(files):
        if row_count(path, lake):
            kept.append(path)
        else:
            lake.remove(path)
    return kept


def row_count(path: str, lake: Lake) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pl.scan_parquet(path, storage_options=lake.storage_options).select(pl.len()).collect().item())


def tally(frame: pl.LazyFrame, column: str) -> Mapping[str, int]:
    """Rows by issue code, from a column of code lists."""
    counted = frame.select(pl.col(column).explode(empty_as_null=True)).drop_nulls().group_by(column).len()
    return dict(counted.collect(engine="streaming").iter_rows())
