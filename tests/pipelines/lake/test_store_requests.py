"""How many requests a run makes of an object store: counted, because a request costs the same time everywhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import citylake
from citylake.pipelines.lake.duckdb_connection import open_lake_duckdb
from citylake.pipelines.lake.lake_zones import Lake
from tests.object_store import BUCKET, requests_since, s3_url, store
from tests.small_workspace import write_small_workspace

__all__ = ["s3_url", "store"]

MOST_OF_A_RUN, MOST_OF_A_RUN_WITHOUT_NEWS = 375, 132
"""Of a run with one new file, whose dataset a mart reads; and of the next."""
MOST_FOR_A_DATA_FILE = 4
"""Questions whether a file is there and how large it is: one by the engine, the others before and after it."""


def test_a_run_asks_a_store_a_bounded_number_of_times(store: str, tmp_path: Path) -> None:
    root, url = write_small_workspace(tmp_path / "city"), f"{BUCKET}/counted"
    declared, lake = citylake.Workspace.load(root), citylake.Lake(url)
    assert citylake.run(declared, lake).exit_code in (0, 2)
    header = "station,hour,pm25\n"
    Path(root, "inbox/next.csv").write_text(f"{header}S1,2026-03-03 08:00,12.5\n", encoding="utf-8")
    requests_since(store)
    done = citylake.run(declared, lake)
    asked, _ = requests_since(store)
    assert done.exit_code in (0, 2)
    assert len(asked) <= MOST_OF_A_RUN
    # The bodies of small files are one request; questions about them are what repeats.
    questions = Counter(each for each in asked if each.startswith("HEAD") and each.endswith(".parquet?"))
    assert max(questions.values()) <= MOST_FOR_A_DATA_FILE
    citylake.run(declared, lake)
    asked, _ = requests_since(store)
    assert len(asked) <= MOST_OF_A_RUN_WITHOUT_NEWS


def test_the_engine_asks_once_about_a_file_and_misses_one_that_is_gone(store: str) -> None:
    lake = Lake(f"{BUCKET}/remembered")
    path = lake.path("standard", "air.readings", "a.parquet")
    pl.DataFrame({"value": [1, 2]}).write_parquet(path, storage_options=lake.storage_options)
    requests_since(store)
    query = f"SELECT sum(value) FROM read_parquet('{path}')"
    for _ in range(3):
        with open_lake_duckdb(lake) as connection:
            assert connection.sql(query).fetchall() == [(3,)]
            assert connection.sql(query).fetchall() == [(3,)]
    assert sum(each.startswith("HEAD") for each in requests_since(store)[0]) == 1
    lake.remove(path)
    with open_lake_duckdb(lake) as connection, pytest.raises(Exception, match="does not exist"):
        connection.sql(query).fetchall()
