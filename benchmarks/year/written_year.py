"""Writes the year: the ledger in the files that upkeep leaves, or in many, and the tables of every dataset."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from benchmarks.year.city_year import MART, WITH_MART
from benchmarks.year.copied_rows import CopiedRows
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import removals_table
from citylake.pipelines.lake.ledger.ledger_append import append_ledger_rows, write_ledger_file
from citylake.pipelines.lake.ledger.ledger_compaction import SMALL_ROWS
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES

_RETENTION_DAYS = 1
"""Bytes and versions of earlier days are gone, as the ledger says: a year of them would take long to write."""


def write_ledger(lake: Lake, year: CopiedRows, files: int | None) -> None:
    """Write every table; ``files``: in so many files each, by time, as runs leave them."""
    rows = {name: year.ledger_rows(name) for name in LEDGER_TABLES if name in year.week.ledger}
    rows["removals"] = _removals(rows["receipts"], rows["publications"])
    for name, found in rows.items():
        size = SMALL_ROWS if files is None else max(1, -(-found.height // files))
        parts = [found.slice(start, size) for start in range(0, found.height, size)]
        _write_table(lake, lake.ledger(name), [_grouped(part) for part in parts] if files is None else parts)


def _grouped(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort("dataset", maintain_order=True) if "dataset" in rows.columns else rows


def _write_table(lake: Lake, root: str, parts: Sequence[pl.DataFrame]) -> None:
    append_ledger_rows(lake, root, parts[0])
    adds = [write_ledger_file(lake, root, part, durable=False).add for part in parts[1:]]
    if adds:
        table = DeltaTable(root)
        table.create_write_transaction(list(adds), "append", table.schema())
        table.create_checkpoint()


def _removals(receipts: pl.DataFrame, publications: pl.DataFrame) -> pl.DataFrame:
    """What retention has recorded the day after: all landed bytes and texts, and the versions of the mart."""
    landed = receipts.filter(pl.col("landing").list.len() > 0)
    zones = [
        _gone(landed, zone, pl.col("dataset"), pl.col("id"), place) for place, zone in enumerate(("landing", "raw"))
    ]
    published = publications.filter(pl.col("status") == "published")
    made = _gone(published.rename({"recorded_at": "received_at"}), "marts", pl.lit(MART), pl.col("version"), 2)
    return pl.concat([*zones, made]).sort("sequence")


def _gone(rows: pl.DataFrame, zone: str, subject: pl.Expr, name: pl.Expr, place: int) -> pl.DataFrame:
    day = 24 * 3600 * 1_000_000
    return rows.select(
        recorded_at=pl.col("received_at") + pl.duration(days=_RETENTION_DAYS),
        run=pl.lit("upkeep-") + pl.col("run").str.slice(0, 8),
        zone=pl.lit(zone),
        subject=subject,
        name=name,
        files=pl.lit(1, pl.Int64),
        size_bytes=pl.lit(1200, pl.Int64),
        retention_days=pl.lit(_RETENTION_DAYS, pl.Int64),
        sequence=pl.col("sequence") + _RETENTION_DAYS * day + (place + 5) * 100_000,
    ).cast(removals_table.SCHEMA)


def write_tables(lake: Lake, year: CopiedRows) -> None:
    """Write the standard table and the quarantine of every dataset: a partition a day, all batches in one commit."""
    for zone in ("standard", "quarantine"):
        like = DeltaTable(f"{year.week.root}/{zone}/{WITH_MART}")
        for dataset, rows in year.table_rows(zone).items():
            _write_delta(f"{lake.path(zone)}/{dataset}", rows, like)


def _write_delta(root: str, rows: pl.DataFrame, like: DeltaTable) -> None:
    days = like.metadata().partition_columns or None
    config = like.metadata().configuration
    made = DeltaTable.create(root, like.schema(), partition_by=days, configuration=config)
    batches = [Transaction(batch, 1) for batch in rows["_batch"].unique().sort()]
    write_deltalake(made, rows.to_arrow(), mode="append", commit_properties=CommitProperties(app_transactions=batches))
