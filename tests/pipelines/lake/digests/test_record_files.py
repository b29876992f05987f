"""Digests are recorded when a file is written, and not again after it may have been damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.digests.record_files import record_curated_files, record_ledger_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, ledger_compaction
from citylake.pipelines.lake.stored_files import list_stored_files

PLACE = "curated/traffic/day"


def test_damage_that_came_a_moment_after_a_file_was_recorded_is_not_recorded_as_right(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    pl.DataFrame({"flow": [1, 2]}).write_delta(lake.path(PLACE))
    ledger, since = Ledger(lake), datetime.now(UTC)
    record_curated_files(ledger, "first", "traffic", since)
    ledger.flush()
    before = ledger.recorded_digests(PLACE)
    (file,) = Path(lake.path(PLACE)).glob("*.parquet")
    file.write_bytes(b"other bytes")
    # The log entry is younger than a second, so the second publication lists it again.
    record_curated_files(ledger, "second", "traffic", since)
    ledger.flush()
    assert f"{PLACE}/{file.name}" in before
    assert Ledger(lake).recorded_digests(PLACE) == before


def write(lake: Lake, run: str) -> Ledger:
    """A run up to its last flush: rows of its own are stored, their digests wait."""
    ledger = Ledger(lake)
    ledger.set_state("air.readings", "service", {"after": run})
    ledger.flush_batch()
    record_ledger_files(ledger, run)
    return ledger


def unrecorded(lake: Lake) -> set[str]:
    """The files of the ledger without a digest, by table."""
    ledger = Ledger(lake)
    found = {f"ledger/{file.path}" for file in list_stored_files(lake, lake.path("ledger"))}
    rows = ledger.read("files")
    return {path for path in found - set(rows["path"]) if not path.endswith("_last_checkpoint")}


def files_version(lake: Lake) -> int:
    return delta_version(lake, lake.ledger("files"))


def test_a_run_records_the_ledger_by_one_commit_and_the_next_records_that(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    # Checkpoints of both tables are among these.
    for number in range(12):
        write(lake, f"run {number}").flush()
        assert files_version(lake) == number
        entry = f"ledger/files/_delta_log/{number:020}."
        assert {path for path in unrecorded(lake) if "_delta_log" in path} <= {
            f"{entry}json",
            f"{entry}checkpoint.parquet",
        }
        assert len([path for path in unrecorded(lake) if "_delta_log" not in path]) == 1


def test_commits_of_runs_that_recorded_at_once_are_recorded_by_the_next(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    write(lake, "first").flush()
    at_once = [write(lake, f"at once {number}") for number in range(3)]
    for ledger in reversed(at_once):
        ledger.flush()
    last = write(lake, "last")
    last.flush()
    paths = [path for path in unrecorded(lake) if "_delta_log" in path]
    assert paths == [f"ledger/files/_delta_log/{files_version(lake):020}.json"]


def test_a_commit_of_digests_alone_hides_none_before_it(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    write(lake, "first").flush()
    ledger = Ledger(lake)
    ledger.add_files("many files", "raw/air.readings", [("raw/air.readings/1/a", FileDigest(1, "0" * 64), "found")])
    ledger.flush()
    write(lake, "last").flush()
    paths = [path for path in unrecorded(lake) if "_delta_log" in path]
    assert paths == [f"ledger/files/_delta_log/{files_version(lake):020}.json"]


def test_what_a_run_combines_in_the_ledger_is_recorded_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_compaction, "MOST_FILES", 2)
    lake = Lake(str(tmp_path / "lake"))
    for number in range(8):
        write(lake, f"run {number}").flush()
    assert not [path for path in unrecorded(lake) if path.startswith("ledger/states/")]
    assert any("checkpoint" in path for path in Ledger(lake).recorded_digests("ledger/states"))
