"""What a power cut leaves at the end of a Delta log is moved aside and reported; nothing else ever is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from citylake.pipelines.lake import delta_log
from citylake.pipelines.lake.delta_log import heal_log
from citylake.pipelines.lake.delta_table import open_delta, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_append import append_ledger_rows
from citylake.schemas.words.errors import CitylakeError

ROWS = pl.DataFrame({"a": [1, 2]})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def table(lake: Lake, place: str = "ledger/runs", commits: int = 3) -> Path:
    """A table after ``commits``, the first of which creates it with rows; the log's folder."""
    root = lake.path(*place.split("/"))
    for _ in range(commits):
        append_ledger_rows(lake, root, ROWS)
    delta_log._checked.clear()  # the power cut ends the process
    return Path(root) / "_delta_log"


def last(log: Path) -> Path:
    return max(log.glob("*.json"))


torn = pytest.mark.parametrize(
    "tear",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: bytes(len(whole)),
        lambda whole: whole.splitlines(keepends=True)[0],
        lambda whole: b"".join(whole.splitlines(keepends=True)[:-1]),
    ],
    ids=["empty", "half", "zeros", "ends after a line", "lacks its last line"],
)


@torn
def test_a_torn_last_entry_is_moved_aside_and_its_version_is_written_again(
    lake: Lake, tear: object, caplog: pytest.LogCaptureFixture
) -> None:
    entry = last(table(lake))
    assert callable(tear)
    entry.write_bytes(tear(entry.read_bytes()))
    root = lake.path("ledger", "runs")
    assert open_delta(lake, root).version() == 1
    assert Path(lake.path("recovered", "ledger", "runs", entry.name)).exists()
    assert entry.name in caplog.text
    append_ledger_rows(lake, root, ROWS)
    assert DeltaTable(root).version() == 2
    assert pl.read_delta(root).height == 6


@torn
def test_a_table_whose_first_entry_is_torn_does_not_exist_yet(lake: Lake, tear: object) -> None:
    entry = last(table(lake, commits=1))
    assert callable(tear)
    entry.write_bytes(tear(entry.read_bytes()))
    root = lake.path("ledger", "runs")
    assert open_delta_if_exists(lake, root) is None
    append_ledger_rows(lake, root, ROWS)
    assert pl.read_delta(root).height == 2


def test_a_torn_checkpoint_is_read_from_the_log_instead(lake: Lake) -> None:
    log = table(lake, commits=12)
    (checkpoint,) = log.glob("*.checkpoint.parquet")
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    assert open_delta(lake, lake.path("ledger", "runs")).version() == 11
    assert pl.read_delta(lake.path("ledger", "runs")).height == 24


def test_a_whole_entry_stays_whoever_wrote_it(lake: Lake) -> None:
    log = table(lake)
    root = lake.path("ledger", "runs")
    write_deltalake(root, ROWS, mode="append")
    actions = [json.loads(line) for line in last(log).read_text().splitlines()]
    without_info = [json.dumps(action) for action in actions if "commitInfo" not in action]
    (log / f"{4:020}.json").write_text("\n".join(without_info) + "\n\n")
    heal_log(lake, root)
    assert DeltaTable(root).version() == 4


def test_only_a_curated_table_is_undone_if_a_file_of_its_last_version_is_torn(lake: Lake) -> None:
    for place, version in (("curated/air/day", 0), ("standard/air", 1)):
        root = lake.path(*place.split("/"))
        for _ in range(2):
            write_deltalake(root, ROWS, mode="overwrite")
        (added,) = DeltaTable(root).file_uris()
        os.truncate(added.removeprefix("file://"), 10)
        assert open_delta(lake, root).version() == version


def test_a_process_that_may_not_write_says_what_to_do(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    last(table(lake)).write_bytes(b"")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(CitylakeError, match="citylake run") as caught:
        open_delta(lake, lake.path("ledger", "runs"))
    assert caught.value.code == "LOG_TORN"
