"""Reads the findings of the sensor tests: those of the batches that last read their receipts."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, batches_table, checks_table, sensor_findings_table
from citylake.quality.sensors.sensor_checks import CODES
from citylake.quality.sensors.sensor_series import join_spans

_BATCH = ["dataset", "batch"]
_SAME = ["dataset", "code", "entity", "column_name"]


def current_findings(ledger: Ledger, datasets: Collection[str] = (), codes: Collection[str] = ()) -> pl.DataFrame:
    """Return the spans that count today: by default of all datasets and issue types, oldest first.

    A receipt that was read again (a replay, a batch after a correction) counts as its newest batch read it, committed
    or held; of a batch that was audited several times, the last audit counts, also if it found nothing. Spans that
    several batches found in part are one. Columns: those of the ledger table but run, recorded_at and sequence, and
    ``hours``.
    """
    rows = _chosen(ledger.scan(sensor_findings_table.TABLE), datasets, codes)
    last = pl.col("recorded_at") == pl.col("recorded_at").max().over("dataset", "batch")
    audited = rows.filter(last).join(_failed_tests(ledger, rows), on=[*_BATCH, "run", "code"], how="semi")
    counted = audited.join(_newest_batches(ledger), on=_BATCH, how="semi")
    found = join_spans(counted.drop("run", "recorded_at", "sequence"), _SAME).collect()
    hours = (pl.col("last_at") - pl.col("first_at")).dt.total_seconds() / 3600
    columns = [*_SAME, "first_at", "last_at", "readings", "detail", "batch"]
    return found.select(columns).with_columns(hours.alias("hours")).sort("first_at", *_SAME)


def _chosen(rows: pl.LazyFrame, datasets: Collection[str], codes: Collection[str]) -> pl.LazyFrame:
    for column, wanted in (("dataset", datasets), ("code", codes)):
        if wanted:
            rows = rows.filter(pl.col(column).is_in(sorted(wanted)))
    return rows


def _failed_tests(ledger: Ledger, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The tests that failed in the last audit of the batches of ``rows``: dataset, batch, run, code.

    Every audit records its checks, so that an audit without findings needs no row among the findings.
    """
    chosen = ledger.scan(checks_table.TABLE).rename({"subject": "dataset"}).join(rows, on=_BATCH, how="semi")
    last = chosen.sort("recorded_at").group_by(*_BATCH, "name").agg(pl.col("run", "passed", "recorded_at").last())
    newest = pl.col("run") == pl.col("run").sort_by("recorded_at").last().over(_BATCH)
    tests = {f"sensors.{name}": code for name, code in CODES.items()}
    failed = last.filter(newest).filter(~pl.col("passed"), pl.col("name").is_in(list(tests)))
    return failed.select(*_BATCH, "run", pl.col("name").replace(tests).alias("code"))


def _newest_batches(ledger: Ledger) -> pl.LazyFrame:
    """The batches that are the newest reading of at least one of their receipts: dataset, batch."""
    read = ledger.scan(batches_table.TABLE).filter(pl.col("status").is_in(["committed", "held"]))
    receipts = read.filter(pl.col("batch").is_not_null()).select("dataset", "batch", "sequence", "receipts")
    newest = receipts.explode("receipts").sort("sequence").group_by("dataset", "receipts").agg(pl.col("batch").last())
    return newest.select("dataset", "batch").unique()
