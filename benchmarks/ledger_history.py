"""``python -m benchmarks.ledger_history LAKE FILES``: puts earlier runs before the rows of a lake's ledger.

Each table gets FILES more files, of ten rows each: what that many runs leave behind while nobody compacts them. They
are written as a run writes them, and committed at once. What the history tells of is older than all that is there, so
that the present stays as it is.
"""

from __future__ import annotations

import argparse
import json
import time
import uuid
from pathlib import Path

import polars as pl
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore
from citylake.pipelines.lake.receipt_number import receipt_id, receipt_number

ROWS_A_FILE = 10
GROWING = ("receipts", "batches", "checks", "files")
"""The tables that get rows with each run that has news."""


def main() -> None:
    """Read the words and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger_history", description=__doc__)
    parser.add_argument("lake", type=Path)
    parser.add_argument("files", type=int)
    asked = parser.parse_args()
    lake = Lake(str(asked.lake.resolve()))
    for table in GROWING:
        add_history(lake, table, asked.files)


def add_history(lake: Lake, table: str, files: int) -> None:
    """Add ``files`` files of earlier rows to one table, in one commit."""
    root, rows = lake.ledger(table), _earlier_rows(lake, table, files * ROWS_A_FILE)
    parts = [rows.slice(start, ROWS_A_FILE) for start in range(0, rows.height, ROWS_A_FILE)]
    adds = [_written(root, part) for part in parts]
    held = DeltaTable(root)
    held.create_write_transaction(list(adds), "append", held.schema())


def _earlier_rows(lake: Lake, table: str, count: int) -> pl.DataFrame:
    """The present rows repeated, with smaller numbers, and with ids and bytes of their own."""
    present = LedgerStore(lake).read(table)
    first = min(*present["sequence"].to_list(), *map(receipt_number, _ids(lake))) - count
    numbers = pl.Series(range(first, first + count), dtype=pl.Int64)
    rows = pl.concat([present] * (count // present.height + 1)).head(count).with_columns(sequence=numbers)
    text = pl.Series(f"history-{number}" for number in range(count))
    changes: dict[str, dict[str, pl.Series | pl.Expr]] = {
        "receipts": {"id": pl.Series(receipt_id(number) for number in numbers), "sha256": text},
        "batches": {"batch": text, "receipts": pl.concat_list(pl.lit(text)), "table_version": pl.lit(0)},
        "checks": {"batch": text},
        "files": {"path": text},
    }
    return rows.with_columns(**changes[table]).cast(dict(LEDGER_TABLES[table].SCHEMA))


def _ids(lake: Lake) -> list[str]:
    return LedgerStore(lake).read("receipts")["id"].to_list()


def _written(root: str, rows: pl.DataFrame) -> AddAction:
    name = f"rows-{uuid.uuid4().hex}.parquet"
    rows.write_parquet(f"{root}/{name}")
    least, most = rows["sequence"].min(), rows["sequence"].max()
    stats = {
        "numRecords": rows.height,
        "minValues": {"sequence": least},
        "maxValues": {"sequence": most},
        "nullCount": {"sequence": 0},
    }
    size = Path(root, name).stat().st_size
    return AddAction(name, size, {}, time.time_ns() // 1_000_000, True, json.dumps(stats))  # noqa: FBT003


if __name__ == "__main__":
    main()
