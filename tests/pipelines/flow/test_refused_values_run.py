"""Refused values and filtered rows through a whole run: table, quarantine, counts, audit and page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.site import Site
from citylake.pipelines.site.page_renderer import PageStyle, render_page
from tests.trial import Trial

NAME = "air.hourly"
CONTRACT = """
dataset: air.hourly
title: {zh: 时, en: hourly}
owner: {department: bureau}
source: {connector: files, path: "${IN}/*.csv", format: csv}
where: {kind: OBS}
fields:
  st: {element: air.station_code, required: true}
  t: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, required: true}
  no2: {element: air.no2, unit: ug/m3, refuse: value}
  o3: {element: air.o3, unit: ug/m3, refuse: value, flag: {from: q, accept: [V], refuse: [N]}}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
expect: {quarantine_share: SHARE}
"""
ROWS = """kind,st,t,no2,o3,q
OBS,A1,2024-03-01 00:00,40,77,N
OBS,A1,2024-03-01 01:00,bad,60,V
OBS,,2024-03-01 02:00,41,60,V
CAL,A1,2024-03-01 00:00,0,0,V
OBS,A1,2024-03-01 03:00,42,61,V
"""


@pytest.fixture
def delivered(trial: Trial) -> Trial:
    folder = trial.root / "in"
    folder.mkdir()
    (folder / "a.csv").write_text(ROWS, "utf-8")
    trial.given["IN"] = str(folder)
    trial.declare("datasets/air/hourly", CONTRACT.replace("SHARE", "0.5"))
    return trial


def test_each_count_is_in_the_document_the_ledger_and_the_page(delivered: Trial) -> None:
    outcome = delivered.run()
    entry = delivered.dataset(outcome, NAME)
    names = ("rows_in", "rows_standard", "rows_quarantined", "rows_duplicate", "rows_filtered", "values_refused")
    assert [entry[name] for name in names] == [5, 3, 1, 0, 1, 2]
    (batch,) = delivered.ledger.read("batches").to_dicts()
    assert [batch[name] for name in names] == [5, 3, 1, 0, 1, 2]
    page = render_page("run", outcome.document, PageStyle("en"))
    assert "filtered (where)" in page
    assert "refused values" in page
    assert "Row counts agree" in page


def test_the_quarantine_lists_the_row_and_what_was_refused_of_it(
    delivered: Trial, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered.run()
    monkeypatch.setenv("CITYLAKE_LANGUAGE", "en")
    monkeypatch.setenv("IN", delivered.given["IN"])
    workspace, lake = str(delivered.root / "workspace"), str(delivered.root / "lake")
    main(["--workspace", workspace, "--lake", lake, "quarantine", "list", "--dataset", NAME])
    told = " ".join(capsys.readouterr().out.split())
    assert "1 rows in quarantine" in told
    assert "2 standard rows with refused values" in told
    assert "refused is only o3_ugm3" in told
    assert "has the flag “N”" in told


@pytest.mark.parametrize(("share", "status"), [("0.49", "held"), ("0.5", "committed")])
def test_a_refused_value_counts_as_its_share_of_a_row(delivered: Trial, share: str, status: str) -> None:
    delivered.declare("datasets/air/hourly", CONTRACT.replace("SHARE", share))
    entry = delivered.dataset(delivered.run(), NAME)
    # One row of four, and two values of two columns: (1 + 2 / 2) / 4.
    assert entry["status"] == status
    assert [problem["code"] for problem in entry["problems"]] == ["REFUSED_SHARE_HIGH"] * (status == "held")


def test_a_value_comes_back_when_the_contract_is_corrected(delivered: Trial) -> None:
    delivered.run()
    assert delivered.quarantine(NAME)["refused"].is_not_null().sum() == 2
    corrected = CONTRACT.replace("SHARE", "0.5").replace("accept: [V], refuse: [N]", "accept: [V, N]")
    delivered.declare("datasets/air/hourly", corrected)
    delivered.run()
    rows = delivered.standard(NAME).sort("_row")
    assert rows.select("o3_ugm3", "o3_ugm3_flag", "_refused").row(0) == (77.0, "N", None)
    assert delivered.quarantine(NAME).sort("_row")["refused"].to_list() == [["no2_ugm3"], None]


def test_a_value_comes_back_when_the_source_corrects_it(delivered: Trial) -> None:
    delivered.run()
    (delivered.root / "in" / "b.csv").write_text("kind,st,t,no2,o3,q\nOBS,A1,2024-03-01 00:00,40,76,V\n", "utf-8")
    delivered.run()
    rows = delivered.standard(NAME).sort("hour_start")
    assert rows.select("o3_ugm3", "_refused").rows() == [(76.0, None), (60.0, "no2_ugm3"), (61.0, None)]


def test_an_empty_value_after_a_refused_one_replaces_its_row(delivered: Trial) -> None:
    delivered.run()
    (delivered.root / "in" / "b.csv").write_text("kind,st,t,no2,o3,q\nOBS,A1,2024-03-01 00:00,40,,N\n", "utf-8")
    entry = delivered.dataset(delivered.run(), NAME)
    assert entry["rows_standard"] == 1
    assert delivered.standard(NAME).sort("hour_start")["_refused"].to_list() == [None, "no2_ugm3", None]


def test_rows_of_an_earlier_contract_without_refusals_stay_readable(delivered: Trial, tmp_path: Path) -> None:
    plain = CONTRACT.replace(", refuse: value", "").replace(", flag: {from: q, accept: [V], refuse: [N]}", "")
    plain = plain.replace("where: {kind: OBS}\n", "ignore: [q, kind]\n").replace("SHARE", "0.9")
    delivered.declare("datasets/air/hourly", plain)
    delivered.run()
    assert "_refused" not in delivered.standard(NAME).columns
    delivered.declare("datasets/air/hourly", CONTRACT.replace("SHARE", "0.5"))
    delivered.run()
    assert delivered.standard(NAME)["_refused"].count() == 2


def test_a_run_of_other_kinds_only_is_held(delivered: Trial) -> None:
    (delivered.root / "in" / "a.csv").write_text(ROWS.replace("OBS", "Obs"), "utf-8")
    entry: dict[str, Any] = delivered.dataset(delivered.run(), NAME)
    assert (entry["status"], [problem["code"] for problem in entry["problems"]]) == ("held", ["WHERE_KEEPS_NONE"])
    assert "kind: Obs, CAL" in entry["problems"][0]["text"]["en"]


def test_the_lakes_pages_show_filtered_rows_and_refused_values(delivered: Trial) -> None:
    delivered.run()
    site = Site(delivered.lake.url, delivered.root / "workspace")
    style = PageStyle("en", "Asia/Shanghai", "", "n0nce")
    dataset = site.dataset(NAME)
    page = render_page("dataset", dataset, style)
    assert "filtered (where) 1" in page
    assert "refused values 2" in page
    run = site.run(dataset["batches"][0]["run"])
    (entry,) = run["datasets"]
    assert {(each["code"], each["field"]) for each in entry["fields"]} == {
        ("FLAG_REFUSED", "o3_ugm3"),
        ("VALUE_UNREADABLE", "no2_ugm3"),
        ("REQUIRED_MISSING", "station_code"),
    }
