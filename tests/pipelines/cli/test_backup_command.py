"""``citylake backup`` and ``citylake restore``: what comes back is what was there, or nothing is taken for it."""

from __future__ import annotations

import errno
import itertools
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup import backup_archive, file_copy
from citylake.pipelines.upkeep.backup import restore_backup as restoring
from citylake.pipelines.upkeep.backup import take_backup as taking
from citylake.pipelines.upkeep.backup.restore_backup import restore_lake
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples, spread

BAD = "时间,设备,流量\n2026-03-02 08:00,JT0000000001,30\n2026-03-02 09:00,JT0000000001,many\n"
CORRECTED = "时间,设备,流量\n2026-03-01 08:00,JT0000000001,11\n"
PLACES = 6  # at which a usual run breaks a backup or a restore off
ASK = ("query", "traffic", "SELECT * FROM day ORDER BY day")


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "kept" / "here")


@pytest.fixture
def filled(kept_city: Any) -> Any:
    def fill(city: Any) -> None:
        city.drop("b.csv", BAD)
        city.json("run")

    return kept_city(fill)


def told(city: Any, lake: str) -> dict[str, Any]:
    """All that people see of a lake."""
    at = ("--lake", lake)
    asked = {"status": ("status",), "mart": ASK, "refused": ("quarantine", "list", "--dataset", "traffic.counts")}
    seen = {name: city.json(*at, *command) for name, command in asked.items()}
    for each in seen["status"][1]["datasets"]:
        # It grows with every second.
        del each["freshness"]["age_seconds"]
    return seen | {"rows": pl.read_delta(f"{lake}/standard/traffic.counts").sort(pl.all()).to_dicts()}


def test_what_is_restored_is_what_was_there_and_a_run_finds_nothing_new(filled: Any, place: str) -> None:
    before = told(filled, str(filled.root / "lake"))
    code, done = filled.json("backup", place)
    assert (code, done["copied"]) == (0, done["files"])
    there = str(filled.root / "elsewhere")
    assert filled.json("--lake", there, "restore", place)[0] == 0
    assert told(filled, there) == before
    code, again = filled.json("--lake", there, "run")
    states = [each["status"] for each in (*again["datasets"], *again["marts"])]
    assert (code, states) == (0, ["unchanged", "unchanged"])


def test_a_restored_lake_goes_on_where_it_was(filled: Any, place: str) -> None:
    filled.json("backup", place)
    shutil.rmtree(filled.root / "lake")
    filled.json("restore", place)
    filled.drop("c.csv", CORRECTED)
    assert filled.json("run")[1]["datasets"][0]["rows_superseded"] == 1
    assert [row["flow_veh"] for row in filled.json(*ASK)[1]["rows"]] == [31, 30]


def test_the_second_backup_copies_what_is_new_and_the_first_can_still_be_restored(filled: Any, place: str) -> None:
    first = filled.json("backup", place)[1]
    filled.drop("c.csv", CORRECTED)
    filled.json("run")
    second = filled.json("backup", place)[1]
    assert 0 < second["copied"] < first["copied"]
    third = filled.json("backup", place)[1]
    assert (third["copied"], third["files"]) == (0, second["files"])
    for identity, flow in ((first["id"], 30), (second["id"], 31)):
        there = str(filled.root / identity)
        filled.json("--lake", there, "restore", place, "--backup", identity)
        assert filled.json("--lake", there, *ASK)[1]["rows"][0]["flow_veh"] == flow


def test_a_lake_that_took_another_turn_is_backed_up_to_the_same_place(filled: Any, place: str) -> None:
    first = filled.json("backup", place)[1]["id"]
    for name, text in (("c.csv", CORRECTED), ("d.csv", CORRECTED.replace("11", "12"))):
        shutil.rmtree(filled.root / "lake")
        filled.json("restore", place, "--backup", first)
        filled.drop(name, text)
        filled.json("run")
        filled.json("backup", place)
    before = told(filled, str(filled.root / "lake"))
    there = str(filled.root / "there")
    filled.json("--lake", there, "restore", place)
    assert told(filled, there) == before


def test_a_lake_that_was_compacted_and_vacuumed_comes_back(filled: Any, place: str) -> None:
    filled.json("backup", place)
    filled.drop("c.csv", CORRECTED)
    filled.json("run")
    for log in sorted((filled.root / "lake").rglob("_delta_log")):
        table = DeltaTable(str(log.parent))
        table.optimize.compact()
        table.create_checkpoint()
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    filled.drop("d.csv", CORRECTED.replace("11", "12"))
    filled.json("run")
    before = told(filled, str(filled.root / "lake"))
    assert filled.json("backup", place)[0] == 0
    there = str(filled.root / "there")
    filled.json("--lake", there, "restore", place)
    assert told(filled, there) == before
    assert filled.json("--lake", there, "run")[1]["datasets"][0]["status"] == "unchanged"


def test_older_backups_go_with_what_only_they_name(filled: Any, place: str) -> None:
    for flow in ("11", "12", "13"):
        filled.drop("c.csv", CORRECTED.replace("11", flow))
        filled.json("run")
        filled.json("backup", place)
    many = len(list(Path(place, "files").rglob("*.*")))
    code, done = filled.json("backup", place, "--keep", "2")
    assert (code, done["removed"]) == (0, 2)
    assert len(list(Path(place, "files").rglob("*.*"))) < many
    for number, identity in enumerate(backup_archive.list_backups(Lake(place))):
        there = str(filled.root / f"there{number}")
        assert filled.json("--lake", there, "restore", place, "--backup", identity)[0] == 0
        assert filled.json("--lake", there, *ASK)[1]["rows"][0]["flow_veh"] == 33
    with backup_archive.open_backup(Lake(place), backup_archive.list_backups(Lake(place))[-1]) as archive:
        named = set(backup_archive.read_manifest(Lake(place), "", archive).files)
    filled.json("backup", place, "--keep", "1")
    files = {str(path.relative_to(Path(place, "files"))) for path in Path(place, "files").rglob("*") if path.is_file()}
    assert files == named


def broken_at(monkeypatch: pytest.MonkeyPatch, module: Any, nth: int) -> None:
    """The ``nth`` file that is written from now on breaks off in its middle."""
    written = itertools.count()

    def half(target: Lake, to: str, chunks: Iterator[bytes]) -> tuple[int, str]:
        def cut() -> Iterator[bytes]:
            yield next(chunks)[:7]
            raise OSError(errno.ENOSPC, "No space left on device")

        return put(target, to, cut() if next(written) == nth else chunks)

    put = file_copy.write_whole_file
    monkeypatch.setattr(file_copy, "write_whole_file", half)
    monkeypatch.setattr(module, "write_whole_file", half)


def broken_off(city: Any, command: tuple[str, ...], module: Any, nth: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        broken_at(patched, module, nth)
        assert city.call(*command)[0] == 3


def writes(city: Any, command: tuple[str, ...], module: Any) -> int:
    """How many files the command writes before it is done."""
    with pytest.MonkeyPatch.context() as patched:
        broken_at(patched, module, -1)
        counted: list[int] = []
        half = file_copy.write_whole_file

        def counting(*asked: Any) -> Any:
            counted.append(1)
            return half(*asked)

        for each in (file_copy, module):
            patched.setattr(each, "write_whole_file", counting)
        assert city.call(*command)[0] == 0
    return len(counted)


def test_a_backup_that_broke_off_is_none_wherever_it_was(filled: Any, place: str) -> None:
    count = writes(filled, ("backup", str(filled.root / "counted")), taking)
    assert count > 8
    for nth in sorted({*spread(range(count), PLACES), count - 1}):
        fresh = f"{place}{nth}"
        broken_off(filled, ("backup", fresh), taking, nth)
        code, refused = filled.json("--lake", str(filled.root / "no"), "restore", fresh)
        assert (code, refused["error"]["code"]) == (1, "BACKUP_UNKNOWN")
        done = filled.json("backup", fresh)[1]
        assert done["copied"] == 0 or nth < count - 1
        assert filled.json("--lake", f"{filled.root}/yes{nth}", "restore", fresh)[0] == 0


def test_a_restore_that_broke_off_is_no_lake_until_it_is_completed(filled: Any, place: str) -> None:
    before = told(filled, str(filled.root / "lake"))
    filled.json("backup", place)
    there = str(filled.root / "there")
    count = writes(filled, ("--lake", str(filled.root / "counted"), "restore", place), restoring)
    for nth in spread(range(1, count), PLACES):
        broken_off(filled, ("--lake", there, "restore", place), restoring, nth)
        for command in (("run",), ("status",), ("backup", str(filled.root / "more"))):
            code, refused = filled.json("--lake", there, *command)
            assert (code, refused["error"]["code"]) == (1, "LAKE_RESTORING")
    assert filled.json("--lake", there, "restore", place)[0] == 0
    assert told(filled, there) == before


def test_nothing_is_restored_over_a_lake(filled: Any, place: str) -> None:
    filled.json("backup", place)
    filled.drop("c.csv", CORRECTED)
    filled.json("run")
    before = told(filled, str(filled.root / "lake"))
    code, refused = filled.json("restore", place)
    assert (code, refused["error"]["code"]) == (1, "LAKE_NOT_EMPTY")
    assert told(filled, str(filled.root / "lake")) == before


def test_a_restore_of_another_backup_does_not_go_on_with_a_half_restored_lake(filled: Any, place: str) -> None:
    first = filled.json("backup", place)[1]["id"]
    filled.json("backup", place)
    there = filled.root / "there"
    there.mkdir()
    (there / ".restoring").write_text(json.dumps({"backup": first}))
    code, refused = filled.json("--lake", str(there), "restore", place)
    assert (code, refused["error"]["code"]) == (1, "LAKE_NOT_EMPTY")
    assert filled.json("--lake", str(there), "restore", place, "--backup", first)[0] == 0


def spoilt(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(whole)


@pytest.mark.parametrize(
    "what", ["standard/**/*.parquet", "landing/**/*.csv", "marts/**/*.duckdb", "ledger/**/*.parquet"]
)
@pytest.mark.parametrize("harm", [spoilt, Path.unlink])
def test_a_damaged_file_of_a_backup_is_named_and_the_lake_stays_closed(
    filled: Any, place: str, what: str, harm: Any
) -> None:
    filled.json("backup", place)
    harmed = next(Path(place, "files").glob(what))
    harm(harmed)
    there = str(filled.root / "there")
    code, told = filled.json("--lake", there, "restore", place)
    assert (code, told["error"]["code"]) == (3, "BACKUP_DAMAGED")
    assert harmed.name in told["error"]["text"]["en"]
    assert filled.json("--lake", there, "run")[1]["error"]["code"] == "LAKE_RESTORING"


@settings(max_examples=examples(15, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_cut_archive_is_never_taken_for_a_backup(
    filled: Any, place: str, tmp_path: Path, data: st.DataObject
) -> None:
    if not Path(place).exists():
        filled.json("backup", place)
    (path,) = Path(place, "backups").glob("*.zip")
    whole = path.read_bytes()
    there = Lake(str(tmp_path / "there"))
    try:
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
        with pytest.raises(CitylakeError) as refused:
            restore_lake(Lake(place), there)
        assert refused.value.code == "BACKUP_DAMAGED"
        assert not Path(there.url, "ledger").exists()
    finally:
        path.write_bytes(whole)


def test_a_backup_of_a_newer_citylake_is_left_to_it(filled: Any, place: str) -> None:
    filled.json("backup", place)
    (path,) = Path(place, "backups").glob("*.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(backup_archive.MANIFEST_FILE, json.dumps({"format": backup_archive.BACKUP_FORMAT + 1}))
    code, told = filled.json("--lake", str(filled.root / "there"), "restore", place)
    assert (code, told["error"]["code"]) == (1, "BACKUP_NEWER")


def test_what_is_still_being_written_is_no_part_of_a_backup(filled: Any, place: str) -> None:
    lake = filled.root / "lake"
    half = {"raw/traffic.counts/r/part-00000.parquet": b"PAR1abc", "reports/now.html": b"<!doctype html>"}
    half |= {"landing/traffic.counts/2026/03/01/r/.x.csv.partial": b"1", "standard/traffic.counts/new.parquet": b"PAR1"}
    for name, content in half.items():
        (lake / name).parent.mkdir(parents=True, exist_ok=True)
        (lake / name).write_bytes(content)
    filled.json("backup", place)
    there = filled.root / "there"
    filled.json("--lake", str(there), "restore", place)
    assert [name for name in half if (there / name).exists()] == []


def test_a_file_that_is_not_what_its_log_says_stops_the_backup(filled: Any, place: str) -> None:
    table = filled.root / "lake" / "standard" / "traffic.counts"
    file = next(table.rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-9])
    code, told = filled.json("backup", place)
    assert (code, told["error"]["code"]) == (3, "LAKE_FILE_UNLIKE")
    file.unlink()
    code, told = filled.json("backup", place)
    assert (code, told["error"]["code"]) == (3, "BACKUP_MOVED")
    assert backup_archive.list_backups(Lake(place)) == []


def test_a_backup_within_its_lake_is_a_fault_of_usage(filled: Any) -> None:
    for place in (filled.root / "lake" / "kept", filled.root):
        code, told = filled.json("backup", str(place))
        assert (code, told["error"]["code"]) == (1, "BACKUP_PLACE")


def test_an_empty_lake_has_nothing_to_back_up(city: Any, place: str) -> None:
    code, told = city.json("backup", place)
    assert (code, told["error"]["code"]) == (1, "BACKUP_NOTHING")
    assert not Path(place).exists()


def test_people_are_told_what_was_copied_and_what_came_back(filled: Any, place: str) -> None:
    code, out, _ = filled.call("backup", place)
    assert code == 0
    assert "is complete" in out
    code, out, _ = filled.call("--lake", str(filled.root / "there"), "restore", place)
    assert code == 0
    assert "all checksums match" in " ".join(out.split())


def test_a_commit_that_a_crash_cut_short_is_completed_in_the_restored_lake(
    filled: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise RuntimeError

    filled.drop("c.csv", CORRECTED)
    with monkeypatch.context() as patched:
        patched.setattr("citylake.pipelines.commit.commit_batch._commit_duplicates", crash)
        assert filled.json("run")[0] == 3
    filled.json("backup", place)
    shutil.rmtree(filled.root / "lake")
    there = filled.root / "there"
    filled.json("--lake", str(there), "restore", place)
    assert not (there / "ledger/duplicates/_delta_log").exists()
    assert filled.json("--lake", str(there), "run")[0] == 0
    assert pl.read_delta(str(there / "ledger/duplicates"))["kind"].to_list() == ["superseded"]
