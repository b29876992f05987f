"""Cases of two deliveries, or of a batch that is held: nothing is lost or mixed, and the message says what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.conftest import FOLDER
from tests.cases.test_cases import name_packs
from tests.loopback import Asked, City, Reply
from tests.trial import Trial

Deliver = Callable[[str], Trial]


@pytest.fixture
def deliver(tmp_path: Path) -> Deliver:
    """A copy of a case, its input included, so that a second delivery can be added."""

    def copy(name: str) -> Trial:
        case = FOLDER / name
        if not case.is_dir():
            pytest.skip(f"no case {name} at {FOLDER}")
        for folder in case.iterdir():
            if folder.is_dir():
                to = tmp_path / ("workspace" if folder.name == "ws" else folder.name)
                shutil.copytree(folder, to, copy_function=shutil.copyfile)
        for path in (tmp_path, *tmp_path.rglob("*/")):
            path.chmod(0o755)
        name_packs(tmp_path / "workspace/workspace.yaml")
        return Trial(tmp_path, {"IN": str(tmp_path / "in")})

    return copy


def codes(entry: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in entry["problems"]]


def rewrite(trial: Trial, **write: Any) -> None:
    """Change the words below ``write`` in the only contract."""
    (path,) = (trial.root / "workspace/datasets").rglob("*.yaml")
    declared = yaml.safe_load(path.read_text("utf-8"))
    declared["write"] |= write
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), "utf-8")


def test_a_correction_wins_though_its_name_sorts_before(deliver: Deliver) -> None:
    trial = deliver("keys-correction-sorts-before")
    trial.run()
    shutil.copyfile(FOLDER / "keys-correction-sorts-before/2024-03 (corrected).csv", trial.root / "in/0-corrected.csv")
    trial.run()
    assert trial.standard("environment.hourly")["pm25_ugm3"].to_list() == [9.9]
    # A change of the contract reads both again; the correction is still the newer one.
    rewrite(trial, latest_by="hour_start")
    assert trial.run().exit_code == 0
    assert trial.standard("environment.hourly")["pm25_ugm3"].to_list() == [9.9]


def test_a_stray_row_holds_the_batch_and_no_day_is_lost(deliver: Deliver) -> None:
    trial = deliver("keys-replace-straggler")
    outcome = trial.run()
    (entry,) = outcome.document["datasets"]
    assert (outcome.exit_code, entry["status"], codes(entry)) == (2, "held", ["REPLACE_SHRINKS"])
    assert "write mode: upsert with a key" in entry["problems"][0]["text"]["en"]
    rewrite(trial, mode="upsert", key=["device_code", "hour_start"])
    assert trial.run().exit_code == 0
    assert trial.standard("traffic.flow").height == 48


def test_a_january_row_in_februarys_file_removes_nothing(deliver: Deliver) -> None:
    trial = deliver("real-replace-min")
    for folder in (trial.root / "data",):
        shutil.move(folder, trial.root / "workspace/data")
    late = trial.root / "workspace/data/m_2026-02.csv"
    kept = late.rename(trial.root / "february.csv")
    assert trial.run().exit_code == 0
    kept.rename(late)
    (entry,) = trial.run().document["datasets"]
    told = entry["problems"][0]["text"]["en"]
    assert (entry["status"], codes(entry)) == ("held", ["REPLACE_SHRINKS"])
    assert all(text in told for text in ("rows: 1)", "rows: 600)"))
    assert trial.standard("air.m").height == 600
    rewrite(trial, replace_min=0)
    assert trial.run().exit_code == 0
    assert trial.standard("air.m").height == 601


def test_the_same_bytes_under_two_names_are_reported_and_added_once(deliver: Deliver) -> None:
    trial = deliver("attack-same-twice")
    outcome = trial.run()
    assert outcome.exit_code == 0
    assert [code for entry in outcome.document["datasets"] for code in codes(entry)] == ["FILE_DELIVERED_TWICE"]
    assert trial.standard("h.x").height == 1
    first, second = trial.receipts("h.x")
    assert (second["status"], second["same_as"]) == ("unchanged", first["id"])
    trial.run()
    assert trial.standard("h.x").height == 1
    (path,) = (trial.root / "workspace/datasets").rglob("*.yaml")
    path.write_text(path.read_text("utf-8").replace("format: csv}", "format: csv, same_bytes: more}"), "utf-8")
    assert trial.run().exit_code == 0
    assert trial.standard("h.x").height == 2


def test_bytes_that_their_first_name_no_longer_has_are_received_under_the_second(deliver: Deliver) -> None:
    trial = deliver("attack-same-twice")
    trial.run()
    (trial.root / "in/a.csv").write_text("t,dev,flow\n2026-03-01 01:00,D9,6\n", "utf-8")
    trial.run()
    trial.run()
    assert sorted(trial.standard("h.x")["device_code"]) == ["D1", "D9"]


def test_a_text_watermark_that_does_not_sort_as_time_is_refused(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = deliver("database-text-watermark")
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": f"sqlite:///{trial.root}/in/front.db"}))
    outcome = trial.run()
    (entry,) = outcome.document["datasets"]
    assert (outcome.exit_code, entry["status"], codes(entry)) == (2, "incomplete", ["DATABASE_TEXT_WATERMARK"])
    assert "29/02/2024 09:00" in entry["problems"][0]["text"]["en"]


def test_a_corrected_unit_never_stands_beside_the_earlier_one(deliver: Deliver) -> None:
    trial = deliver("attack-evo-unit-gone")
    (path,) = (trial.root / "workspace/datasets").rglob("*.yaml")
    corrected = path.read_text("utf-8")
    path.write_text(corrected.replace("unit: m/s", "unit: km/h"), "utf-8")
    now, first = trial.root / "in/d2.csv", trial.root / "in/d1.csv"
    kept = now.rename(trial.root / "d2.csv")
    first.write_text("t,dev,v\n2026-03-01 00:00,D1,10\n", "utf-8")
    assert trial.run().exit_code == 0
    first.unlink()
    kept.rename(now)
    path.write_text(corrected, "utf-8")
    outcome = trial.run()
    entry = trial.dataset(outcome, "h.x")
    assert (outcome.exit_code, entry["status"], codes(entry)) == (2, "held", ["CONTRACT_MEANING_CHANGED"])
    assert trial.standard("h.x")["mean_speed_kmh"].to_list() == [10.0]
    assert trial.replay("h.x").status == "committed"
    assert trial.run().exit_code == 0
    assert trial.standard("h.x")["mean_speed_kmh"].to_list() == [36.0, 36.0]


def test_pages_without_an_order_are_taken_and_reported_as_unproven(deliver: Deliver, city: City) -> None:
    """The last record of the first page is the first of the second one, and one record is on no page."""
    trial = deliver("paging-unordered")
    (path,) = (trial.root / "workspace/datasets").rglob("*.yaml")
    path.write_text(path.read_text("utf-8").replace("http://127.0.0.1:18765", city.url), "utf-8")
    records = [{"st": f"A{n:03d}", "t": "2024-03-01 00:00", "pm": n} for n in range(250)]
    served = [*records[:100], records[99], *records[100:199], *records[200:]]

    def answer(asked: Asked) -> Reply:
        begin = (int(asked.params["page"]) - 1) * 100
        return Reply({"rows": served[begin : begin + 100], "total": 250})

    city.answer = answer
    (entry,) = trial.run().document["datasets"]
    assert [receipt["proof"] for receipt in trial.receipts("environment.hourly")] == ["unordered"]
    (problem,) = entry["problems"]
    assert problem["code"] == "PAGES_UNORDERED"
    assert trial.standard("environment.hourly").height == 249
