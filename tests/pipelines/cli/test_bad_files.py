"""A bad file beside good ones: the good land, the bad is told everywhere, and what the lake held stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger

HEAD = "时间,设备,流量\n"
ROW = "2026-03-02 08:00,JT0000000001,30\n"
BAD = {
    "empty": b"",
    "really HTML": b"<!DOCTYPE html>\n<html><body>login</body></html>\n",
    "two names alike": "时间,设备,设备\n1,2,3\n".encode(),
    "rows too long": (HEAD + ROW + 2 * "2026-03-02 09:00,JT0000000001,30,9\n").encode(),
    "a quote that never ends": (HEAD + '"2026-03-02 08:00,JT0000000001,30\n').encode(),
    "a column gone": "时间,设备\n2026-03-02 08:00,JT0000000001\n".encode(),
}
BAD_ROWS = {
    "a row too long": (HEAD + ROW + "2026-03-02 09:00,JT0000000001,30,9\n").encode(),
    "a mark in the middle": (HEAD + ROW + "\ufeff2026-03-02 09:00,JT0000000001,30\n").encode(),
}
STRANGE = {
    "a header alone": HEAD.encode(),
    "mixed line ends": (HEAD.replace("\n", "\r\n") + ROW).encode(),
}
UNREADABLE = ("nan", "Infinity", "1e999", "12,5")


def standard(lake: Lake) -> pl.DataFrame:
    return pl.read_delta(lake.standard("traffic.counts")).sort("_receipt", "_row")


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_is_held_alone_and_told_with_its_name(ran: Any, fault: str) -> None:
    lake = Lake(str(ran.root / "lake"))
    before = standard(lake)
    (ran.files / "坏.csv").write_bytes(BAD[fault])
    ran.drop("good.csv", HEAD + "2026-03-05 08:00,JT0000000001,50\n")
    code, told = ran.json("run", "--report")
    dataset = told["datasets"][0]
    assert (code, dataset["status"], dataset["rows_standard"]) == (2, "held", 1)
    texts = [text for problem in dataset["problems"] for text in problem["text"].values()]
    assert len(texts) >= 2
    assert "坏.csv" in " ".join(texts) or fault == "a column gone"
    after = standard(lake)
    assert after.join(before, on=["_receipt", "_row"], how="semi").sort("_receipt", "_row").equals(before)
    assert after.height == before.height + 1
    batches = Ledger(lake).read("batches").filter(pl.col("status") == "held")
    assert dataset["problems"][0]["code"] in batches["problems"].item()
    page = Path(told["report"]).read_text(encoding="utf-8")
    assert dataset["problems"][0]["code"] in page or dataset["problems"][0]["text"]["zh"][:8] in page


@pytest.mark.parametrize("fault", BAD_ROWS)
def test_a_bad_row_is_listed_in_quarantine_and_the_rest_of_its_file_lands(ran: Any, fault: str) -> None:
    lake = Lake(str(ran.root / "lake"))
    before = standard(lake)
    (ran.files / "坏.csv").write_bytes(BAD_ROWS[fault])
    code, told = ran.json("run", "--report")
    dataset = told["datasets"][0]
    assert (code, dataset["status"]) == (0, "committed")
    assert (dataset["rows_in"], dataset["rows_quarantined"]) == (2, 1)
    assert standard(lake).height == before.height + 1
    row = ran.json("quarantine", "list", "--dataset", "traffic.counts")[1]["rows"][0]
    assert (row["source"], row["row"], list(row["raw"])) == ("坏.csv", 3, ["_line"])
    assert "坏.csv" in row["reasons"][0]["text"]["zh"]
    page = Path(told["report"]).read_text(encoding="utf-8")
    assert row["reasons"][0]["code"] in page


@pytest.mark.parametrize("oddity", STRANGE)
def test_an_odd_file_is_read_whole_and_its_rows_are_conserved(city: Any, oddity: str) -> None:
    (city.files / "odd.csv").write_bytes(STRANGE[oddity])
    code, told = city.json("run")
    dataset = told["datasets"][0]
    sides = ("rows_standard", "rows_quarantined", "rows_duplicate")
    assert code == 0
    assert dataset["rows_in"] == sum(dataset[side] for side in sides) == 2 + STRANGE[oddity].count(b"JT0000000001")


def refused(city: Any, *lines: str) -> list[tuple[str, int, list[str]]]:
    """The refused rows of a run over as many good rows, and ``lines`` after them."""
    good = [f"2026-03-02 {hour:02}:00,JT0000000001,30\n" for hour in range(12)]
    city.drop("b.csv", HEAD + "".join(good[: len(lines)]) + "".join(lines))
    assert city.json("run")[0] == 0
    rows = city.json("quarantine", "list", "--dataset", "traffic.counts")[1]["rows"]
    return sorted((row["source"], row["row"], [reason["code"] for reason in row["reasons"]]) for row in rows)


def test_what_is_no_number_is_refused_with_file_and_row(city: Any) -> None:
    lines = [f'2026-03-03 {hour:02}:00,JT0000000001,"{text}"\n' for hour, text in enumerate(UNREADABLE)]
    first = 2 + len(lines)
    assert refused(city, *lines) == [("b.csv", first + at, ["VALUE_UNREADABLE"]) for at in range(len(lines))]


def test_a_date_in_1900_or_9999_is_refused_with_file_and_row(city: Any) -> None:
    found = refused(city, "1900-03-02 09:00,JT0000000001,1\n", "9999-03-02 09:00,JT0000000001,1\n")
    assert found == [("b.csv", row, ["VALUE_OUT_OF_RANGE"]) for row in (4, 5)]
