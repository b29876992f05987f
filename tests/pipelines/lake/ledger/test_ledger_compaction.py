"""A ledger table is compacted on the way, and nobody can tell from its rows."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake.delta_table import open_delta
from citylake.pipelines.lake.digests.log_digests import parse_log_entry
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import ledger_compaction, meanings_table
from citylake.pipelines.lake.ledger.ledger_append import rearrange_ledger_files
from citylake.pipelines.lake.ledger.ledger_compaction import compact_ledger_table
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore
from citylake.pipelines.lake.ledger.ledger_upgrade import scan_ledger_files
from citylake.pipelines.upkeep.compaction import compact_table
from citylake.pipelines.upkeep.lake_tables import LakeTable

ARCHIVE = Path(__file__).parents[3] / "fixtures" / "older_lake" / "lake.tar.gz"
REARRANGE = "citylake.pipelines.lake.ledger.ledger_compaction.rearrange_ledger_files"
NAME = meanings_table.TABLE
COLUMNS = ("sequence", "dataset", "fingerprint")
STEPS = st.lists(st.tuples(st.sampled_from(["append", "compact", "read", "upkeep"]), st.integers(0, 1)), max_size=12)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least number of files."""
    monkeypatch.setattr(ledger_compaction, "MOST_FILES", 2)


def add(store: LedgerStore, *texts: str) -> None:
    store.add(NAME, [{"dataset": f"d{len(text) % 2}", "fingerprint": text} for text in texts])
    store.flush()


def add_each(lake: Lake, texts: str) -> None:
    """Each text by a process of its own."""
    for text in texts:
        add(LedgerStore(lake), text)


def told(store: LedgerStore) -> list[str]:
    return store.read(NAME)["fingerprint"].to_list()


def compact(lake: Lake, table: DeltaTable | None = None) -> bool:
    return compact_ledger_table(lake, NAME, meanings_table.SCHEMA, table or open_delta(lake, lake.ledger(NAME)), 1)


def count_files(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of files of each reading from now on."""
    read: list[int] = []

    def counted(lake: Lake, name: str, schema: pl.Schema, files: Sequence[str]) -> pl.LazyFrame | None:
        read.append(len(files))
        return scan_ledger_files(lake, name, schema, files)

    monkeypatch.setattr("citylake.pipelines.lake.ledger.ledger_table.scan_ledger_files", counted)
    return read


def files(lake: Lake) -> int:
    return len(DeltaTable(lake.ledger(NAME)).file_uris())


@given(STEPS)
@settings(max_examples=12, deadline=None)
def test_any_order_of_appends_and_compactions_by_two_processes_gives_the_same_ledger(
    steps: list[tuple[str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        lake = Lake(folder)
        stores, expected = [LedgerStore(lake), LedgerStore(lake)], ["0"]
        add(stores[0], "0")
        for step, who in steps:
            if step == "append":
                texts = [str(len(expected)), "x" * len(expected)]
                add(stores[who], *texts)
                expected += texts
            elif step == "compact":
                compact(lake)
            elif step == "upkeep":
                compact_table(lake, LakeTable("ledger", NAME), ("dataset", "sequence"))
            assert told(stores[who]) == expected
            stores[who]._table(NAME).expire()
            assert parts(stores[who]) == parts(LedgerStore(lake))


def parts(store: LedgerStore) -> dict[str, list[tuple[Any, ...]]]:
    return {dataset: part.rows() for dataset, part in store.stored_parts(NAME, COLUMNS).items()}


@pytest.mark.usefixtures("few")
def test_a_flush_compacts_a_table_with_too_many_files(lake: Lake) -> None:
    store = LedgerStore(lake)
    counts = []
    for number in range(7):
        add(store, str(number))
        counts.append(files(lake))
    assert max(counts) == 3  # a flush does not count the file that it has just added
    assert told(LedgerStore(lake)) == [str(number) for number in range(7)]


@pytest.mark.usefixtures("few")
def test_a_table_that_a_run_only_reads_is_compacted_by_its_flush(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ledger_compaction, "MOST_FILES", 100)
        for number in range(5):
            add(LedgerStore(lake), str(number))
    store = LedgerStore(lake)
    store.stored_parts(NAME, COLUMNS)
    assert files(lake) == 5
    store.add("states", [{"dataset": "d", "name": "n", "state": "{}"}])
    store.flush()
    assert files(lake) == 1


def test_after_a_flush_only_the_new_files_of_others_are_read(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    add(LedgerStore(lake), "a", "b", "cc")
    store, other = LedgerStore(lake), LedgerStore(lake)
    before = store.stored_parts(NAME, COLUMNS)
    read = count_files(monkeypatch)
    add(other, "dd")
    add(store, "ee")
    after = store.stored_parts(NAME, COLUMNS)
    assert read == [1]
    assert after["d1"] is before["d1"]
    assert after["d0"]["fingerprint"].to_list() == ["cc", "dd", "ee"]


def test_a_process_for_one_dataset_reads_only_the_files_that_may_name_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("a", "bb", "c", "dd", "eee"):
        add(LedgerStore(lake), text)
    read = count_files(monkeypatch)
    store = LedgerStore(lake)
    store.set_scope(["d0"])
    assert store.dataset_rows(NAME, "d0", COLUMNS)["fingerprint"].to_list() == ["bb", "dd"]
    add(store, "f")
    add(store, "gg")
    assert store.dataset_rows(NAME, "d0", COLUMNS)["fingerprint"].to_list() == ["bb", "dd", "gg"]
    assert sum(read) == 2


@given(st.lists(st.sampled_from(["append", "compact", "ask"]), max_size=8), st.sampled_from([["d0"], ["d1"], ["d2"]]))
@settings(max_examples=12, deadline=None)
def test_a_process_for_one_dataset_gets_the_answers_of_one_for_all(steps: list[str], scope: list[str]) -> None:
    with TemporaryDirectory() as folder:
        lake = Lake(folder)
        store = LedgerStore(lake)
        store.set_scope(scope)
        for step in [*steps, "ask"]:
            if step == "append":
                add(LedgerStore(lake), "a", "bb", "ccc")
            elif step == "compact":
                add(store, "mine")
                compact(lake)
            for dataset in (*scope, "d0") if step == "ask" else scope:
                store._table(NAME).expire()
                asked = store.dataset_rows(NAME, dataset, COLUMNS)
                assert asked.equals(LedgerStore(lake).dataset_rows(NAME, dataset, COLUMNS))


def interrupted(lake: Lake, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> bool:
    """Compact, with something that another process does between the plan and the commit."""

    def late(*arguments: Any) -> None:
        monkeypatch.setattr(REARRANGE, rearrange_ledger_files)
        meanwhile()
        rearrange_ledger_files(*arguments)

    monkeypatch.setattr(REARRANGE, late)
    return compact(lake)


def test_rows_that_another_process_adds_meanwhile_stay(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    add_each(lake, "abc")
    assert interrupted(lake, monkeypatch, lambda: add(LedgerStore(lake), "d"))
    assert (told(LedgerStore(lake)), files(lake)) == (["a", "b", "c", "d"], 2)


def test_of_two_compactions_at_once_one_is_in_the_table(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    add_each(lake, "abc")
    assert not interrupted(lake, monkeypatch, lambda: compact(lake))
    assert (told(LedgerStore(lake)), files(lake)) == (["a", "b", "c"], 1)
    assert len(list(Path(lake.ledger(NAME)).glob("*.parquet"))) == 4  # three from before, and no third copy


def test_a_process_that_dies_in_between_leaves_the_table_as_it_was(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    add_each(lake, "abc")

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted(lake, monkeypatch, die)
    assert (told(LedgerStore(lake)), files(lake)) == (["a", "b", "c"], 3)


@pytest.mark.usefixtures("few")
def test_a_run_does_not_fail_because_of_a_compaction(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(REARRANGE, full)
    store = LedgerStore(lake)
    for text in "abcd":
        add(store, text)
    assert told(LedgerStore(lake)) == ["a", "b", "c", "d"]


def test_a_reader_of_the_version_before_still_finds_its_files(lake: Lake) -> None:
    add_each(lake, "abc")
    rows = LedgerStore(lake).scan(NAME)
    assert compact(lake)
    assert sorted(rows.collect()["fingerprint"]) == ["a", "b", "c"]


def test_the_commit_names_the_digest_of_the_new_file(lake: Lake) -> None:
    add_each(lake, "abc")
    compact(lake)
    [path] = DeltaTable(lake.ledger(NAME)).file_uris()
    log = sorted(Path(lake.ledger(NAME), "_delta_log").glob("*.json"))[-1]
    assert list(parse_log_entry(log.read_bytes()).digests) == [Path(path).name]


@pytest.mark.parametrize("table", [name for name in LEDGER_TABLES if name not in ("duplicates", "meanings", "files")])
def test_a_table_of_an_older_version_says_the_same_when_it_is_compacted(tmp_path: Path, table: str) -> None:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    lake = Lake(str(tmp_path / "lake"))
    before, schema = LedgerStore(lake).read(table), LEDGER_TABLES[table].SCHEMA
    if before.height:
        compact_ledger_table(lake, table, schema, open_delta(lake, lake.ledger(table)), 0)
    assert LedgerStore(lake).read(table).equals(before)
