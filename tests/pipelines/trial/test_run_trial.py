"""A trial says what a change would do to each row and value, and touches nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import citylake
from citylake.pipelines.trial.trial_result import ReasonCount

if TYPE_CHECKING:
    from tests.pipelines.trial.conftest import Readings

CONTRACT = "datasets/air/readings.yaml"


def test_a_trial_of_the_same_declarations_reads_and_finds_nothing(readings: Readings) -> None:
    outcome = readings.trial(readings.changed())
    assert (outcome.datasets, outcome.unchanged, outcome.exit_code) == ((), 1, 0)


def test_another_unit_changes_every_value_by_what_it_says(readings: Readings) -> None:
    found = readings.one(readings.changed(("unit: ug/m3", "unit: mg/m3")), sample=None)
    # 12.5 mg/m³ and more are out of the element's range of 1,000 µg/m³.
    assert (found.status, found.difference.bad.rows, found.worse) == ("compared", 4, True)
    assert found.difference.bad.reasons == (ReasonCount("VALUE_OUT_OF_RANGE", 4),)
    assert [example.field for example in found.difference.bad.examples] == ["pm25_ugm3"] * 4
    assert found.difference.days == ("2026-03-01", "2026-03-02")
    assert "air.station_day" in found.marts


def test_values_that_change_are_counted_by_column_with_their_differences_and_the_columns_of_marts(
    readings: Readings,
) -> None:
    found = readings.one(readings.changed(("unit: ug/m3", "unit: ug/m3, factor: 2")))
    (change,) = found.difference.columns
    assert (change.column, change.rows, change.emptied, change.filled) == ("pm25_ugm3", 4, 0, 0)
    assert [change.smallest, change.median, change.largest] == pytest.approx([12.5, 25.75, 40.0])
    assert (change.examples[0].before, change.examples[0].after) == ("12.5", "25.0")
    assert found.marts == ("air.station_day.pm25_ugm3",)
    assert (found.difference.changed_rows, found.worse) == (4, False)


def test_rows_that_become_good_have_the_reason_that_refused_them(readings: Readings) -> None:
    found = readings.one(readings.changed(("unit: ug/m3", "unit: ug/m3, sentinels: [a lot]")))
    assert (found.difference.good.rows, found.difference.bad.rows) == (1, 0)
    assert found.difference.good.reasons == (ReasonCount("VALUE_UNREADABLE", 1),)
    (example,) = found.difference.good.examples
    assert (example.value, example.row.split("/")[1]) == ("a lot", "5")
    assert found.difference.days == ("2026-03-01",)


def test_nothing_is_written_to_lake_or_workspace_and_no_scratch_is_left(readings: Readings) -> None:
    before = readings.state()
    encoding = ("format: csv", "format: {type: csv, encoding: utf-8}")
    for change in (("unit: ug/m3", "unit: mg/m3"), encoding, ("pm25: {", "pm25: {optional: true, ")):
        readings.trial(readings.changed(change))
    assert readings.call("trial", str(readings.changed(encoding)), "--whole")[0] == 0
    assert readings.state() == before
    assert not list((readings.root / "scratch").glob("citylake-*"))


def test_receipts_whose_landed_bytes_are_gone_are_read_from_their_text(readings: Readings) -> None:
    readings.workspace.joinpath(CONTRACT).write_text(
        readings.workspace.joinpath(CONTRACT)
        .read_text("utf-8")
        .replace("format: csv", "format: {type: csv, comment: '#'}")
    )
    assert readings.run() == 0
    shutil.rmtree(readings.root / "lake/landing")
    found = readings.one(readings.changed(("unit: ug/m3", "unit: ug/m3, factor: 2")))
    assert (found.status, found.difference.changed_rows) == ("compared", 4)


def test_one_changed_file_takes_the_place_of_the_file_with_its_ids(readings: Readings) -> None:
    elements = readings.changed(("range: [0, 1000]", "range: [0, 30]"), file="elements/air.yaml") / "elements/air.yaml"
    found = readings.one(elements)
    assert (found.difference.bad.rows, found.difference.bad.reasons[0].code) == (2, "VALUE_OUT_OF_RANGE")
    contract = readings.changed(("station: {", "standort: {")) / CONTRACT
    assert readings.one(contract).held_changed


def test_a_file_without_a_known_id_and_a_word_that_is_nothing_are_refused_with_what_to_write(
    readings: Readings,
) -> None:
    other = readings.root / "other.yaml"
    other.write_text(readings.workspace.joinpath(CONTRACT).read_text("utf-8").replace("air.readings", "air.other"))
    for change, code in ((str(other), "TRIAL_FILE_NEW"), ("no-such-branch", "TRIAL_CHANGE_UNKNOWN")):
        with pytest.raises(citylake.CitylakeError) as caught:
            readings.trial(change)
        assert caught.value.code == code
        assert "citylake" in caught.value.say("zh")


def test_a_revision_of_git_is_read_without_changing_the_repository(readings: Readings) -> None:
    def git(*arguments: str) -> None:
        named = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *named, *arguments], cwd=readings.root, check=True, capture_output=True)

    (readings.root / ".gitignore").write_text("lake\nscratch\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    file = readings.workspace / CONTRACT
    today = file.read_text("utf-8")
    file.write_text(today.replace("unit: ug/m3", "unit: ug/m3, factor: 2"), "utf-8")
    git("commit", "-qam", "two")
    git("tag", "two")
    file.write_text(today, "utf-8")
    assert readings.one("two").difference.changed_rows == 4
    assert file.read_text("utf-8") == today
    assert readings.trial("HEAD~1").datasets == ()


def test_a_dataset_that_is_gone_or_faulty_is_worse_and_says_why(readings: Readings) -> None:
    faulty = readings.changed(("element: air.pm25", "element: air.pm99"))
    (faulty / "datasets/air/other.yaml").write_text(
        readings.workspace.joinpath(CONTRACT).read_text("utf-8").replace("air.readings", "air.other"), "utf-8"
    )
    shutil.rmtree(faulty / "marts")
    outcome = readings.trial(faulty)
    assert (outcome.exit_code, outcome.datasets[0].status) == (2, "faulty")
    assert outcome.datasets[0].problems_changed


def test_a_sample_is_the_same_files_every_time_and_its_figures_are_estimates(readings: Readings) -> None:
    for day in range(1, 11):
        readings.drop(f"m{day:02}.csv", f"S1,2026-04-{day:02} 08:00,{day}.5")
    assert readings.run() == 0
    change = readings.changed(("unit: ug/m3", "unit: ug/m3, factor: 2"))
    first, again, whole = readings.one(change, sample=4), readings.one(change, sample=4), readings.one(change)
    assert first == again
    assert (first.receipts, first.receipts_total, whole.receipts) == (4, 11, 11)
    assert 0 < first.share < 1
    assert first.estimate(first.difference.changed_rows) >= first.difference.changed_rows
    assert whole.share == 1


def test_only_receipts_since_a_day_are_read(readings: Readings) -> None:
    change = readings.changed(("unit: ug/m3", "unit: ug/m3, factor: 2"))
    today = datetime.now(UTC).date()
    assert readings.one(change, since=today + timedelta(days=2)).status == "empty"
    assert readings.one(change, since=today - timedelta(days=2)).status == "compared"


def test_values_that_are_not_open_to_everyone_are_masked(readings: Readings) -> None:
    file = readings.workspace / "elements/air.yaml"
    closed = "  range: [0, 1000]\n  sensitivity: {openness: none}\n"
    file.write_text(file.read_text("utf-8").replace("  range: [0, 1000]\n", closed), "utf-8")
    found = readings.one(readings.changed(("unit: ug/m3", "unit: ug/m3, factor: 2, sentinels: [a lot]")))
    (change,) = found.difference.columns
    assert {example.after for example in change.examples} == {"●●●"}
    assert [example.value for example in found.difference.good.examples] == ["●●●"]


def test_loading_the_command_line_loads_no_engine(tmp_path: Path) -> None:
    script = (
        "import citylake.pipelines.cli.trial_command, sys; print('polars' in sys.modules or 'duckdb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "False"
