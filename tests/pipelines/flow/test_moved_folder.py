"""A drop folder that is moved brings the same rows under other names: told, and not added again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.flow import dataset_steps
from citylake.pipelines.flow import replay_dataset as replaying
from tests.trial import Trial

DATASET = "traffic.counts"
DAYS = ("20260301", "20260302")


def declare(trial: Trial, path: str, **more: Any) -> None:
    fields = {"device": {"element": "traffic.device_code"}}
    declaration = {
        "dataset": DATASET,
        "title": {"zh": "流量", "en": "counts"},
        "owner": {"department": "交通局"},
        "source": {"connector": "files", "path": path, "format": "csv", **more},
        "fields": fields,
        "write": {"mode": "append"},
    }
    trial.declare("datasets/counts", {**declaration, **({"ignore": ["day"]} if more else {})})


@pytest.fixture
def inbox(trial: Trial) -> Path:
    folder = trial.root / "city/in"
    folder.mkdir(parents=True)
    trial.given["CITY"] = str(folder.parent)
    for day in DAYS:
        (folder / f"{day}.csv").write_text(f"device\nD{day}\nE{day}\n", "utf-8")
    return folder


def run(trial: Trial) -> tuple[int, set[str]]:
    """The rows in the table after a run, and what was told."""
    outcome = trial.run()
    assert outcome.exit_code == 0
    codes = {problem["code"] for problem in trial.dataset(outcome, DATASET)["problems"]}
    return trial.standard(DATASET).height, codes


@pytest.mark.parametrize("more", [{}, {"name_fields": r"(?P<day>\d{8})"}])
def test_files_that_were_moved_are_told_and_not_added_again(trial: Trial, inbox: Path, more: dict[str, Any]) -> None:
    declare(trial, "${CITY}/in/**/*.csv", **more)
    assert run(trial) == (4, set())
    (inbox / "old").mkdir()
    for day in DAYS:
        shutil.move(inbox / f"{day}.csv", inbox / "old")
    assert run(trial) == (4, {"FILE_DELIVERED_TWICE"})
    shutil.move(inbox, inbox.with_name("moved"))
    declare(trial, "${CITY}/**/*.csv", **more)
    assert run(trial) == (4, {"FILE_DELIVERED_TWICE"})
    assert run(trial) == (4, {"FILE_DELIVERED_TWICE"})


def test_names_that_give_other_fields_are_other_rows(trial: Trial, inbox: Path) -> None:
    declare(trial, "${CITY}/in/*.csv", name_fields=r"(?P<day>\d{8})")
    assert run(trial) == (4, set())
    shutil.copy(inbox / f"{DAYS[0]}.csv", inbox / "20260303.csv")
    shutil.copy(inbox / f"{DAYS[0]}.csv", inbox / f"{DAYS[0]} (1).csv")
    assert run(trial) == (6, {"FILE_DELIVERED_TWICE"})


def test_a_contract_that_changes_otherwise_reads_its_files_again_and_replaces_their_rows(
    trial: Trial, inbox: Path
) -> None:
    declare(trial, "${CITY}/in/*.csv")
    assert run(trial) == (4, set())
    declare(trial, "${CITY}/in/2026*.csv")
    assert run(trial) == (4, set())
    assert {receipt["status"] for receipt in trial.receipts(DATASET)} == {"received"}


def test_a_folder_that_moves_while_its_files_are_replayed_brings_no_row_twice(
    trial: Trial, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(trial, "${CITY}/in/*.csv")
    run(trial)
    contract = trial.root / "workspace/datasets/counts.yaml"
    meaning = contract.read_text("utf-8").replace("traffic.device_code", "traffic.device_code\n    required: true")
    contract.write_text(meaning, "utf-8")
    commit = dataset_steps.commit_step

    def overtaken(*arguments: Any, **options: Any) -> Any:
        trial.given["CITY"] = str(shutil.move(inbox.parent, trial.root / "moved"))
        assert trial.dataset(trial.run(), DATASET)["status"] == "committed"
        return commit(*arguments, **options)

    monkeypatch.setattr(replaying, "commit_step", overtaken)
    trial.replay(DATASET)
    assert trial.standard(DATASET).height == 2 * len(DAYS)
