"""What a lake holds, without what differs from run to run: ids become what they stand for, times are left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

Content = dict[str, list[tuple[Any, ...]]]
"""Part of the lake → its rows, sorted."""
_TIMES = ("quarantined_at", "first_seen_at", "closed_at")
_OUTCOME = ("batch", "fingerprint", "rows_in", "rows_standard", "rows_quarantined", "rows_duplicate", "rows_superseded")


def lake_content(lake: Path) -> Content:
    """Return everything that an undisturbed lake has in the same way."""
    receipts = _ledger(lake, "receipts").filter(status="received")
    named = {row["id"]: f"{row['name']} {row['sha256'][:8]}" for row in receipts.iter_rows(named=True)}
    found: Content = {"receipts": sorted({(row["dataset"], row["name"], row["sha256"]) for row in receipts.to_dicts()})}
    for zone in ("standard", "quarantine"):
        for table in sorted((lake / zone).iterdir()):
            found[f"{zone}/{table.name}"] = _rows(pl.read_delta(str(table)), named)
    found["duplicates"] = _rows(_ledger(lake, "duplicates"), named)
    batches = _ledger(lake, "batches").filter(status="committed").unique("batch", keep="last", maintain_order=True)
    found["batches"] = sorted(batches.select(_OUTCOME).rows())
    found["categories"] = sorted(set(_ledger(lake, "categories").select("dataset", "column_name", "value").rows()))
    found["applied"] = sorted(_ledger(lake, "corrections_applied").select("batch", "act_id", "rows").rows())
    found["landing"] = _landed(lake, receipts)
    return found | _marts(lake)


def differences(found: Content, wanted: Content) -> list[str]:
    """Return one line for each part that is not as it should be."""
    return [
        f"{part}: {_first(found.get(part, []), wanted.get(part, []))}"
        for part in sorted({*found, *wanted})
        if found.get(part, []) != wanted.get(part, [])
    ]


def unaccounted(lake: Path) -> list[str]:
    """Return the committed batches whose rows the ledger does not account for."""
    batches = _ledger(lake, "batches").filter(status="committed")
    told = pl.col("rows_standard") + pl.col("rows_quarantined") + pl.col("rows_duplicate") + pl.col("rows_filtered")
    return batches.filter(pl.col("rows_in") != told)["batch"].to_list()


def _first(found: Sequence[tuple[Any, ...]], wanted: Sequence[tuple[Any, ...]]) -> str:
    surplus = [row for row in found if found.count(row) > wanted.count(row)]
    missing = [row for row in wanted if wanted.count(row) > found.count(row)]
    return f"{len(found)} rows, expected {len(wanted)}; surplus {surplus[:2]}, missing {missing[:2]}"


def _ledger(lake: Path, table: str) -> pl.DataFrame:
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.lake.ledger import Ledger

    return Ledger(Lake(str(lake))).read(table)


def _rows(frame: pl.DataFrame, named: Mapping[str, str]) -> list[tuple[Any, ...]]:
    ids = [name for name in ("_receipt", "survivor_receipt", "first_receipt") if name in frame.columns]
    kept = frame.drop("_batch", "closed_by_batch", *_TIMES, strict=False).with_columns(pl.col(ids).replace(named))
    return sorted(kept.select(sorted(kept.columns)).rows(), key=repr)


def _landed(lake: Path, receipts: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The landed bytes of every receipt, by their own hash; of those that retention has removed, their names."""
    removed = set(_ledger(lake, "removals").filter(zone="landing")["name"])
    found = set()
    for row in receipts.select("id", "dataset", "name", "landing").iter_rows(named=True):
        files = [lake / _below(path) for path in row["landing"]]
        if row["id"] in removed and not any(file.exists() for file in files):
            found.add((row["dataset"], row["name"], "removed"))
        else:
            bytes_ = b"".join(file.read_bytes() for file in files)
            found.add((row["dataset"], row["name"], hashlib.sha256(bytes_).hexdigest()))
    return sorted(found)


def _below(path: str) -> str:
    """A landed file's path in the lake, wherever the lake is."""
    return f"landing/{path.rpartition('/landing/')[2]}" if "/landing/" in path else path


def _marts(lake: Path) -> Content:
    found: Content = {}
    for pointer in sorted(lake.glob("marts/*/current.json")):
        file = pointer.parent / json.loads(pointer.read_text("utf-8"))["file"]
        with duckdb.connect(str(file), read_only=True) as connection:
            named = "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
            tables = [name for (name,) in connection.execute(named).fetchall()]
            # The passport and the inputs have the times and the Delta versions of one lake.
            for table in sorted(set(tables) - {"main._mart", "main._inputs"}):
                rows = connection.execute(f"SELECT * FROM {table}").fetchall()
                found[f"marts/{pointer.parent.name}/{table}"] = sorted(rows, key=repr)
    return found
