"""Divisions: a code holds for a span of years, and an abolished one names its successor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.conform.bind.code_matcher import parse_successors

SITES = """
dataset: place.sites
title: {zh: 场所, en: sites}
owner: {department: 市档案馆}
source: {connector: files, path: "${SITES}", format: csv}
fields:
  site: {element: place.estate_name, required: true}
  seen_on: {element: time.day, required: true}
  code: {element: place.division_code, code_at: day, required: true}
write: {mode: append}
"""
ROWS = """site,seen_on,code
崇文门,2005-06-01,110103
崇文门,2015-06-01,110103
东城,2015-06-01,110101
邢台,2000-06-01,130201
钱塘,2020-06-01,330114
石家庄,1995-06-01,130105
乌有,2002-06-01,999999
"""


def truth(data: Path) -> Iterator[dict[str, Any]]:
    """Every division of the second file of the same set, parents before children."""
    waiting = list(json.loads((data / "divisions/codes.json").read_text("utf-8"))["items"])
    while waiting:
        entry = waiting.pop()
        waiting += entry.get("children", [])
        yield entry


def test_every_code_has_its_name_and_its_years(ran: Any, data: Path) -> None:
    kept = ran.standard("place.divisions").select("division_code", "division_name", "valid_from", "valid_to")
    known = {(str(entry["code"]), entry["name"], year(entry["start"]), year(entry.get("end"))) for entry in truth(data)}
    assert len(known) == 6_823
    assert set(kept.iter_rows()) == known


def year(number: int | None) -> date | None:
    return None if number is None else date(number, 1, 1)


def test_every_abolished_code_names_its_successors(ran: Any, data: Path) -> None:
    rows = ran.standard("place.divisions").select("division_code", "valid_from", "successor_codes").iter_rows()
    kept = {(code, since): set(parse_successors(text)) for code, since, text in rows}
    for entry in truth(data):
        known = {str(successor["code"]) for successor in entry.get("succ", [])}
        assert kept[str(entry["code"]), year(entry["start"])] == known


def test_a_code_has_one_name_on_any_day(ran: Any) -> None:
    spans = ran.standard("place.divisions").sort("division_code", "valid_from")
    following = spans.with_columns(pl.col("valid_from").shift(-1).over("division_code").alias("next"))
    overlapping = following.filter(
        pl.col("next").is_not_null() & (pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("next")))
    )
    assert overlapping.is_empty()
    assert spans["division_code"].n_unique() == 6_450


def test_a_code_is_valid_or_not_at_a_date_and_the_reason_names_what_came_after(runner: Any, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text(ROWS, encoding="utf-8")
    ran = runner(
        {"datasets/place/sites.yaml": SITES},
        {"SITES": str(tmp_path / "sites.csv")},
        datasets=["place.divisions", "place.sites"],
    )
    kept = set(ran.standard("place.sites").select("division_code", "day").iter_rows())
    assert kept == {("110103", date(2005, 6, 1)), ("110101", date(2015, 6, 1)), ("130105", date(1995, 6, 1))}
    refused = {row["_row"]: row["reasons"][0] for row in ran.quarantine("place.sites").iter_rows(named=True)}
    codes = {row: (reason["code"], reason["value"]) for row, reason in refused.items()}
    assert codes == {
        3: ("CODE_NOT_VALID", "110103"),
        5: ("CODE_UNKNOWN", "130201"),
        6: ("CODE_NOT_VALID", "330114"),
        8: ("CODE_UNKNOWN", "999999"),
    }
    assert refused[3]["detail"] == "1981-01-01 – 2010-01-01 → 110101"
    assert refused[6]["detail"] == "2021-01-01 – …"
