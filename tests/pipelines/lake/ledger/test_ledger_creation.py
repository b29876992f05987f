"""A table of the ledger begins with its first rows, in one commit, also if several processes begin it at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_append import append_ledger_rows, commit_ledger_file, write_ledger_file
from tests.object_store import BUCKET, s3_url, store

__all__ = ["s3_url", "store"]
WRITERS = 6


def row(number: int) -> pl.DataFrame:
    return pl.DataFrame({"sequence": [number], "dataset": ["air.readings"]})


def begin_at_once(lake: Lake, root: str) -> list[int]:
    """Append a row by each of several threads that find no table; the stored numbers, in order."""
    ready = threading.Barrier(WRITERS)

    def write(number: int) -> None:
        file = write_ledger_file(lake, root, row(number))
        ready.wait()
        commit_ledger_file(lake, root, row(number).schema, file)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    found = DeltaTable(root, storage_options=lake.storage_options)
    assert found.version() == WRITERS - 1
    return sorted(pl.scan_parquet(found.file_uris(), storage_options=lake.storage_options).collect()["sequence"])


def test_the_first_rows_come_with_the_table(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    root = lake.ledger("receipts")
    append_ledger_rows(lake, root, row(1))
    found = DeltaTable(root)
    assert (found.version(), found.metadata().configuration) == (0, {"delta.checkpointInterval": "10"})
    assert pl.read_delta(root).equals(row(1))


@pytest.mark.parametrize("turn", range(3))
def test_processes_that_begin_a_table_at_once_lose_no_row(tmp_path: Path, turn: int) -> None:
    lake = Lake(str(tmp_path))
    assert begin_at_once(lake, lake.ledger(f"receipts{turn}")) == [*range(WRITERS)]


@pytest.mark.usefixtures("store")
def test_the_same_on_a_store() -> None:
    lake = Lake(f"{BUCKET}/begun")
    assert begin_at_once(lake, lake.ledger("receipts")) == [*range(WRITERS)]


def test_a_table_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    root = lake.ledger("receipts")
    file = write_ledger_file(lake, root, row(1))
    Path(root, "_delta_log").write_text("a file in the place of the log")
    with pytest.raises(Exception, match=r"_delta_log|Not a directory"):
        commit_ledger_file(lake, root, row(1).schema, file)
