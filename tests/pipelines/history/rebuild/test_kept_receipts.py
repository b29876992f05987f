"""What retention has removed makes a time impossible only if its rows are needed; the oldest possible one is told."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from citylake.pipelines.lake.ledger import Ledger
from tests.pipelines.history.rebuild.conftest import SECOND, PastTown

DATASET = "air.readings"


def expire(town: PastTown, *numbers: int) -> None:
    """Remove the bytes and the text of receipts by their numbers, as the upkeep does it and records it."""
    ledger = Ledger(town.lake)
    names = sorted(ledger.received_receipts(DATASET)["id"])
    gone = [names[number] for number in numbers]
    for zone in ("landing", "raw"):
        counted = {"files": 1, "size_bytes": 1, "retention_days": 30}
        ledger.add_removals("upkeep", zone, DATASET, dict.fromkeys(gone, counted))
        for folder in Path(town.lake.path(zone)).rglob("*"):
            if folder.name in gone:
                shutil.rmtree(folder)
    ledger.flush()


def test_a_time_that_needs_a_removed_receipt_is_refused_with_the_oldest_possible_one(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    expire(town, 1)
    batch = Ledger(town.lake).committed_batches(DATASET)["batch"][1]
    for at in town.times()[1:]:
        assert town.rebuild(at) == 1
        said = capsys.readouterr().err
        assert f"batch {batch} of dataset {DATASET} is needed" in said
        assert "The oldest possible time: —." in said
    assert not (town.root / "out.duckdb").exists()
    assert town.rebuild(town.times()[0]) == 0


def test_a_removed_receipt_of_which_every_row_is_superseded_is_not_needed(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    town.deliver(SECOND.replace("14.5", "15.5").replace("31.0", "32.0").replace("9.0", "8.0"))
    assert town.call("run") == 0
    expire(town, 0, 1)
    capsys.readouterr()
    assert town.rebuild(town.times()[0]) == 1
    (told,) = re.findall(r"The oldest possible time: (\S+)\.", capsys.readouterr().err)
    assert datetime.fromisoformat(told) == datetime.fromisoformat(town.times()[-1])
    assert town.rebuild(told) == 0
    assert "2 earlier batches need not be read" in capsys.readouterr().out


def test_the_oldest_time_is_the_first_version_of_which_everything_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = grown(tmp_path, monkeypatch)
    expire(town, 0)
    assert town.rebuild(town.times()[0]) == 1
    (told,) = re.findall(r"The oldest possible time: (\S+)\.", capsys.readouterr().err)
    assert datetime.fromisoformat(told) == datetime.fromisoformat(town.times()[1])
    assert town.rebuild(told) == 0
    assert town.rebuild(town.times()[2], "third.duckdb", "--json") == 0
    expire(town, 2)
    capsys.readouterr()
    assert town.rebuild(town.times()[0], "none.duckdb") == 1
    assert "The oldest possible time: —" not in capsys.readouterr().err
    assert town.rebuild(town.times()[2], "lost.duckdb") == 1
    assert "The oldest possible time: —" in capsys.readouterr().err


def test_a_removed_receipt_that_another_one_was_measured_against_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = grown(tmp_path, monkeypatch)
    # A row of another file that equals one of the first: it was dropped, and the first file's row stood for it.
    ledger = Ledger(town.lake)
    first, second, *_ = sorted(ledger.received_receipts(DATASET)["id"])
    row = {"_batch": "b", "dataset": DATASET, "_receipt": second, "_row": 1, "survivor_receipt": first}
    own = pl.DataFrame([{**row, "_receipt": "another", "survivor_row": 1, "kind": "exact"}])
    own.write_delta(town.lake.ledger("duplicates"), mode="append")
    expire(town, 0)
    assert town.rebuild(town.times()[1]) == 1


def test_bytes_that_are_gone_without_a_record_end_the_rebuild_with_the_batch(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(town.lake.path("landing", DATASET))
    batch = Ledger(town.lake).committed_batches(DATASET)["batch"][0]
    assert town.rebuild(town.times()[0]) == 3
    assert f"Batch {batch} of dataset {DATASET} cannot be read again" in capsys.readouterr().err
    assert not (town.root / "out.duckdb").exists()


def grown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> PastTown:
    """A file that grows twice: each delivery replaces the rows of the one before. Then another file."""
    from tests.small_workspace import write_small_workspace

    monkeypatch.setenv("CITYLAKE_LANG", "en")
    town = PastTown(folder)
    write_small_workspace(town.workspace)
    town.edit(
        "datasets/air/readings.yaml",
        "write: {mode: upsert, key: [station_code, hour_start], ",
        "write: {mode: append, ",
    )
    text = "station,hour,pm25\nS1,2026-03-01 08:00,12.5\n"
    town.deliver(text)
    assert town.call("run") == 0
    town.deliver(text + "S2,2026-03-01 08:00,31.0\n")
    assert town.call("run") == 0
    town.deliver("station,hour,pm25\nS3,2026-03-02 08:00,5.0\n", "more.csv")
    assert town.call("run") == 0
    return town
