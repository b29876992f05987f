"""Staging: one streaming pass writes good rows to the standard table's folder and bad rows aside."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, slots=True)
class Target:
    """Where a batch is staged: the standard table's folder, and how its files are called.

    ``stem`` is the batch's and the run's: a run that does a batch again after a crash must not write over files that a
    log may name by now.
    """

    lake: Lake
    folder: str
    batch: str
    stem: str


def split(prepared: Prepared, repeated: Repeated | None, to: Target, scratch: str) -> Split:
    """Write both sides of the pass."""
    frame = _decided(prepared.frame, repeated)
    good = ~pl.col(BAD) & pl.col("survivor").is_null()
    written: list[str] = []
    bad = os.path.join(scratch, "bad.parquet")
    sinks = [
        _standard_sink(frame.filter(good), prepared, to, written),
        frame.filter(~good).select(_bad_columns(frame, prepared)).sink_parquet(bad, lazy=True),
    ]
    pl.collect_all([sink for sink in sinks if sink is not None], engine="streaming")
    files = _not_empty(written, to.lake)
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


def _standard_sink(good: pl.LazyFrame, prepared: Prepared, to: Target, written: list[str]) -> pl.LazyFrame:
    """The good rows' sink; it adds the paths that it writes to ``written``."""
    partition = [prepared.partition] if prepared.partition else []
    rows = good.select(*prepared.columns, pl.lit(to.batch).alias("_batch"), *_STANDARD, *partition)
    place: str | pl.PartitionBy = f"{to.folder}/{to.stem}-0.parquet"
    if partition:
        place = pl.PartitionBy(to.folder, key=partition[0], include_key=False, file_path_provider=_namer(to, written))
    else:
        to.lake.makedirs(to.folder)
        written.append(f"{to.folder}/{to.stem}-0.parquet")
    sink = rows.sink_parquet(place, lazy=True, storage_options=to.lake.storage_options, mkdir=True)
    assert sink is not None
    return sink


def _namer(to: Target, written: list[str]) -> Callable[[pl.FileProviderArgs], str]:
    def name(args: pl.FileProviderArgs) -> str:
        key = args.partition_keys
        path = f"{key.columns[0]}={key.item(0, 0) or _HIVE}/{to.stem}-{args.index_in_partition}.parquet"
        written.append(f"{to.folder}/{path}")
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
