"""``citylake rebuild``: what it writes, what it says, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.history.rebuild.read_batch import BatchReader
from citylake.pipelines.lake.ledger import Ledger
from tests.object_store import BUCKET, s3_url, store
from tests.pipelines.history.rebuild.conftest import PastTown

__all__ = ["s3_url", "store"]


def state(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_version_is_made_again_by_the_bytes_and_the_sql_of_its_time(
    town: PastTown, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(town.root / "lake")
    assert town.rebuild(town.times()[number], "out.duckdb", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["equal"], told["compared"], told["problems"]) == (True, "rows", [])
    assert told["version"] == town.version(number).stem.removeprefix("air-")
    for table in ("station_day", "_incomplete", "_mart"):
        with duckdb.connect(str(town.version(number)), read_only=True) as connection:
            assert town.rows(table=table) == sorted(connection.execute(f"FROM {table}").fetchall(), key=repr)
    (note,) = town.rows(table="_rebuilt")
    assert note[:2] == ("air", told["version"])
    assert state(town.root / "lake") == before
    assert list((town.root / "scratch").iterdir()) == []


def test_the_version_of_a_time_is_the_last_one_published_until_then(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    second = datetime.fromisoformat(town.times()[1])
    between = (second - timedelta(microseconds=1)).astimezone(ZoneInfo("America/New_York"))
    assert town.rebuild(between.isoformat()) == 0
    shown = capsys.readouterr()
    assert town.version(0).stem.removeprefix("air-") in shown.out
    assert "station_day: equal, 2 rows" in shown.out
    assert "air.readings: 1 batches read again, 1 receipts, 2 rows in, 2 standard" in shown.err


def test_a_time_before_the_first_version_is_refused_with_the_first_one(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    first = datetime.fromisoformat(town.times()[0])
    assert town.rebuild((first - timedelta(seconds=9)).isoformat()) == 1
    said = capsys.readouterr().err
    (told,) = re.findall(r"the first one was published at (\S+)\.", said)
    assert datetime.fromisoformat(told) == first
    assert town.rebuild(told) == 0


def test_what_cannot_be_meant_is_refused(town: PastTown, capsys: pytest.CaptureFixture[str]) -> None:
    now, taken = town.times()[-1], town.root / "taken.duckdb"
    taken.write_text("mine")
    inside = town.root / "lake" / "marts" / "air" / "x.duckdb"
    for words, said in (
        (["air", "--as-of", "yesterday"], "is not a time"),
        (["air", "--as-of", "2199-01-01"], "has not come"),
        (["aire", "--as-of", now], "mart aire"),
        (["air", "--as-of", now, "--output", str(taken)], "exists and is not overwritten"),
        (["air", "--as-of", now, "--output", str(inside)], "is inside the lake"),
        (["air", "--as-of", now, "--output", str(town.root / "none/x.duckdb")], "cannot be written"),
    ):
        assert town.call("rebuild", *words) == 1
        assert said in capsys.readouterr().err
    assert taken.read_text() == "mine"
    assert not inside.exists()


def test_a_version_that_was_held_is_not_in_force(town: PastTown) -> None:
    town.edit(
        "marts/air/mart.yaml",
        "    day: day\n",
        "    day: day\n    checks: [{name: {zh: 多, en: many}, sql: SELECT count(*) FROM station_day}]\n",
    )
    town.deliver("station,hour,pm25\nS9,2026-03-05 08:00,1.0\n", "more.csv")
    assert town.call("run") == 2
    assert town.rebuild(datetime.now(UTC).isoformat()) == 0
    assert {row[0] for row in town.rows()} == {"S1", "S2"}


def test_a_version_that_was_made_current_again_is_in_force(town: PastTown, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC).isoformat()
    first = town.version(0).stem.removeprefix("air-")
    assert town.call("mart", "rollback", "air", "--to", first, "--why", "wrong") == 0
    assert town.rebuild(datetime.now(UTC).isoformat()) == 0
    assert f"version {first}" in capsys.readouterr().out
    assert town.rebuild(before, "before.duckdb") == 0
    assert f"version {first}" not in capsys.readouterr().out


def test_the_file_is_named_by_mart_and_time(town: PastTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(town.root)
    at = datetime.fromisoformat(town.times()[1])
    assert town.call("rebuild", "air", "--as-of", at.isoformat()) == 0
    assert (town.root / f"air-as-of-{at:%Y%m%dT%H%M%SZ}.duckdb").exists()


def test_without_the_published_file_the_rows_of_each_table_are_counted(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    town.version(0).unlink()
    assert town.rebuild(town.times()[0]) == 0
    assert "as many as were published" in capsys.readouterr().out


def test_a_published_file_with_other_rows_is_told_with_exit_code_2(
    town: PastTown, capsys: pytest.CaptureFixture[str]
) -> None:
    file = town.version(0)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("UPDATE station_day SET readings = 7 WHERE station_code = 'S1'")
    assert town.rebuild(town.times()[0]) == 2
    assert "1 only made again, 1 only published" in capsys.readouterr().out


def test_a_rebuild_that_fails_leaves_no_file_behind(town: PastTown, monkeypatch: pytest.MonkeyPatch) -> None:
    read = BatchReader.read

    def broken(self: BatchReader, batch: object) -> object:
        read(self, batch)  # type: ignore[arg-type]
        raise MemoryError

    monkeypatch.setattr(BatchReader, "read", broken)
    assert town.rebuild(town.times()[0]) == 3
    assert list((town.root / "scratch").iterdir()) == []
    assert not (town.root / "out.duckdb").exists()


@pytest.mark.usefixtures("store")
def test_a_lake_on_an_object_store_is_read_alike(
    town: PastTown, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from citylake.pipelines.lake.lake_zones import Lake

    monkeypatch.setenv("CITYLAKE_LANG", "en")
    lake = Lake(f"{BUCKET}/lakes/rebuild")
    lake.fs.put(f"{town.lake.url}/", lake.url, recursive=True)
    at = Ledger(lake).read("publications")["published_at"].drop_nulls()[0].isoformat()
    file = town.root / "store.duckdb"
    words = ["--workspace", str(town.workspace), "--lake", lake.url, "rebuild", "air", "--as-of", at]
    assert main([*words, "--output", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["equal"], told["compared"]) == (True, "rows")
