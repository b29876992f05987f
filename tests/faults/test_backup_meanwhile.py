"""A backup that is taken while runs write: the lake made from it is whole, whatever a run was doing."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from benchmarks.generate.rows import Plan
from benchmarks.generate.write import write
from benchmarks.job import WORKSPACE
from benchmarks.verify import quarantine, standard
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.upkeep.backup.backup_archive import list_backups
from citylake.pipelines.upkeep.backup.restore_backup import restore_lake
from citylake.pipelines.upkeep.backup.take_backup import back_up_lake
from citylake.schemas.words.errors import CitylakeError
from tests.forked.commands import ForkedCommands
from tests.thorough import examples

DATASET = "detector.readings"
PARTS = 3


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Deliveries; half of the rows of each come again in the next, so that commits replace what is there."""
    folder = tmp_path_factory.mktemp("source")
    write(Plan(30_000), folder / "whole.csv")
    head, *rows = (folder / "whole.csv").read_bytes().splitlines(keepends=True)
    step = len(rows) // (PARTS + 1)
    made = [folder / f"{number}.csv" for number in range(PARTS)]
    for number, path in enumerate(made):
        path.write_bytes(head + b"".join(rows[number * step : (number + 2) * step]))
    return made


def deliver(forked: ForkedCommands, lake: Path, parts: list[Path]) -> None:
    """A run after each delivery."""
    inbox = lake.with_name(f"{lake.name} inbox")
    inbox.mkdir()
    words = ["--workspace", str(WORKSPACE), "--lake", str(lake), "run", "--json"]
    for part in parts:
        shutil.copy(part, inbox)
        environment = {**os.environ, "BENCH_FILE": f"{inbox}/*.csv"}
        assert forked.start(words, environment).wait() == 0


def held(lake: Path) -> dict[str, Any]:
    lost = pl.read_delta(str(lake / "ledger/duplicates")).group_by("dataset", "kind").len().sort("kind").to_dicts()
    rows = standard(lake / "standard" / DATASET)
    # The order in which files are read decides the last digits of a sum.
    rows["sums"] = {column: round(total, 6) for column, total in rows["sums"].items()}
    return rows | quarantine(lake / "quarantine" / DATASET) | {"lost": lost}


def named_and_not_there(lake: Path) -> list[str]:
    """What the ledger tells of and the tables lack; what the tables tell of and the ledger or the landing zone lack."""
    ledger, table = Ledger(Lake(str(lake))), lake / "standard" / DATASET
    receipts = ledger.read("receipts")
    batches = ledger.committed_batches(DATASET)["batch"].to_list()
    logged = DeltaTable(str(table)) if table.exists() else None
    missing = [batch for batch in batches if logged is None or logged.transaction_version(batch) is None]
    if logged is not None:
        found = pl.scan_delta(str(table)).select(pl.col("_receipt").unique()).collect()["_receipt"]
        missing += set(found) - set(receipts["id"])
    landed = {path.parent.name for path in (lake / "landing").rglob("*.csv")}
    return [*missing, *(set(receipts.filter(status="received")["id"]) - landed)]


def test_a_backup_that_a_run_overtakes_gives_a_lake_that_goes_on(
    forked: ForkedCommands, tmp_path: Path, parts: list[Path]
) -> None:
    lake, place = tmp_path / "lake", Lake(str(tmp_path / "kept"))
    writing = threading.Thread(target=deliver, args=(forked, lake, parts))
    writing.start()
    while writing.is_alive():
        with suppress(CitylakeError):  # before the first run has written anything
            back_up_lake(Lake(str(lake)), place)
    taken = list_backups(place)
    assert len(taken) > PARTS + 1
    wanted = held(lake)
    count = examples(3, 6)
    for identity in [taken[(len(taken) - 1) * number // (count - 1)] for number in range(count)]:
        there = tmp_path / identity
        restore_lake(place, Lake(str(there)), identity)
        assert named_and_not_there(there) == []
        deliver(forked, there, parts)
        assert held(there) == wanted
