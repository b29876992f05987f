from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from citylake.pipelines.commit import commit_batch
from citylake.pipelines.flow.step_state import clear_step_state, write_step_state
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.records import BatchResult, PipelineBatch
from citylake.pipelines.upkeep import orphan_files
from tests.pipelines.upkeep.conftest import COLUMNS, WRITE, put, reading, upkeep

DATASET = "test.readings"
ALL = timedelta(0)
DAY = 86_400


def stage(city: Any, receipt: str, value: float = 1.0) -> Any:
    rows = {receipt: [reading(1, "a", value)]}
    return city.stage(rows, columns=COLUMNS, day_of="observed_at", quarantined={receipt: 1}, dropped=1)


def aged(folder: Path, days: float) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and "_delta_log" not in path.parts:
            os.utime(path, (time.time() - days * DAY,) * 2)


def there(city: Any) -> set[str]:
    return {path.name for path in Path(city.lake.url).rglob("*.parquet") if "_delta_log" not in path.parts}


def swept(city: Any, age: timedelta | None = None, **options: Any) -> list[Any]:
    return list(upkeep(city, age=age, **options).sweep())


def test_what_a_crash_left_goes_when_it_is_old(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    staged = stage(city, "r2")
    left = {Path(path).name for path in (*staged.standard, *staged.quarantine, *staged.duplicates)}
    aged(Path(city.lake.url), 6)
    assert swept(city) == []
    assert left <= there(city)
    aged(Path(city.lake.url), 8)
    told = swept(city)
    assert sorted(each.subject for each in told) == [
        "ledger/duplicates",
        "quarantine/test.readings",
        "standard/test.readings",
    ]
    assert left & there(city) == set()
    assert city.standard().height == 1
    assert swept(city) == []


def test_a_dry_run_tells_and_deletes_nothing(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    stage(city, "r2")
    before = there(city)
    would = swept(city, ALL, dry_run=True)
    assert there(city) == before
    told = swept(city, ALL)
    assert [(each.subject, each.files_before, each.files_after, each.bytes_freed) for each in would] == [
        (each.subject, each.files_before, each.files_after, each.bytes_freed) for each in told
    ]
    assert would


def test_a_batch_that_a_step_left_for_the_next_keeps_its_files_however_old(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    staged = stage(city, "r2")
    write_step_state(
        city.lake,
        "run-1",
        DATASET,
        "audit",
        list[PipelineBatch],
        [PipelineBatch(BatchResult(DATASET, "staged"), staged)],
    )
    for zone in ("standard", "quarantine", "ledger"):
        aged(Path(city.lake.path(zone)), 100)
    assert swept(city) == []
    city.commit(city.contract(**WRITE), staged)
    assert city.quarantine().height == 1
    assert city.duplicates().height == 2
    clear_step_state(city.lake, "run-1", DATASET)


def test_a_handoff_that_broke_off_protects_what_it_names(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    staged = stage(city, "r2")
    write_step_state(
        city.lake,
        "run-1",
        DATASET,
        "audit",
        list[PipelineBatch],
        [PipelineBatch(BatchResult(DATASET, "staged"), staged)],
    )
    path = Path(city.lake.path("handoff", "run-1", DATASET, "audit.json"))
    path.write_bytes(path.read_bytes()[:-40])
    aged(Path(city.lake.path("standard")), 100)
    assert [each for each in swept(city) if each.subject.startswith("standard")] == []


def test_a_dead_runs_handoff_goes_first_and_its_files_the_next_time(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    staged = stage(city, "r2")
    write_step_state(
        city.lake,
        "run-1",
        DATASET,
        "audit",
        list[PipelineBatch],
        [PipelineBatch(BatchResult(DATASET, "staged"), staged)],
    )
    write_step_state(city.lake, "run-2", DATASET, "pull", list[str], ["young"])
    aged(Path(city.lake.url), 8)
    write_step_state(city.lake, "run-2", DATASET, "parse", list[str], ["young"])
    assert [each.subject for each in swept(city)] == ["handoff"]
    assert sorted(path.name for path in Path(city.lake.path("handoff")).rglob("*.json")) == ["parse.json", "pull.json"]
    assert Path(staged.standard[0]).exists()
    swept(city)
    assert not Path(staged.standard[0]).exists()


def test_lost_rows_whose_commit_died_are_kept_for_the_next_run_to_name(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    staged = stage(city, "r2", 2.0)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commit_batch, "_commit_duplicates", die)
        with pytest.raises(KeyboardInterrupt):
            city.commit(city.contract(**WRITE), staged)
    for path in staged.duplicates:
        os.utime(path)
    aged(Path(city.lake.path("ledger")), 100)
    os.utime(staged.duplicates[0])
    assert swept(city) == []
    city.commit(city.contract(**WRITE), staged)
    assert sorted(city.duplicates()["kind"]) == ["exact", "superseded"]
    list(upkeep(city).everything())
    assert len(swept(city, ALL)) > 0
    assert sorted(city.duplicates()["kind"]) == ["exact", "superseded"]


def test_files_that_were_compacted_away_stay_as_long_as_somebody_may_read_them(city: Any) -> None:
    for number in range(3):
        put(city, {f"r{number}": [reading(1, f"s{number}", 1.0)]})
    list(upkeep(city).everything())
    assert len(list(Path(city.lake.standard(DATASET)).rglob("*.parquet"))) == 4
    aged(Path(city.lake.url), 100)
    assert swept(city) == []
    assert len(swept(city, ALL)) == 1
    assert len(list(Path(city.lake.standard(DATASET)).rglob("*.parquet"))) == 1
    assert city.standard().height == 3


def test_a_table_that_never_came_to_be_is_swept_too(city: Any) -> None:
    staged = stage(city, "r1")
    aged(Path(city.lake.url), 8)
    swept(city)
    assert not Path(staged.standard[0]).exists()


def test_a_table_whose_log_is_there_but_cannot_be_read_loses_nothing(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    aged(Path(city.lake.url), 100)
    (entry,) = Path(city.lake.standard(DATASET), "_delta_log").glob("*0.json")
    entry.rename(entry.with_name("elsewhere.tmp"))
    before = there(city)
    told = list(upkeep(city).everything())
    assert {each.problem.code for each in told if each.problem} == {"STEP_FAILED", "VERIFY_TABLE_UNREADABLE"}
    assert there(city) >= before


def test_lost_rows_are_kept_where_a_log_that_may_name_them_cannot_be_read(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]}, dropped=1)
    stage(city, "r2")
    aged(Path(city.lake.url), 100)
    (entry,) = Path(city.lake.standard(DATASET), "_delta_log").glob("*0.json")
    entry.rename(entry.with_name("elsewhere.tmp"))
    told = {each.subject: each.problem for each in swept(city)}
    assert told["ledger/duplicates"]
    assert told["quarantine/test.readings"] is None


def test_a_file_that_a_batch_names_while_leftovers_are_looked_for_stays(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hand-over is asked first: what it no longer names by then is in the log that is read after it."""
    put(city, {"r1": [reading(1, "a", 1.0)]})
    staged = stage(city, "r2", 2.0)
    write_step_state(
        city.lake,
        "run-1",
        DATASET,
        "audit",
        list[PipelineBatch],
        [PipelineBatch(BatchResult(DATASET, "staged"), staged)],
    )
    aged(Path(city.lake.url), 100)
    real = list_stored_files

    def slow(*arguments: Any) -> Any:
        found = real(*arguments)
        if Path(staged.standard[0]).exists() and arguments[1] == city.lake.standard(DATASET):
            city.commit(city.contract(**WRITE), staged)
            clear_step_state(city.lake, "run-1", DATASET)
        return found

    monkeypatch.setattr(orphan_files, "list_stored_files", slow)
    swept(city)
    assert all(Path(path).exists() for path in map(_path, DeltaTable(city.lake.standard(DATASET)).file_uris()))
    assert city.standard()["pm25_ugm3"].to_list() == [2.0]


def _path(uri: str) -> str:
    return uri.removeprefix("file://")
