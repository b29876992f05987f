"""Tables with the column names of an older version become tables of the present ones, whole or not at all."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import ledger_upgrade
from citylake.pipelines.lake.ledger.ledger_append import replace_ledger_rows
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore
from citylake.pipelines.lake.ledger.ledger_upgrade import upgrade_ledger_table

ARCHIVE = Path(__file__).parents[3] / "fixtures" / "older_lake" / "lake.tar.gz"
OLDER = ("alerts", "batches", "categories", "checks", "publications", "removals", "states")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return Lake(str(tmp_path / "lake"))


def schema(table: str) -> pl.Schema:
    found: pl.Schema = LEDGER_TABLES[table].SCHEMA
    return found


def names(lake: Lake, table: str) -> list[str]:
    return pl.scan_delta(lake.ledger(table)).collect_schema().names()


def test_no_column_of_the_ledger_needs_quotes() -> None:
    kinds = duckdb.connect().sql("SELECT keyword_name, keyword_category FROM duckdb_keywords()").fetchall()
    reserved = {name for name, kind in kinds if kind != "unreserved"}
    assert {"at", "column"} <= reserved
    assert {(table, name) for table in LEDGER_TABLES for name in schema(table) if name in reserved} == set()
    for table in LEDGER_TABLES:
        columns = schema(table).names()
        duckdb.connect().sql(
            f"SELECT {', '.join(columns)} FROM (SELECT {', '.join(f'1 AS {each}' for each in columns)})"
        )


@pytest.mark.parametrize("table", OLDER)
def test_rows_are_the_same_before_and_after_the_upgrade(lake: Lake, table: str) -> None:
    before = LedgerStore(lake).read(table)
    assert before.height
    assert names(lake, table) != before.columns
    version = DeltaTable(lake.ledger(table)).version()
    upgrade_ledger_table(lake, table, schema(table))
    assert names(lake, table) == before.columns == schema(table).names()
    assert LedgerStore(lake).read(table).equals(before)
    assert DeltaTable(lake.ledger(table)).version() == version + 1
    upgrade_ledger_table(lake, table, schema(table))
    assert DeltaTable(lake.ledger(table)).version() == version + 1


def test_the_settings_of_the_table_are_the_same(lake: Lake) -> None:
    before = DeltaTable(lake.ledger("batches")).metadata().configuration
    upgrade_ledger_table(lake, "batches", schema("batches"))
    assert DeltaTable(lake.ledger("batches")).metadata().configuration == before != {}


def test_a_crash_during_the_upgrade_leaves_the_table_as_it_was(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = LedgerStore(lake).read("batches")

    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ledger_upgrade, "replace_ledger_rows", crash)
        with pytest.raises(KeyboardInterrupt):
            upgrade_ledger_table(lake, "batches", schema("batches"))
    assert "at" in names(lake, "batches")
    assert LedgerStore(lake).read("batches").equals(before)


def test_rows_that_another_process_appends_during_the_upgrade_are_in_the_table(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = LedgerStore(lake).read("states")
    older = pl.read_delta(lake.ledger("states")).with_columns(run=pl.lit("meanwhile"))

    def late(*arguments: Any, **options: Any) -> None:
        monkeypatch.undo()
        write_deltalake(lake.ledger("states"), older, mode="append")
        replace_ledger_rows(*arguments, **options)

    monkeypatch.setattr(ledger_upgrade, "replace_ledger_rows", late)
    upgrade_ledger_table(lake, "states", schema("states"))
    found = LedgerStore(lake).read("states")
    assert sorted(found["run"]) == sorted([*before["run"], "meanwhile"])
    assert found["recorded_at"].null_count() == 0


def test_two_processes_may_upgrade_at_the_same_time(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = LedgerStore(lake).read("batches")

    def second(*arguments: Any, **options: Any) -> None:
        monkeypatch.undo()
        upgrade_ledger_table(lake, "batches", schema("batches"))
        replace_ledger_rows(*arguments, **options)

    monkeypatch.setattr(ledger_upgrade, "replace_ledger_rows", second)
    upgrade_ledger_table(lake, "batches", schema("batches"))
    assert LedgerStore(lake).read("batches").equals(before)


def test_rows_are_recorded_if_the_upgrade_is_never_committed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = LedgerStore(lake).read("states")

    def refuse(*_: Any, **__: Any) -> None:
        raise CommitFailedError("another commit came first")

    monkeypatch.setattr(ledger_upgrade, "replace_ledger_rows", refuse)
    store = LedgerStore(lake)
    store.add("states", [before.with_columns(run=pl.lit("later")).row(0, named=True)])
    assert store.flush()
    found = LedgerStore(lake).read("states")
    assert sorted(found["run"]) == sorted([*before["run"], "later"])
    assert found["recorded_at"].null_count() == 0
