"""The lake of the power cuts: what must hold in it at any moment, and everything that an undisturbed one has."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from citylake.pipelines.lake.delta_table import open_delta, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.upkeep.lake_tables import list_lake_tables
from tests.small_workspace import FILES, write_small_workspace

MODES = {
    "upsert": "{mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}",
    "append": "{mode: append, partition: day(hour_start)}",
    "replace": "{mode: replace, partition: day(hour_start), replace_min: 0}",
}
DAYS = 3
STATIONS = 12


def write_workspace(folder: Path) -> Path:
    """Write a workspace with a dataset of each write mode, and a mart of one of them."""
    write_small_workspace(folder)
    (folder / "inbox/air.csv").unlink()
    text = FILES["datasets/air/readings.yaml"]
    for mode, write in MODES.items():
        name = "readings" if mode == "upsert" else mode
        declared = text.replace("air.readings", f"air.{name}").replace("inbox/", f"inbox/{name}/")
        head = declared.partition("write:")[0]
        (folder / f"datasets/air/{name}.yaml").write_text(f"{head.lstrip()}write: {write}\n", "utf-8")
        (folder / f"inbox/{name}").mkdir(parents=True)
    return folder


def deliver(folder: Path, number: int) -> None:
    """Write delivery ``number`` of every dataset: new rows, corrections of earlier ones, and one row to refuse."""
    for name in ("readings", "append", "replace"):
        rows = ["station,hour,pm25"]
        for day in range(1, DAYS + 1):
            rows += [f"S{at},2026-03-{day:02} {8 + number % 3:02}:00,{at * 10 + number}" for at in range(STATIONS)]
        rows.append(f"S1,2026-03-01 23:00,refused {number}")
        (folder / f"inbox/{name}/{number}.csv").write_text("\n".join(rows) + "\n", "utf-8")


def content(lake: Lake) -> dict[str, Any]:
    """Return every row of the lake that does not depend on when and how often it was written."""
    found: dict[str, Any] = {}
    for table in list_lake_tables(lake):
        rows = pl.scan_delta(open_delta(lake, table.root(lake))).collect()
        if table.zone in ("standard", "curated"):
            names = [name for name in rows.columns if not name.startswith("_") or name == "_day"]
            found[table.place] = rows.select(names).sort(names).to_dicts()
        elif table.zone == "quarantine":
            found[table.place] = sorted(rows["raw"].to_list())
    pointer = read_pointer(lake, "air")
    if pointer:
        with duckdb.connect(f"{lake.mart('air')}/{pointer.file}", read_only=True) as mart:
            found["mart"] = sorted(mart.execute("SELECT * FROM station_day").fetchall())
    return found


def check_promises(lake: Lake) -> None:
    """Fail if a table or mart cannot be read, or if the ledger tells of something that the lake does not have."""
    content(lake)
    ledger = Ledger(lake)
    for receipt in ledger.read("receipts").filter(pl.col("status") == "received").to_dicts():
        digest = hashlib.sha256(b"".join(Path(path).read_bytes() for path in receipt["landing"])).hexdigest()
        assert digest == receipt["sha256"], f"landed bytes of {receipt['id']}"
    batches = ledger.read("batches").filter(pl.col("status") == "committed")
    for dataset, batch, version in batches.select("dataset", "batch", "table_version").iter_rows():
        table = open_delta_if_exists(lake, lake.standard(dataset))
        assert table is not None, dataset
        assert table.version() >= version, f"{dataset}: the ledger tells of version {version}"
        assert table.transaction_version(batch) == 1, f"{dataset}: the ledger tells of batch {batch}"
