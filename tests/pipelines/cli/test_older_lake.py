"""A lake that an older citylake wrote is read by this one: nothing is lost, nothing doubles.

What is aged here is what changed between versions; a new column or table of the ledger is added to it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake

BAD = "时间,设备,流量\n2026-03-02 08:00,JT0000000001,30\n2026-03-02 09:00,JT0000000001,many\n"
ASK = ("query", "traffic", "SELECT flow_veh FROM day ORDER BY day", "--csv")
TABLES_SINCE = ("states", "categories", "alerts", "files")
COLUMNS_SINCE = {"receipts": ["proof", "cursor"], "publications": ["incomplete"]}


def without(table: Path, columns: list[str]) -> None:
    """The table written anew, as it was before it had these columns."""
    rows = pl.read_delta(str(table))
    shutil.rmtree(table)
    write_deltalake(str(table), rows.drop(columns))


def aged(lake: Path) -> None:
    """Make today's lake one of the first version."""
    for name in TABLES_SINCE:
        shutil.rmtree(lake / "ledger" / name, ignore_errors=True)
    for name, columns in COLUMNS_SINCE.items():
        without(lake / "ledger" / name, columns)


def under_other_declarations(lake: Path) -> None:
    """What the batches were made under is told otherwise now, as where the meaning of a declaration has changed."""
    table = lake / "ledger" / "batches"
    rows = pl.read_delta(str(table)).with_columns(fingerprint=pl.lit("older"))
    write_deltalake(str(table), rows, mode="overwrite")


@pytest.fixture
def old(kept_city: Any) -> Any:
    def begin(city: Any) -> None:
        city.drop("b.csv", BAD)
        city.json("run")
        aged(city.root / "lake")

    return kept_city(begin)


def rows(city: Any) -> pl.DataFrame:
    found = pl.read_delta(str(city.root / "lake/standard/traffic.counts"))
    return found.select("device_code", "hour_start", "flow_veh").sort(pl.all())


def test_it_is_read_and_nothing_in_it_is_news(old: Any) -> None:
    before = rows(old)
    code, told = old.json("run")
    assert (code, told["datasets"][0]["status"], told["marts"][0]["status"]) == (0, "unchanged", "unchanged")
    assert rows(old).equals(before)


def test_known_bytes_that_are_read_anew_double_nothing(old: Any) -> None:
    before = rows(old)
    under_other_declarations(old.root / "lake")
    code, told = old.json("run")
    assert (code, told["datasets"][0]["status"]) == (0, "committed")
    assert rows(old).equals(before)
    assert old.json("quarantine", "list", "--dataset", "traffic.counts")[1]["total"] == 1
    assert old.json("run")[1]["datasets"][0]["status"] == "unchanged"


def test_every_command_that_reads_takes_it(old: Any) -> None:
    assert old.json("status")[1]["datasets"][0]["status"] == "committed"
    assert old.json("quarantine", "list", "--dataset", "traffic.counts")[1]["total"] == 1
    assert old.call(*ASK)[1].split() == ["flow_veh", "30", "30"]
    assert old.json("state", "show", "traffic.counts") == (0, {"dataset": "traffic.counts", "sources": []})
    code, told = old.json("ledger", "SELECT proof, cursor FROM receipts")
    assert (code, told["rows"]) == (0, [{"proof": None, "cursor": None}] * 2)


def test_what_came_since_is_written_into_it(old: Any) -> None:
    old.drop("c.csv", "时间,设备,流量\n2026-03-03 08:00,JT0000000001,40\n")
    code, told = old.json("run")
    assert (code, told["datasets"][0]["rows_standard"]) == (0, 1)
    assert old.call(*ASK)[1].split() == ["flow_veh", "30", "30", "40"]
    assert old.call("state", "set", "traffic.counts", "{}", "--source", "c.csv")[0] == 0
    proofs = old.json("ledger", "SELECT proof IS NOT NULL AS new, count(*) AS n FROM receipts GROUP BY 1 ORDER BY 1")
    assert {row["new"] for row in proofs[1]["rows"]} == {False, True}


def test_it_is_backed_up_and_restored(old: Any) -> None:
    place, there = str(old.root / "kept"), str(old.root / "there")
    assert old.json("backup", place)[0] == 0
    assert old.json("--lake", there, "restore", place)[0] == 0
    assert old.json("--lake", there, "run")[1]["datasets"][0]["status"] == "unchanged"
