"""Replay: after a change of meaning, the lake is what a fresh one would be under the new contract."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.meaning_check import keep_meanings
from citylake.pipelines.records import BatchResult
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.decided import decide_rows
from tests.declared import DEMO, declare_packs
from tests.kept_folder import KeptFolder
from tests.thorough import THOROUGH, examples
from tests.trial import Trial

DATASET = "h.x"
KEY = ["device_code", "hour_start"]


def contract(write: dict[str, Any], **speed: Any) -> dict[str, Any]:
    hour = {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai", "label": "start"}
    return {
        "dataset": DATASET,
        "title": {"zh": "题", "en": "title"},
        "owner": {"department": "市交通运输局"},
        "source": {"connector": "files", "path": "${IN}/*.csv", "format": "csv"},
        "fields": {
            "t": {**hour, "required": True},
            "dev": {"element": "traffic.device_code", "required": True},
            "v": {"element": "traffic.mean_speed", "unit": "km/h", **speed},
        },
        "drift": {"added": "report"},
        "write": write,
        "expect": {"rows": {"min": 0}, "quarantine_share": 1.0},
    }


WRITES: dict[str, dict[str, Any]] = {
    "append": {"mode": "append"},
    "upsert": {"mode": "upsert", "key": KEY, "partition": "day(hour_start)"},
    "moving": {"mode": "upsert", "key": ["device_code"], "partition": "day(hour_start)"},
    "replace": {"mode": "replace", "partition": "day(hour_start)", "replace_min": 0},
}


def open_trial(folder: Path) -> Trial:
    declare_packs(folder / "workspace", extends=DEMO)
    (folder / "in").mkdir()
    return Trial(folder, {"IN": str(folder / "in")})


def deliver(trial: Trial, name: str, *rows: str, header: str = "t,dev,v") -> None:
    (trial.root / "in" / name).write_text("\n".join([header, *rows, ""]), "utf-8")


def committed_trial(folder: Path) -> Trial:
    """One delivery in km/h is committed."""
    trial = open_trial(folder)
    trial.declare("datasets/c", contract(WRITES["append"]))
    deliver(trial, "d1.csv", "2026-03-01 00:00,D1,10", "2026-03-01 01:00,D1,x")
    assert trial.run().exit_code == 0
    return trial


def replay(trial: Trial, **chosen: Any) -> BatchResult:
    return trial.replay(DATASET, **chosen)


def rows(trial: Trial) -> list[Any]:
    names = ["hour_start", "device_code", "mean_speed_kmh", "_source", "_row"]
    found = trial.standard(DATASET).select(names) if Path(trial.lake.standard(DATASET)).exists() else pl.DataFrame()
    refused = []
    if Path(trial.lake.quarantine(DATASET)).exists():
        refused = trial.quarantine(DATASET).select("_source", "_row", "raw", "codes").rows()
    return [sorted(found.rows(), key=str), sorted(refused, key=str)]


@pytest.fixture
def new_trial(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Trial]:
    return lambda: open_trial(tmp_path_factory.mktemp("trial"))


@pytest.fixture
def gone(kept: KeptFolder) -> Trial:
    """One delivery in km/h, which the source has removed; the contract now says m/s, and there is a new file."""

    def begin() -> None:
        trial = committed_trial(kept.root)
        (trial.root / "in/d1.csv").unlink()
        deliver(trial, "d2.csv", "2026-03-02 00:00,D2,10")
        trial.declare("datasets/c", contract(WRITES["append"], unit="m/s"))

    kept.restore(begin)
    return Trial(kept.root, {"IN": str(kept.root / "in")})


def test_a_batch_that_would_mix_two_meanings_is_held_and_the_command_is_named(gone: Trial) -> None:
    outcome = gone.run()
    entry = gone.dataset(outcome, DATASET)
    (problem,) = entry["problems"]
    assert (outcome.exit_code, entry["status"], problem["code"]) == (2, "held", "CONTRACT_MEANING_CHANGED")
    assert "mean_speed_kmh.unit: km/h → m/s" in problem["text"]["en"]
    assert all("citylake replay h.x" in text for text in problem["text"].values())
    assert gone.standard(DATASET)["mean_speed_kmh"].to_list() == [10.0]


def test_replay_gives_the_older_rows_the_new_meaning_and_the_next_run_goes_on(gone: Trial) -> None:
    before = gone.ledger.committed_batches(DATASET)["batch"].to_list()
    result = replay(gone)
    assert (result.status, result.counts.rows_in, result.counts.standard, result.supersedes) == (
        "committed", 2, 1, tuple(before),
    )  # fmt: skip
    assert gone.standard(DATASET)["mean_speed_kmh"].to_list() == [36.0]
    assert gone.quarantine(DATASET).height == 1
    assert gone.run().exit_code == 0
    assert gone.standard(DATASET)["mean_speed_kmh"].to_list() == [36.0, 36.0]
    assert replay(gone).status == "unchanged"


def test_replay_begins_at_the_raw_zone_where_the_landed_bytes_are_gone(new_trial: Callable[[], Trial]) -> None:
    trial = new_trial()
    trial.declare("datasets/c", contract(WRITES["append"]))
    # A record over two lines is read with care, and its text is stored.
    deliver(trial, "d1.csv", "2026-03-01 00:00,D1,10", '2026-03-01 01:00,"D\n1",x')
    assert trial.run().exit_code == 0
    trial.declare("datasets/c", contract(WRITES["append"], unit="m/s"))
    (receipt,) = trial.receipts(DATASET)
    for path in receipt["landing"]:
        Path(path).unlink()
    assert replay(trial).status == "committed"
    assert trial.standard(DATASET)["mean_speed_kmh"].to_list() == [36.0]


@pytest.mark.parametrize("zone", ["landing", "raw"])
def test_records_that_the_reader_refused_are_replayed_from_either_zone(
    new_trial: Callable[[], Trial], zone: str
) -> None:
    trial = new_trial()
    trial.declare("datasets/c", contract(WRITES["append"]))
    deliver(trial, "d1.csv", "2026-03-01 00:00,D1,10", "2026-03-01 01:00,D1", "2026-03-01 02:00,D1,11")
    assert trial.run().exit_code == 0
    before = [rows(trial)[1], sorted(trial.standard(DATASET)["_row"])]
    for file in Path(trial.lake.path("raw" if zone == "landing" else "landing", DATASET)).rglob("*.*"):
        file.unlink()
    trial.declare("datasets/c", contract(WRITES["append"], unit="m/s"))
    result = replay(trial)
    assert (result.status, result.counts.rows_in, result.counts.quarantined) == ("committed", 3, 1)
    assert [rows(trial)[1], sorted(trial.standard(DATASET)["_row"])] == before


REGISTER = """
dataset: h.x
title: {zh: 册, en: register}
owner: {department: 市交通运输局}
source: {connector: files, path: "${IN}/*.csv", format: csv, name_fields: "(?P<day>[0-9-]{10})"}
fields:
  day: {element: time.day, format: "%Y-%m-%d"}
  dev: {element: traffic.device_code}
  v: {element: traffic.mean_speed, unit: UNIT}
write: {mode: snapshot, key: [device_code], effective: day}
expect: {quarantine_share: 1.0}
"""


def test_a_replayed_register_has_the_intervals_of_a_fresh_one(new_trial: Callable[[], Trial]) -> None:
    days = {"2026-03-02": ["D1,10", "D2,20"], "2026-03-01": ["D1,10"], "2026-03-03": ["D1,30", "D2,x"]}
    found = []
    for unit in ("km/h", "m/s"):
        trial = new_trial()
        trial.declare("datasets/c", REGISTER.replace("UNIT", unit))
        for day, lines in days.items():
            deliver(trial, f"{day}.csv", *lines, header="dev,v")
            assert trial.run().exit_code == 0
        shutil.rmtree(trial.root / "in")
        trial.declare("datasets/c", REGISTER.replace("UNIT", "m/s"))
        assert replay(trial).status == ("committed" if unit == "km/h" else "unchanged")
        names = ["device_code", "mean_speed_kmh", "valid_from", "valid_to", "_source", "_row"]
        found.append(sorted(trial.standard(DATASET).select(names).rows()))
    assert found[0] == found[1]
    assert {row[1] for row in found[0]} == {36.0, 72.0, 108.0}


def test_without_bytes_and_text_nothing_changes_and_the_file_is_named(gone: Trial) -> None:
    (receipt,) = gone.receipts(DATASET)
    for path in [*map(Path, receipt["landing"]), *Path(gone.lake.raw(DATASET, receipt["id"])).iterdir()]:
        path.unlink()
    result = replay(gone)
    assert (result.status, [problem.code for problem in result.problems]) == (
        "held",
        ["REPLAY_BYTES_LOST", "REPLAY_HELD"],
    )
    assert gone.standard(DATASET)["mean_speed_kmh"].to_list() == [10.0]


def test_rows_that_are_right_as_they_are_can_be_kept(gone: Trial) -> None:
    registry, run = load_valid_registry(gone.root / "workspace"), new_run()
    context = RunContext(registry, gone.lake, gone.ledger, run, run_variables(registry, run, gone.given))
    assert len(keep_meanings(context, registry.contracts[DATASET])) == 1
    assert gone.run().exit_code == 0
    assert sorted(gone.standard(DATASET)["mean_speed_kmh"]) == [10.0, 36.0]


def test_a_harmless_change_holds_nothing(gone: Trial) -> None:
    declared = contract(WRITES["append"], required=False)
    declared["owner"] = {"department": "市公安交管局"}
    declared["fields"]["speed"] = declared["fields"].pop("v") | {"optional": True}
    gone.declare("datasets/c", declared)
    deliver(gone, "d2.csv", "2026-03-02 00:00,D2,10", header="t,dev,speed")
    assert gone.run().exit_code == 0
    assert gone.standard(DATASET).height == 2


def test_a_delivery_that_replaces_the_partition_needs_no_replay(new_trial: Callable[[], Trial]) -> None:
    trial = new_trial()
    trial.declare("datasets/c", contract(WRITES["replace"]))
    deliver(trial, "d.csv", "2026-03-01 00:00,D1,10")
    assert trial.run().exit_code == 0
    deliver(trial, "d.csv", "2026-03-01 00:00,D1,11", "2026-03-01 01:00,D1,12")
    trial.declare("datasets/c", contract(WRITES["replace"], unit="m/s"))
    assert trial.run().exit_code == 0
    assert trial.standard(DATASET)["mean_speed_kmh"].to_list() == [39.6, 43.2]


def test_a_meaning_that_no_ledger_has_is_recorded_by_the_first_run(gone: Trial) -> None:
    """A lake of an earlier version has no such table."""
    shutil.rmtree(gone.lake.ledger("meanings"))
    gone.declare("datasets/c", contract(WRITES["append"]))
    deliver(gone, "d1.csv", "2026-03-01 00:00,D1,10", "2026-03-01 01:00,D1,x")
    (gone.root / "in/d2.csv").unlink()
    assert gone.dataset(gone.run(), DATASET)["status"] == "unchanged"
    assert len(gone.ledger.meanings(DATASET)) == 1


def test_a_column_of_another_type_replaces_the_table_as_a_whole(new_trial: Callable[[], Trial]) -> None:
    trial = new_trial()
    trial.declare("datasets/c", contract(WRITES["upsert"]))
    deliver(trial, "d1.csv", "2026-03-01 00:00,D1,10")
    trial.run()
    (trial.root / "in/d1.csv").unlink()
    deliver(trial, "d2.csv", "2026-03-02 00:00,D2,11")
    declared = contract(WRITES["upsert"])
    declared["fields"]["v"] = {"element": "traffic.flow", "as": "mean_speed_kmh"}
    trial.declare("datasets/c", declared)
    entry = trial.dataset(trial.run(), DATASET)
    assert (entry["status"], entry["problems"][0]["code"]) == ("held", "CONTRACT_MEANING_CHANGED")
    assert replay(trial).status == "committed"
    assert trial.run().exit_code == 0
    column = trial.standard(DATASET).sort("hour_start")["mean_speed_kmh"]
    assert column.dtype == pl.Int64()
    assert column.to_list() == [10, 11]


def test_chosen_receipts_alone_are_replayed(new_trial: Callable[[], Trial]) -> None:
    trial = new_trial()
    trial.declare("datasets/c", contract(WRITES["append"]))
    deliver(trial, "d1.csv", "2026-03-01 00:00,D1,10")
    trial.run()
    deliver(trial, "d2.csv", "2026-03-02 00:00,D2,x")
    trial.run()
    first, second = trial.ledger.committed_batches(DATASET)["batch"]
    assert replay(trial, batch=first).supersedes == (first,)
    assert replay(trial, quarantine=True).status == "unchanged"
    (place,) = trial.quarantine(DATASET).select("_receipt", "_part", "_row").rows()
    decide_rows(trial.ledger, DATASET, "a1", "discarded", [place])
    assert replay(trial, quarantine=True).supersedes == (second,)
    assert replay(trial, since=date(2999, 1, 1)).status == "unchanged"
    assert len(replay(trial, since=date(2020, 1, 1)).receipts) == 2
    assert [len(part) for part in rows(trial)] == [1, 1]


files = st.lists(
    st.tuples(
        st.sampled_from(["a.csv", "b.csv", "b-corrected.csv"]),
        st.lists(
            st.tuples(
                st.integers(1, 2), st.integers(0, 2), st.sampled_from("AB"), st.sampled_from(["1", "7", "-9", "x"])
            ),
            min_size=1,
            max_size=4,
        ),
        st.booleans(),
    ),
    # One delivery alone leaves nothing of before.
    min_size=2,
    max_size=4 if THOROUGH else 3,
)
CHANGES: dict[str, dict[str, Any]] = {
    "unit": {"unit": "m/s"},
    "sentinel": {"sentinels": ["-9"]},
    "element": {"element": "traffic.flow", "as": "mean_speed_kmh", "unit": None},
}


@pytest.mark.parametrize("mode", WRITES)
@settings(max_examples=examples(2, 4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delivered=files, change=st.sampled_from(sorted(CHANGES)))
def test_a_replayed_lake_is_a_fresh_one_row_by_row(
    new_trial: Callable[[], Trial], mode: str, delivered: Any, change: str
) -> None:
    trials = new_trial(), new_trial()
    new = {name: value for name, value in {"unit": "km/h", **CHANGES[change]}.items() if value}
    changed = contract(WRITES[mode])
    changed["fields"]["v"] = {"element": "traffic.mean_speed", **new}
    for trial, declared in zip(trials, (contract(WRITES[mode]), changed), strict=True):
        trial.declare("datasets/c", declared)
        for name, cells, more in delivered:
            lines = [f"2026-03-0{day} 0{hour}:00,{dev},{value}" for day, hour, dev, value in cells]
            if more:
                deliver(trial, name, *(f"{line},note" for line in lines), header="t,dev,v,extra")
            else:
                deliver(trial, name, *lines)
            assert trial.run().exit_code == 0
            (trial.root / "in" / name).unlink()
            (trial.root / "in/none.csv").write_text("t,dev,v\n", "utf-8")
    old, fresh = trials
    old.declare("datasets/c", changed)
    result = replay(old)
    assert result.status == "committed", result.problems
    assert result.counts.conserved
    assert rows(old) == rows(fresh)
    replay(old, since=date(2020, 1, 1))
    assert rows(old) == rows(fresh)
