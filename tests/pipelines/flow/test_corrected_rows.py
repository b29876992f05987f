"""The loop: planted faults are quarantined with their reasons; corrected, they are what clean data would have been."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.decided import correct_rows, correct_value
from tests.declared import DEMO, declare_packs
from tests.thorough import THOROUGH, examples
from tests.trial import Trial

DATASET = "h.x"
WRITES: dict[str, dict[str, Any]] = {
    "append": {"mode": "append", "partition": "day(hour_start)"},
    "upsert": {"mode": "upsert", "key": ["device_code", "hour_start"], "partition": "day(hour_start)"},
    "replace": {"mode": "replace", "partition": "day(hour_start)", "replace_min": 0},
}
MART = """
mart: days
title: {zh: 日, en: days}
audience: {zh: 人, en: people}
tables:
  by_day:
    title: {zh: 每日, en: by day}
    grain: [day]
    day: day
    columns:
      day: {element: time.day}
      hours: {text: {zh: 时, en: hours}}
      speed: {text: {zh: 均, en: mean}}
"""
SQL = "SELECT CAST(hour_start AS DATE) AS day, count(*) AS hours, avg(mean_speed_kmh) AS speed FROM h.x GROUP BY 1"
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "word": ("v", "待核实", "VALUE_UNREADABLE", "mean_speed_kmh"),
    "range": ("v", "999", "VALUE_OUT_OF_RANGE", "mean_speed_kmh"),
    "device": ("dev", "", "REQUIRED_MISSING", "device_code"),
    "time": ("t", "2026-03-41 00:00", "TIME_UNREADABLE", "hour_start"),
    "ten": ("v", "一十", "VALUE_UNREADABLE", "mean_speed_kmh"),
}
"""By fault: the field, its text, and the reason. ``ten`` is corrected as a value, in every row that has it."""
FORMS = ("csv", "json")
TURNS = len(FORMS) if THOROUGH else 1
CASES = [(mode, FORMS[(number + turn) % 2]) for turn in range(TURNS) for number, mode in enumerate(WRITES)]
"""A usual run asks every mode and every form; a thorough one, every mode in every form."""
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without the search for a smaller example, which would run whole lakes for minutes."""
Rows = list[dict[str, str]]


def contract(write: Mapping[str, Any], form: str) -> dict[str, Any]:
    hour = {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai", "label": "start"}
    return {
        "dataset": DATASET,
        "title": {"zh": "题", "en": "title"},
        "owner": {"department": "市交通运输局"},
        "source": {"connector": "files", "path": f"${{IN}}/*.{form}", "format": form},
        "fields": {
            "t": {**hour, "required": True},
            "dev": {"element": "traffic.device_code", "required": True},
            "v": {"element": "traffic.mean_speed", "unit": "km/h"},
        },
        "write": dict(write),
        "expect": {"rows": {"min": 0}, "quarantine_share": 1.0, "all_refused": "report"},
    }


@dataclass(frozen=True)
class Planted:
    """Files of clean rows, and by file and row (from 0) the fault of the delivered one."""

    files: dict[str, Rows]
    faults: dict[tuple[str, int], str]

    def delivered(self, name: str) -> Rows:
        rows = [dict(row) for row in self.files[name]]
        for (file, number), fault in self.faults.items():
            if file == name:
                where, text, *_ = FAULTS[fault]
                rows[number][where] = text
        return rows


@st.composite
def planted(draw: st.DrawFn) -> Planted:
    places = st.tuples(st.integers(1, 3), st.integers(0, 5), st.sampled_from("ABC"))
    files: dict[str, Rows] = {}
    faults: dict[tuple[str, int], str] = {}
    for name in draw(st.sampled_from([["a"], ["a", "b"]])):
        keys = draw(st.lists(places, min_size=1, max_size=8, unique=True))
        files[name] = []
        for number, (day, hour, device) in enumerate(keys):
            value = str(draw(st.integers(1, 99)))
            fault = draw(st.sampled_from([None, None, *FAULTS]))
            if fault:
                faults[name, number] = fault
                value = "10" if fault == "ten" else value
            files[name].append({"t": f"2026-03-0{day} 0{hour}:00", "dev": f"D{device}", "v": value})
    return Planted(files, faults)


@pytest.fixture
def new_trial(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Trial]:
    def made() -> Trial:
        folder = tmp_path_factory.mktemp("trial")
        declare_packs(folder / "workspace", extends=DEMO)
        (folder / "in").mkdir()
        trial = Trial(folder, {"IN": str(folder / "in")})
        trial.declare("marts/days/mart", MART)
        (folder / "workspace/marts/days/by_day.sql").write_text(SQL, "utf-8")
        return trial

    return made


def deliver(trial: Trial, name: str, rows: Rows, form: str) -> None:
    lines = ["t,dev,v", *(",".join(row.values()) for row in rows), ""]
    text = "\n".join(lines) if form == "csv" else json.dumps(rows, ensure_ascii=False)
    (trial.root / "in" / f"{name}.{form}").write_text(text, "utf-8")


def table(trial: Trial) -> list[tuple[Any, ...]]:
    if not Path(trial.lake.standard(DATASET)).exists():
        return []
    found = trial.standard(DATASET).drop("_batch", "_receipt")
    return sorted(found.select(sorted(found.columns)).rows(), key=str)


def mart(trial: Trial) -> list[tuple[Any, ...]]:
    folder = trial.lake.curated("days", "by_day")
    return sorted(pl.read_delta(folder).select("day", "hours", "speed").rows()) if Path(folder).exists() else []


def reasons(trial: Trial) -> dict[tuple[str, int], list[tuple[str, str]]]:
    if not Path(trial.lake.quarantine(DATASET)).exists():
        return {}
    rows = trial.quarantine(DATASET).filter(pl.col("state") == "open")
    return {
        (row["_source"].partition(".")[0], row["_row"]): [(each["code"], each["field"]) for each in row["reasons"]]
        for row in rows.iter_rows(named=True)
    }


def correct(trial: Trial, given: Planted, form: str) -> None:
    """Every fault as data: single rows by their ids, and the value that stands in many rows as a rule."""
    if "ten" in given.faults.values():
        correct_value(trial.ledger, DATASET, "value", "v", "一十", "10")
    cells = []
    for row in trial.quarantine(DATASET).iter_rows(named=True):
        name, number = row["_source"].partition(".")[0], row["_row"] - first_row(form)
        where, text, *_ = FAULTS[given.faults[name, number]]
        raw = json.loads(row["raw"])
        if given.faults[name, number] != "ten":
            assert (raw[where] or "") == text
            place = (row["_receipt"], row["_part"], row["_row"])
            cells.append((place, where, raw[where], given.files[name][number][where]))
    if cells:
        correct_rows(trial.ledger, DATASET, "rows", cells)


def first_row(form: str) -> int:
    return 2 if form == "csv" else 1


@pytest.mark.parametrize(("mode", "form"), CASES)
@settings(
    max_examples=examples(3, 4),
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_rows=planted())
def test_planted_faults_are_quarantined_and_corrected_rows_are_what_clean_data_would_be(
    new_trial: Callable[[], Trial], mode: str, form: str, given_rows: Planted
) -> None:
    sent, clean = new_trial(), new_trial()
    for trial in (sent, clean):
        trial.declare("datasets/c", contract(WRITES[mode], form))
        for name, rows in given_rows.files.items():
            deliver(trial, name, given_rows.delivered(name) if trial is sent else rows, form)
        trial.run()
    planted_reasons = {
        (name, number + first_row(form)): [FAULTS[fault][2:]] for (name, number), fault in given_rows.faults.items()
    }
    assert reasons(sent) == planted_reasons
    if not given_rows.faults:
        return
    correct(sent, given_rows, form)
    assert sent.replay(DATASET, quarantine=True).status == "committed"
    sent.run(datasets=[], marts=["days"])
    assert (table(sent), mart(sent), reasons(sent)) == (table(clean), mart(clean), {})
    applied = dict(sent.ledger.read("corrections_applied").group_by("act_id").agg(pl.col("rows").sum()).rows())
    tens = sum(fault == "ten" for fault in given_rows.faults.values())
    expected = {"value": tens, "rows": len(given_rows.faults) - tens}
    assert applied == {act: rows for act, rows in expected.items() if rows}
    version = sent.ledger.last_table_version(DATASET)
    assert sent.replay(DATASET, quarantine=True).status == "unchanged"
    assert sent.ledger.last_table_version(DATASET) == version
