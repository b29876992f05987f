"""Receipts as the ledger has them, and where their bytes and text are in this lake."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import landed_place
from citylake.pipelines.lake.ledger import Ledger, receipts_table
from citylake.pipelines.lake.sealed_file import SEAL_SUFFIX
from citylake.pipelines.parse.raw_file import REFUSED_FILE
from citylake.pipelines.records import Receipt

_COLUMNS = (
    *("id", "run", "dataset", "source", "name", "requested_at", "received_at", "sha256", "size_bytes"),
    *("declared_count", "stored_count", "proof"),
)


def load_receipts(ledger: Ledger, ids: Collection[str]) -> tuple[Receipt, ...]:
    """The receipts with received bytes, by id in order."""
    rows = ledger.read(receipts_table.TABLE).filter(pl.col("id").is_in(list(ids))).sort("id")
    return tuple(
        Receipt(**{name: row[name] for name in _COLUMNS}, status="received", landing=tuple(row["landing"] or ()))
        for row in rows.unique("id", keep="last", maintain_order=True).iter_rows(named=True)
    )


def receipt_in_lake(lake: Lake, receipt: Receipt) -> Receipt:
    """The receipt with its landed files in this lake, where they lie now.

    The lake may have been restored to another place, and files may have been sealed since they were received.
    """
    here = (_relocate(lake, path) for path in receipt.landing)
    return replace(receipt, landing=tuple(landed_place(lake.fs.exists, path) for path in here))


def _relocate(lake: Lake, path: str) -> str:
    _, mark, rest = path.partition("/landing/")
    return lake.path("landing", rest) if mark else path


def stored_text_files(lake: Lake, receipt: Receipt) -> tuple[tuple[str, ...], str | None]:
    """The Parquet files of the receipt's text in the raw zone, in order, and that of its refused records."""
    folder = lake.raw(receipt.dataset, receipt.id)
    found = [path.rpartition("/")[2] for path in lake.fs.ls(folder, detail=False)] if lake.fs.exists(folder) else []
    refused = next((f"{folder}/{name}" for name in found if name.removesuffix(SEAL_SUFFIX) == REFUSED_FILE), None)
    return tuple(f"{folder}/{name}" for name in sorted(found) if name.startswith("part-")), refused
