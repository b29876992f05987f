from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.flow.step_state import write_step_state
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.records import Receipt
from citylake.pipelines.upkeep import receipt_retention
from citylake.pipelines.upkeep.finished_receipts import receipts_with_status
from tests.pipelines.upkeep.conftest import KeptCity, Town
from tests.wrong_clock import clock_off_by

GOOD = "时间,设备,流量\n2026-03-0{day} 08:00,JT0000000001,10\n2026-03-0{day} 09:00,JT0000000001,20\n"
BAD = "时间,设备,流量\n2026-03-03 08:00,JT0000000001,10\n2026-03-03 09:00,JT0000000001,many\n"
HELD = "时间,设备,流量\n" + "2026-03-04 09:00,JT0000000001,many\n" * 3


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a hundred days later for whoever asks how old a receipt or a version is."""
    from citylake.pipelines.upkeep import version_retention

    class Later(receipt_retention.datetime):  # type: ignore[misc,name-defined]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return super().now(tz) + timedelta(days=100)

    monkeypatch.setattr(receipt_retention, "datetime", Later)
    monkeypatch.setattr(version_retention, "datetime", Later)


def settings(town: Town, text: str) -> None:
    with (town.root / "workspace" / "workspace.yaml").open("a", encoding="utf-8") as file:
        file.write(f"upkeep: {{{text}}}\n")


def deliver(town: Town) -> None:
    for name, text in {"a": GOOD.format(day=1), "b": GOOD.format(day=2), "c": BAD, "d": HELD}.items():
        for old in town.files.glob("*.csv"):
            old.unlink()
        town.drop(f"{name}.csv", text)
        town.json("run")


@pytest.fixture
def ran(kept_city: KeptCity) -> Town:
    """Two good files, one with a refused row, and one that is held, each in a run of its own."""
    return kept_city(deliver)


def lake(town: Town) -> Lake:
    return Lake(str(town.root / "lake"))


def kept(town: Town, zone: str) -> list[str]:
    """The names of the receipts whose files are there."""
    names = dict(Ledger(lake(town)).read("receipts").filter(status="received").select("id", "name").iter_rows())
    found = {path.parent.name for path in Path(lake(town).path(zone)).rglob("*") if path.is_file()}
    return sorted(names.get(each, each) for each in found)


def rows(town: Town) -> list[Any]:
    found = lake(town)
    tables = [found.standard("traffic.counts"), found.quarantine("traffic.counts")]
    tables += [found.ledger(name) for name in ("receipts", "batches", "checks", "publications")]
    return [sorted(pl.read_delta(table).rows(), key=str) for table in tables]


@pytest.mark.usefixtures("later")
def test_everything_is_kept_where_nobody_says_otherwise(ran: Town) -> None:
    ran.json("upkeep")
    assert kept(ran, "landing") == kept(ran, "raw") == ["a.csv", "b.csv", "c.csv", "d.csv"]


def test_what_is_younger_than_its_days_is_kept(ran: Town) -> None:
    settings(ran, "landing_days: 1, raw_days: 1")
    ran.json("upkeep")
    assert kept(ran, "landing") == ["a.csv", "b.csv", "c.csv", "d.csv"]


@pytest.mark.usefixtures("later")
def test_only_committed_receipts_without_open_refusals_go_and_the_ledger_tells_of_them(ran: Town) -> None:
    settings(ran, "landing_days: 30, raw_days: 60")
    before = rows(ran)
    code, told = ran.json("upkeep", "--dry-run")
    assert kept(ran, "landing") == ["a.csv", "b.csv", "c.csv", "d.csv"]
    assert {(each["work"], each["files_before"] - each["files_after"]) for each in told["done"]} >= {
        ("landing", 2),
        ("raw", 2),
    }
    code, told = ran.json("upkeep")
    assert code == 0
    assert kept(ran, "landing") == kept(ran, "raw") == ["c.csv", "d.csv"]
    assert len(list(Path(lake(ran).path("raw", "traffic.counts")).iterdir())) == 2
    assert rows(ran) == before
    removed = Ledger(lake(ran)).read("removals").sort("zone", "name")
    receipts = Ledger(lake(ran)).read("receipts").filter(pl.col("name").is_in(["a.csv", "b.csv"]), status="received")
    ids = sorted(receipts["id"])
    assert removed.select("zone", "subject", "name", "files", "retention_days").rows() == [
        *(("landing", "traffic.counts", name, 1, 60) for name in ids),
        *(("raw", "traffic.counts", name, 1, 60) for name in ids),
    ]
    assert ran.json("upkeep")[1]["done"] == [] or Ledger(lake(ran)).read("removals").height == 4


@pytest.mark.usefixtures("later")
def test_a_crash_between_the_ledger_and_the_files_is_completed(ran: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(ran, "landing_days: 30, raw_days: 30")

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(receipt_retention, "delete_stored_files", die)
        assert ran.call("upkeep")[0] == 130
    assert kept(ran, "landing") == ["a.csv", "b.csv", "c.csv", "d.csv"]
    ran.json("upkeep")
    assert kept(ran, "landing") == kept(ran, "raw") == ["c.csv", "d.csv"]
    assert Ledger(lake(ran)).read("removals").height == 4


@pytest.mark.usefixtures("later")
def test_runs_go_on_without_the_bytes(ran: Town) -> None:
    settings(ran, "landing_days: 30, raw_days: 30")
    ran.json("upkeep")
    for old in ran.files.glob("*.csv"):
        old.unlink()
    ran.drop("a.csv", GOOD.format(day=1))
    code, told = ran.json("run")
    assert (code, told["datasets"][0]["status"]) == (0, "unchanged")
    contract = ran.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    contract.write_text(contract.read_text().replace("flow_veh > 900", "flow_veh > 15"))
    code, told = ran.json("run")
    assert (code, told["datasets"][0]["status"]) == (0, "committed")
    assert pl.read_delta(lake(ran).standard("traffic.counts")).height == 5


@pytest.mark.usefixtures("later")
def test_what_a_run_is_at_is_kept(ran: Town) -> None:
    settings(ran, "landing_days: 30, raw_days: 30")
    found = Ledger(lake(ran)).read("receipts").filter(name="a.csv", status="received").row(0, named=True)
    times = {name: found[name] for name in ("requested_at", "received_at")}
    at = Receipt(found["id"], "again", "traffic.counts", "a.csv", "a.csv", "received", **times)
    write_step_state(lake(ran), "again", "traffic.counts", "pull", list[Receipt], [at])
    ran.json("upkeep")
    assert kept(ran, "landing") == ["a.csv", "c.csv", "d.csv"]


def test_what_no_receipt_names_goes_when_it_is_old(ran: Town) -> None:
    for day, age in (("2026/03/01/old", 8), ("2026/03/01/young", 6)):
        path = Path(lake(ran).path("landing", "traffic.counts", *day.split("/")), "x [1].csv")
        path.parent.mkdir(parents=True)
        path.write_text("half")
        os.utime(path, (time.time() - age * 86_400,) * 2)
    raw = Path(lake(ran).raw("traffic.counts", "old"), "part-00000.parquet")
    raw.parent.mkdir()
    raw.write_text("half")
    os.utime(raw, (time.time() - 8 * 86_400,) * 2)
    _, told = ran.json("upkeep")
    assert [each["subject"] for each in told["done"] if each["work"] == "sweep"] == [
        "landing/traffic.counts",
        "raw/traffic.counts",
    ]
    assert kept(ran, "landing") == ["a.csv", "b.csv", "c.csv", "d.csv", "young"]
    assert kept(ran, "raw") == ["a.csv", "b.csv", "c.csv", "d.csv"]


def test_a_receipt_is_done_with_when_its_last_batch_is_committed(ran: Town) -> None:
    ledger = Ledger(lake(ran))
    done = receipts_with_status(ledger).filter("done")["id"].to_list()
    names = dict(ledger.read("receipts").select("id", "name").iter_rows())
    assert sorted(names[each] for each in done) == ["a.csv", "b.csv", "c.csv"]


@pytest.mark.parametrize(
    ("text", "why"), [("leftover_days: 0", "leftover_days"), ("mart_versions: 1", "mart_versions"), ("x: 1", "x")]
)
def test_a_workspace_that_would_keep_too_little_is_refused(town: Town, text: str, why: str) -> None:
    settings(town, text)
    code, out, err = town.call("upkeep")
    assert code == 1
    assert why in out + err


@pytest.mark.usefixtures("later")
def test_pages_of_runs_go_after_their_days(town: Town) -> None:
    settings(town, "report_days: 30")
    town.json("run", "--report")
    page, *_ = Path(lake(town).reports, "en/runs").iterdir()
    assert [each for each in town.json("upkeep")[1]["done"] if each["work"] == "reports"] == []
    os.utime(page, (time.time() - 31 * 86_400,) * 2)
    assert [each["work"] for each in town.json("upkeep")[1]["done"] if each["work"] == "reports"] == ["reports"]
    assert not page.exists()
    assert Path(lake(town).reports, "en/index.html").exists()


def test_bytes_received_under_a_clock_set_back_are_not_removed_early(town: Town) -> None:
    settings(town, "landing_days: 50, raw_days: 50")
    for day, clock in ((1, timedelta()), (2, timedelta(days=-100)), (3, timedelta(days=100)), (4, timedelta())):
        town.drop(f"{day}.csv", GOOD.format(day=day))
        with clock_off_by(clock):
            town.json("run")
    town.json("upkeep")
    assert kept(town, "landing") == ["1.csv", "2.csv", "3.csv", "4.csv", "a.csv"]
    with clock_off_by(timedelta(days=60)):
        town.json("upkeep")
    assert kept(town, "landing") == ["3.csv"]  # its time is still to come
