from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.upkeep import daily_upkeep
from citylake.pipelines.upkeep.compaction import compact_table

MORE = "时间,设备,流量\n2026-03-01 1{flow}:00,JT0000000001,{flow}\n2026-03-01 15:00,JT0000000001,many\n"


@pytest.fixture
def ran(kept_city: Any) -> Any:
    def run(city: Any) -> None:
        for flow in range(3):
            city.drop(f"{flow}.csv", MORE.format(flow=flow))
            city.json("run")

    return kept_city(run)


def test_it_says_on_one_line_what_it_did_and_the_next_time_that_there_is_nothing_to_do(ran: Any) -> None:
    code, out, err = ran.call("upkeep")
    assert (code, err) == (0, "")
    assert "standard/traffic.counts: 3 files → 1, 5 rows unchanged" in out
    assert all(line.startswith(("standard/", "quarantine/", "ledger/", "lake: ")) for line in out.splitlines())
    code, out, err = ran.call("upkeep")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"lake: \d+ files \(.*\) verified, .* of them read\n", out)


def test_json_tells_the_same_in_numbers_and_both_languages(ran: Any) -> None:
    code, told = ran.json("upkeep")
    assert (code, told["exit_code"], told["dry_run"]) == (0, 0, False)
    done = next(each for each in told["done"] if each["subject"] == "standard/traffic.counts")
    assert (done["work"], done["files_before"], done["files_after"], done["rows"]) == ("compact", 3, 1, 5)
    assert "5 行不变" in done["text"]["zh"]
    assert [each["work"] for each in ran.json("upkeep")[1]["done"]] == ["verify"]


def test_a_dry_run_needs_no_permission_to_write_and_changes_nothing(ran: Any) -> None:
    lake = Path(ran.root / "lake")
    before = {path: path.stat().st_mtime_ns for path in lake.rglob("*")}
    code, told = ran.json("upkeep", "--dry-run")
    assert (code, told["dry_run"]) == (0, True)
    assert {each["subject"] for each in told["done"]} >= {"standard/traffic.counts", "ledger/receipts"}
    assert {path: path.stat().st_mtime_ns for path in lake.rglob("*")} == before
    assert "would make 3 files 1" in ran.call("upkeep", "--dry-run")[1]


def test_one_table_that_fails_is_told_and_does_not_stop_the_others(ran: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = compact_table

    def broken(lake: Any, table: Any, *arguments: Any, **options: Any) -> Any:
        if table.zone == "standard":
            raise OSError("the disk is gone")
        return real(lake, table, *arguments, **options)

    monkeypatch.setattr(daily_upkeep, "compact_table", broken)
    code, told = ran.json("upkeep")
    assert (code, told["exit_code"]) == (3, 3)
    failed = [each for each in told["done"] if each["problem"]]
    assert [(each["subject"], each["problem"]) for each in failed] == [("standard/traffic.counts", "STEP_FAILED")]
    assert "the disk is gone" in failed[0]["text"]["en"]
    assert any(each["subject"] == "ledger/receipts" for each in told["done"])


def test_a_mart_is_unchanged_by_it(ran: Any) -> None:
    ran.json("upkeep")
    code, told = ran.json("run")
    assert (code, [mart["status"] for mart in told["marts"]]) == (0, ["unchanged"])


def test_an_empty_lake_has_nothing_to_do(city: Any) -> None:
    assert city.call("upkeep", "--dry-run") == (0, "Nothing to do.\n", "")
    assert city.call("upkeep") == (0, "Nothing to do.\n", "")
