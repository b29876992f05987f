"""Lakes of the last three revisions are opened, continued and migrated; they are then as a lake that was made today."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake

from citylake.pipelines.cli import main
from citylake.pipelines.lake.lake_format import FORMAT_FILE, LAKE_FORMAT
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.mart_reader import open_mart
from citylake.pipelines.upkeep import migrate_lake
from tests.thorough import spread

LAKES = Path(__file__).parents[2] / "fixtures" / "lakes"
REVISIONS = ("42b6f2e", "7e43f3a", "065c435")
STEPS = ["ledger-columns", "ledger-sequence", "lake-clock", "lake-format"]
DATASETS = ("air.log", "air.readings", "air.stations")
Content = dict[str, list[dict[str, Any]]]


@dataclass
class CityFolder:
    root: Path

    def call(self, *arguments: str) -> tuple[int, str]:
        said = io.StringIO()
        with redirect_stdout(said):
            code = main(["--workspace", str(self.root / "workspace"), "--lake", str(self.root / "lake"), *arguments])
        return code, said.getvalue()

    def json(self, *arguments: str) -> Any:
        code, out = self.call(*arguments, "--json")
        assert code == 0, out
        return json.loads(out)

    def deliver(self, number: int) -> None:
        shutil.copytree(LAKES / "drops" / str(number), self.root / "drops", dirs_exist_ok=True)

    def run(self) -> dict[str, str]:
        return {entry["dataset"]: entry["status"] for entry in self.json("run")["datasets"]}

    def content(self) -> Content:
        """The rows that people query, without ids of receipts and runs."""
        found = {name: _plain(pl.read_delta(str(self.root / "lake/standard" / name))) for name in DATASETS}
        refused = pl.read_delta(str(self.root / "lake/quarantine/air.readings")).select("raw", "codes")
        found["quarantine"] = sorted(refused.to_dicts(), key=str)
        query = "SELECT station_code, day, pm25_ugm3, readings FROM station_day ORDER BY ALL"
        # Not by `citylake query`, which writes: it is on record in the ledger, and begins its clock.
        with open_mart(Lake(str(self.root / "lake")), "air") as mart:
            return found | {"mart": mart.execute(query).pl().to_dicts()}

    def files(self) -> dict[str, int]:
        lake = self.root / "lake"
        return {str(path.relative_to(lake)): path.stat().st_mtime_ns for path in lake.rglob("*") if path.is_file()}

    @property
    def ledger(self) -> Ledger:
        return Ledger(Lake(str(self.root / "lake")))


def _plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    return table.select(sorted(name for name in table.columns if not name.startswith("_"))).sort(pl.all()).to_dicts()


def city_folder(root: Path, revision: str | None) -> CityFolder:
    shutil.copytree(LAKES / "workspace", root / "workspace")
    found = CityFolder(root)
    if revision:
        with tarfile.open(LAKES / f"{revision}.tar.gz") as archive:
            archive.extractall(root, filter="data")
        _move_sources(root)
        found.deliver(1)
        found.deliver(2)
    return found


def _move_sources(root: Path) -> None:
    """The sources lay below ``/srv/city``; a file of another folder would be another source."""
    table = str(root / "lake/ledger/receipts")
    moved = pl.read_delta(table).with_columns(
        pl.col("source").str.replace("/srv/city", str(root), literal=True),
        pl.col("landing").list.eval(pl.element().str.replace("/srv/city", str(root), literal=True)),
    )
    write_deltalake(table, moved, mode="overwrite")


@pytest.fixture(params=REVISIONS)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> CityFolder:
    return city_folder(tmp_path, request.param)


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Content]:
    """What a lake holds that today's commands made of the first two deliveries, and of all three."""
    fresh, found = city_folder(tmp_path_factory.mktemp("today"), None), {}
    for number in (1, 2, 3):
        fresh.deliver(number)
        assert set(fresh.run().values()) == {"committed"}
        found[number] = fresh.content() if number > 1 else {}
    return found


def test_it_is_read_as_it_is_and_continued_without_reading_anything_twice(
    older: CityFolder, today: dict[int, Content]
) -> None:
    assert older.content() == today[2]
    assert older.json("status")["format"] == 1
    assert "citylake migrate" in older.call("status")[1]
    assert set(older.run().values()) == {"unchanged"}
    older.deliver(3)
    assert set(older.run().values()) == {"committed"}
    assert set(older.run().values()) == {"unchanged"}
    assert older.content() == today[3]
    assert older.json("status")["format"] == 1  # until it is migrated


def test_it_is_migrated_step_by_step(older: CityFolder, today: dict[int, Content]) -> None:
    before, files = {name: older.ledger.read(name) for name in ("batches", "receipts", "checks")}, older.files()
    planned = older.json("migrate", "--dry-run")
    assert [entry["step"] for entry in planned["steps"]] == STEPS
    assert older.files() == files
    done = older.json("migrate")
    assert (done["format"], done["to_format"]) == (1, LAKE_FORMAT)
    assert [entry["step"] for entry in done["steps"] if entry["places"]] == [
        entry["step"] for entry in planned["steps"] if entry["places"]
    ]
    assert {name: older.ledger.read(name).equals(rows) for name, rows in before.items()} == dict.fromkeys(before, True)
    stored = pl.read_delta(str(older.root / "lake/ledger/batches"))
    assert "at" not in stored.columns
    assert stored["sequence"].null_count() == 0
    assert older.json("status")["format"] == LAKE_FORMAT
    files = older.files()
    assert older.json("migrate")["steps"] == []
    assert older.files() == files
    older.deliver(3)
    assert set(older.run().values()) == {"committed"}
    assert older.content() == today[3]
    assert older.ledger.read("receipts").filter(pl.col("status") == "received")["id"].is_sorted()


@pytest.mark.parametrize("crash", range(len(STEPS)))
def test_a_migration_that_is_interrupted_is_completed_by_the_next(
    tmp_path: Path, crash: int, monkeypatch: pytest.MonkeyPatch, today: dict[int, Content]
) -> None:
    older = city_folder(tmp_path, REVISIONS[0])

    def interrupt(_: Lake) -> None:
        raise KeyboardInterrupt

    steps = list(migrate_lake.MIGRATION_STEPS)
    with monkeypatch.context() as patch:
        broken = replace(steps[crash], apply=interrupt)
        patch.setattr(migrate_lake, "MIGRATION_STEPS", (*steps[:crash], broken, *steps[crash + 1 :]))
        with pytest.raises(KeyboardInterrupt):
            list(migrate_lake.migrate_lake(older.ledger.lake))
    assert not (older.root / "lake" / FORMAT_FILE).exists()
    assert older.content() == today[2]
    assert [entry["step"] for entry in older.json("migrate")["steps"] if entry["places"]] == STEPS[crash:]
    assert set(older.run().values()) == {"unchanged"}


@pytest.mark.parametrize("older", spread(REVISIONS, 1), indirect=True)
def test_a_restored_lake_has_the_format_of_the_one_that_was_backed_up(older: CityFolder) -> None:
    backups, restored = str(older.root / "backups"), CityFolder(older.root / "again")
    shutil.copytree(LAKES / "workspace", restored.root / "workspace")
    shutil.copytree(older.root / "drops", restored.root / "drops")
    older.json("backup", backups)
    restored.json("restore", backups)
    assert restored.json("status")["format"] == 1
    shutil.rmtree(restored.root / "lake")
    older.json("migrate")
    older.json("backup", backups)
    restored.json("restore", backups)
    assert restored.json("status")["format"] == LAKE_FORMAT
    assert set(restored.run().values()) == {"unchanged"}
