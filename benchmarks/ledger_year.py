"""``python -m benchmarks.ledger_year WORK LAKE``: a lake with a year of daily runs of 50 datasets.

One real run of small files fills every table. Its rows are then repeated for each day of the year before: in the ledger
(receipts, batches, checks), in the standard tables (a partition a day), and in the quarantine.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake

from benchmarks.inputs import call, citylake, detector
from benchmarks.variants import readings, workspace
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore

DATASETS, DAYS, DEPARTMENTS = 50, 365, 10
ROWS = 3000
"""Rows of the file that each dataset receives."""
ROWS_A_DAY, REFUSED_A_DAY = 200, 10
_TIMES = ("recorded_at", "committed_at", "requested_at", "received_at")


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger_year", description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("lake", type=Path)
    given = parser.parse_args()
    source = detector(given.work, ROWS)
    call(citylake(year_workspace(given.work, source), str(given.lake), "run", "--json"), BENCH_FILE=str(source))
    fill_year(Lake(str(given.lake.resolve())))


def year_workspace(work: Path, source: Path) -> Path:
    """The workspace of 50 datasets of 10 departments, all with the benchmark's fields."""
    contracts = {
        name: readings(
            dataset=f"detector.{name}",
            source={"path": str(source)},
            owner={"department": f"第{number % DEPARTMENTS + 1}局"},
            title={"zh": f"检测器读数 {number}", "en": f"detector readings {number}"},
            expect={"freshness": "400d", "quarantine_share": 0.9, "completeness": {"device_code": 0.5}},
        )
        for number, name in ((number, f"d{number:03d}") for number in range(DATASETS))
    }
    return workspace(work / "workspace-year", contracts)


def fill_year(lake: Lake) -> None:
    """Repeat what one run has written for each day of the year before."""
    store = LedgerStore(lake)
    for table in ("receipts", "batches", "checks"):
        rows = store.read(table)
        _append(lake.ledger(table), _ledger_year(table, rows).cast(dict(LEDGER_TABLES[table].SCHEMA)))
    for number in range(DATASETS):
        dataset = f"detector.d{number:03d}"
        _append(lake.standard(dataset), _table_year(lake.standard(dataset), ROWS_A_DAY, _standard_day))
        _append(lake.quarantine(dataset), _table_year(lake.quarantine(dataset), REFUSED_A_DAY, _refused_day))


def _ledger_year(table: str, present: pl.DataFrame) -> pl.DataFrame:
    first, count = min(present["sequence"].to_list()), present.height
    parts = []
    for day in range(1, DAYS):
        back, text = pl.duration(days=day), f"-{day}"
        changes = {name: pl.col(name) - back for name in _TIMES if name in present.columns}
        names = {"batches": ("batch", "run"), "receipts": ("id", "run", "sha256"), "checks": ("batch", "run")}[table]
        changes |= {name: pl.col(name) + text for name in names}
        numbers = pl.int_range(first - day * count, first - (day - 1) * count, dtype=pl.Int64)
        parts.append(present.with_columns(**changes, sequence=numbers))
    return pl.concat(parts)


def _table_year(root: str, count: int, place: Callable[[pl.DataFrame, int], pl.DataFrame]) -> pl.DataFrame:
    rows = pl.read_delta(root).head(count)
    return pl.concat([place(rows, day) for day in range(1, DAYS)])


def _standard_day(rows: pl.DataFrame, day: int) -> pl.DataFrame:
    return rows.with_columns(pl.lit(date(2026, 3, 1) - timedelta(days=day)).alias("_day"))


def _refused_day(rows: pl.DataFrame, day: int) -> pl.DataFrame:
    times = [name for name in ("quarantined_at", "first_seen_at") if name in rows.columns]
    named = {"_receipt": pl.col("_receipt") + f"-{day}"}
    if "first_receipt" in rows.columns:
        named["first_receipt"] = pl.col("first_receipt") + f"-{day}"
    return rows.with_columns(**{name: pl.col(name) - pl.duration(days=day) for name in times}, **named)


def _append(root: str, rows: pl.DataFrame) -> None:
    table = DeltaTable(root)
    write_deltalake(table, rows.to_arrow(), mode="append", partition_by=table.metadata().partition_columns or None)


if __name__ == "__main__":
    main()
