"""What ``citylake verify`` finds, and that following its advice leaves a lake without findings and with equal rows."""

from __future__ import annotations

import random
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from tests.faults.flipped_bits import flip_bit, remove
from tests.pipelines.cli.conftest import City, KeptCity

BAD = "2026-03-02 09:00,JT0000000002,xx\n"


def deliver(city: City) -> None:
    for number in range(3):
        rows = f"2026-03-0{number + 1} 08:00,JT000000000{number},{number + 1}0\n"
        city.drop(f"part{number}.csv", "时间,设备,流量\n" + rows + BAD)
        assert city.call("run")[0] == 0


@pytest.fixture
def city(kept_city: KeptCity) -> City:
    """The city after three deliveries and runs, each with a row to refuse."""
    return kept_city(deliver)


def standard_rows(city: City) -> list[tuple[Any, ...]]:
    found = pl.scan_delta(str(city.root / "lake" / "standard" / "traffic.counts"))
    return sorted(found.select("hour_start", "device_code", "flow_veh", "_source").collect().rows())


def quarantined(city: City) -> int:
    found = pl.scan_delta(str(city.root / "lake" / "quarantine" / "traffic.counts"))
    return int(found.select(pl.len()).collect().item())


def published(city: City) -> list[tuple[Any, ...]]:
    path = max((city.root / "lake" / "marts" / "traffic").glob("*.duckdb"))
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("SELECT * FROM day ORDER BY ALL").fetchall()


def unrecorded_tables(city: City) -> set[str]:
    document = city.json("verify", "--deep")[1]
    assert document["findings"] == []
    assert document["unrecorded"] <= 3
    return {"/".join(path.split("/")[:2]) for path in document["unrecorded_files"]}


def active(city: City, place: str) -> list[Path]:
    import deltalake

    return [Path(uri) for uri in deltalake.DeltaTable(str(city.root / "lake" / place)).file_uris()]


def advised(text: str) -> list[str]:
    """The command of an advice, without the program's name."""
    found = re.search(r"citylake ((?:replay|run) .*?)(?:\.? |\.?$)(?=[A-Z]|$)", text)
    assert found, text
    return shlex.split(found[1].rstrip("."))


@pytest.mark.parametrize("zone", ["standard", "quarantine"])
@pytest.mark.parametrize("how", [flip_bit, remove])
def test_a_damaged_file_of_a_table_is_made_again_by_the_command_of_its_finding(city: City, zone: str, how: Any) -> None:
    before, refused = standard_rows(city), quarantined(city)
    assert city.json("verify", "--deep")[0] == 0
    file = active(city, f"{zone}/traffic.counts")[0]
    how(file, random.Random(7))

    code, document = city.json("verify", "--deep", "traffic.counts")
    (finding,) = document["findings"]
    assert (code, finding["code"], finding["subject"]) == (2, "VERIFY_ROWS_DAMAGED", "traffic.counts")
    assert finding["file"] == file.relative_to(city.root / "lake").as_posix()
    assert city.call(*advised(finding["text"]["en"]))[0] == 0

    assert (standard_rows(city), quarantined(city)) == (before, refused)
    assert city.json("verify", "--deep")[1]["findings"] == []
    assert not file.exists()


def test_a_compacted_file_is_made_again_from_all_its_receipts(city: City) -> None:
    city.drop("more.csv", "时间,设备,流量\n2026-03-01 10:00,JT0000000009,90\n")
    city.call("run")
    before = standard_rows(city)
    assert city.call("upkeep")[0] == 0
    (file,) = (path for path in active(city, "standard/traffic.counts") if "compacted" in path.name)
    file.unlink()
    assert city.json("verify")[1]["findings"][0]["file"].endswith(file.name)
    assert city.call("replay", "traffic.counts", "--damaged")[0] == 0
    assert standard_rows(city) == before
    assert city.json("verify", "--deep")[0] == 0


def test_a_damaged_mart_or_curated_table_is_made_again(city: City) -> None:
    before = published(city)
    for folder, code in (("marts/traffic", "VERIFY_MART_DAMAGED"), ("curated/traffic/day", "VERIFY_CURATED_DAMAGED")):
        curated = folder.startswith("curated")
        file = active(city, folder)[0] if curated else max((city.root / "lake" / folder).glob("*.duckdb"))
        flip_bit(file, random.Random(3))
        (finding,) = city.json("verify", "--deep")[1]["findings"]
        assert (finding["code"], finding["subject"]) == (code, "mart.traffic")
        assert city.call(*advised(finding["text"]["en"]))[0] == 0
        assert published(city) == before
        (left,) = city.json("verify", "--deep")[1]["findings"]
        assert (left["code"], left["file"]) == ("VERIFY_UNUSED_DAMAGED", finding["file"])
        file.unlink()
        assert city.json("verify", "--deep")[1]["findings"] == []


def test_pointer_that_cannot_be_read_is_deleted_and_published_again(city: City) -> None:
    before = published(city)
    pointer = city.root / "lake/marts/traffic/current.json"
    pointer.write_text("{")
    code, document = city.json("verify")
    (finding,) = document["findings"]
    assert (code, finding["code"], finding["file"]) == (2, "VERIFY_POINTER_UNREADABLE", "marts/traffic/current.json")
    (city.root / "lake" / finding["file"]).unlink()
    assert city.call(*advised(finding["text"]["en"]))[0] == 0
    assert city.json("verify", "--deep")[1]["findings"] == []
    assert published(city) == before


def test_a_damaged_landed_file_is_named_with_its_place_in_the_backup(city: City) -> None:
    file = next((city.root / "lake" / "landing").rglob("part1.csv"))
    flip_bit(file, random.Random(1))
    code, document = city.json("verify", "--deep")
    (finding,) = document["findings"]
    name = file.relative_to(city.root / "lake").as_posix()
    assert (code, finding["code"]) == (2, "VERIFY_LANDING_DAMAGED")
    assert f"files/{name}" in finding["text"]["en"]
    file.unlink()
    assert [each["code"] for each in city.json("verify")[1]["findings"]] == ["VERIFY_LANDING_DAMAGED"]


def test_what_upkeep_removes_by_retention_is_not_missing(city: City) -> None:
    assert unrecorded_tables(city) == {"ledger/files"}  # its own last commit
    shutil.rmtree(city.root / "lake" / "standard" / "traffic.counts" / "_day=2026-03-01", ignore_errors=True)
    assert city.json("verify")[0] == 2
    assert city.call("replay", "traffic.counts", "--damaged")[0] == 0
    assert city.json("verify", "--deep")[0] == 0


def test_a_run_stops_the_dataset_whose_table_was_cut_and_names_the_command(city: City) -> None:
    before = standard_rows(city)
    log = city.root / "lake" / "standard" / "traffic.counts" / "_delta_log"
    max(log.glob("*.json")).unlink()
    city.drop("late.csv", "时间,设备,流量\n2026-03-05 10:00,JT0000000009,90\n")

    code, document = city.json("run")
    assert code == 3
    assert [problem["code"] for each in document["datasets"] for problem in each["problems"]] == ["TABLE_BEHIND_LEDGER"]
    codes = {each["code"] for each in city.json("verify")[1]["findings"]}
    assert codes == {"TABLE_BEHIND_LEDGER", "VERIFY_BATCH_MISSING"}

    assert city.call("replay", "traffic.counts", "--since", "2000-01-01")[0] == 0
    assert standard_rows(city) == before
    assert city.json("verify")[0] == 0
    assert city.call("run")[0] == 0
    assert len(standard_rows(city)) == len(before) + 1


def test_an_unknown_dataset_is_an_error_and_a_known_one_is_verified_alone(city: City) -> None:
    assert city.json("verify", "traffic.count")[1]["error"]["code"] == "DATASET_UNKNOWN"
    assert city.json("verify", "traffic.counts")[1]["files"] < city.json("verify")[1]["files"]


def test_a_backup_names_what_is_damaged_and_keeps_the_good_copy(city: City) -> None:
    place, lake = city.root / "kept", city.root / "lake"
    assert city.json("backup", str(place))[0] == 0
    assert city.json("backup", str(place))[1]["copied"] == 0
    old = next((lake / "landing").rglob("part1.csv"))
    good = old.read_bytes()
    flip_bit(old, random.Random(1))
    city.drop("new.csv", "时间,设备,流量\n2026-03-07 08:00,JT0000000001,70\n")
    assert city.call("run")[0] == 0
    new = next((lake / "standard").rglob("_day=2026-03-07/*.parquet"))
    flip_bit(new, random.Random(1))

    code, document = city.json("backup", str(place), "--keep", "1")
    assert (code, document["removed"]) == (2, 0)
    assert document["damaged"] == [new.relative_to(lake).as_posix()]
    # What an earlier backup has is not read again, and stays as it was received.
    assert (place / "files" / old.relative_to(lake)).read_bytes() == good

    shutil.copy(place / "files" / old.relative_to(lake), old)
    assert city.call("replay", "traffic.counts", "--damaged")[0] == 0
    assert city.json("verify", "--deep")[1]["findings"] == []
    assert city.json("backup", str(place))[0] == 0

    rows = standard_rows(city)
    shutil.rmtree(lake)
    assert city.json("restore", str(place))[1]["damaged"] == []
    assert standard_rows(city) == rows
    assert city.json("verify", "--deep")[0] == 0


def test_the_daily_upkeep_reads_every_file_in_its_days_and_records_what_it_finds(city: City) -> None:
    lake = city.root / "lake"
    assert city.call("upkeep")[0] == 0
    assert unrecorded_tables(city) == {"ledger/files"}
    file = active(city, "standard/traffic.counts")[0]
    flip_bit(file, random.Random(5))
    ledger = Ledger(Lake(str(lake)))
    found = []
    for share in range(4):
        work = LakeVerification(ledger, VerifyOptions(deep=True, shares=4, share=share))
        found += [finding.path for finding in work.findings()]
        assert work.tally.read_bytes < work.tally.size_bytes
    assert found == [file.relative_to(lake).as_posix()]

    declared = city.root / "workspace" / "workspace.yaml"
    declared.write_text(declared.read_text() + "\nupkeep: {verify_days: 1}\n")
    code, document = city.json("upkeep")
    assert (code, [each["problem"] for each in document["done"] if each["problem"]]) == (3, ["VERIFY_ROWS_DAMAGED"])
    checks = ledger.read("checks").filter(name="VERIFY_ROWS_DAMAGED")
    assert checks["subject"].to_list() == ["traffic.counts"]
    assert city.call("replay", "traffic.counts", "--damaged")[0] == 0
    assert city.call("upkeep")[0] == 0


def test_a_lake_of_files_without_digests_is_recorded_as_it_is(city: City) -> None:
    shutil.rmtree(city.root / "lake" / "ledger" / "files")
    for log in (city.root / "lake").rglob("_delta_log/*.json"):
        log.write_text(re.sub(r'\\"sha256\\":\{[^}]*\}', r'\\"sha256\\":{}', log.read_text()))
    code, document = city.json("verify", "--deep", "--record")
    assert (code, document["findings"]) == (0, [])
    assert document["unrecorded"] > 20
    # What the record itself adds to ledger/files is recorded with the next one.
    assert document["recorded"] >= document["unrecorded"]
    assert unrecorded_tables(city) == {"ledger/files"}


def test_a_backup_without_a_landed_file_of_a_receipt_is_not_whole(city: City) -> None:
    lost = next((city.root / "lake" / "landing").rglob("part1.csv"))
    lost.unlink()
    code, document = city.json("backup", str(city.root / "kept"))
    assert (code, document["damaged"]) == (2, [lost.relative_to(city.root / "lake").as_posix()])
    code, _, told = city.call("backup", str(city.root / "kept"))
    assert (code, "BACKUP" in told, "part1.csv" in told) == (2, False, True)
