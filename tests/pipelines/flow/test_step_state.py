"""What one step leaves for the next, also across an upgrade of citylake between the two."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.flow import scheduler_tasks
from citylake.pipelines.flow.step_state import LakeStepState
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import Receipt
from citylake.schemas.words.errors import CitylakeError
from tests.trial import Trial

OLD = Path(__file__).parent / "handoff_42b6f2e"
DATASET = "traffic.counts"
TASKS: dict[str, Any] = {
    "pull": scheduler_tasks.pull_task,
    "parse": scheduler_tasks.parse_task,
    "conform": scheduler_tasks.conform_task,
    "audit": scheduler_tasks.audit_task,
    "commit": scheduler_tasks.commit_task,
    "settle": scheduler_tasks.settle_task,
}
COUNTS = """
dataset: traffic.counts
title: {zh: 流量, en: counts}
owner: {department: 交通局}
source: {connector: files, path: "${CITY}/*.csv", format: csv}
fields:
  device: {element: traffic.device_code, required: true}
  flow: {element: traffic.flow, required: true}
write: {mode: upsert, key: [device_code]}
"""


@pytest.fixture
def city(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    trial.declare("datasets/counts", COUNTS)
    (tmp_path / "city").mkdir()
    for name, path in {"CITYLAKE_WORKSPACE": "workspace", "CITYLAKE_LAKE": "lake", "CITY": "city"}.items():
        monkeypatch.setenv(name, str(tmp_path / path))
    (tmp_path / "city/1.csv").write_text("device,flow\nD1,3\nD2,x\n", encoding="utf-8")
    return trial


def handoff(trial: Trial, step: str) -> Path:
    return Path(trial.lake.path("handoff", "again", DATASET, f"{step}.json"))


def test_a_batch_is_called_staged_until_its_commit(city: Trial) -> None:
    for step in (scheduler_tasks.pull_task, scheduler_tasks.parse_task, scheduler_tasks.conform_task):
        step(DATASET, "again")
    (conformed,) = json.loads(handoff(city, "conform").read_text())
    scheduler_tasks.audit_task(DATASET, "again")
    (audited,) = json.loads(handoff(city, "audit").read_text())
    assert (conformed["result"]["status"], audited["result"]["status"]) == ("staged", "staged")
    assert city.ledger.read("batches").is_empty()
    scheduler_tasks.commit_task(DATASET, "again")
    (committed,) = json.loads(handoff(city, "commit").read_text())
    assert committed["result"]["status"] == "committed"
    assert city.ledger.read("batches")["status"].to_list() == ["committed"]


@pytest.fixture
def interrupted(city: Trial) -> Trial:
    """A lake in which revision 42b6f2e ran the steps up to the audit: one file became a batch, one was held."""
    shutil.copytree(OLD, city.lake.url)
    for path in Path(city.lake.url).rglob("*.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("ROOT", str(city.root)), encoding="utf-8")
    return city


def test_the_files_of_the_last_revision_are_read(interrupted: Trial) -> None:
    state = LakeStepState(interrupted.lake, "old", DATASET, Budget())
    assert state.has_news()
    assert [receipt.name for receipt in state.load("pull", list[Receipt])] == ["1.csv", "2.csv"]
    assert [(source.columns, source.estimate_rows()) for source in state.sources()] == [
        (("device", "flow"), 2),
        (("device", "volume"), 1),
    ]
    for step in ("conform", "audit"):
        found = [(batch.result.status, batch.is_staged) for batch in state.batches(step)]
        assert found == [("staged", True), ("held", False)]
    assert [check.name for check in state.batches("audit")[0].result.checks] == ["rows.staged", "rows.min"]
    assert (state.seconds(), state.results()) == ({}, [])


@pytest.mark.parametrize("left", ["parse", "conform", "audit"])
def test_a_run_that_the_last_revision_began_is_finished_by_this_one(interrupted: Trial, left: str) -> None:
    tasks = list(TASKS)[list(TASKS).index(left) + 1 :]
    for name in tasks:
        Path(interrupted.lake.path("handoff", "old", DATASET, f"{name}.json")).unlink(missing_ok=True)
    done = {name: TASKS[name](DATASET, "old") for name in tasks}
    assert (done["commit"]["committed"], done["commit"]["standard"], done["commit"]["quarantined"]) == (1, 1, 1)
    assert interrupted.standard(DATASET)["flow_veh"].to_list() == [3]
    assert interrupted.quarantine(DATASET).height == 1
    assert sorted(interrupted.ledger.read("batches")["status"]) == ["committed", "held"]
    assert not Path(interrupted.lake.path("handoff", "old")).exists()


def test_a_result_that_no_step_has_left_is_named_with_its_place(tmp_path: Path) -> None:
    state = LakeStepState(Lake(str(tmp_path)), "run", DATASET, Budget())
    with pytest.raises(CitylakeError, match=r"step pull in .*handoff/run/traffic\.counts") as caught:
        state.has_news()
    assert caught.value.code == "STEP_STATE_MISSING"


def test_a_task_that_is_cleared_after_its_run_fails_and_changes_no_status(city: Trial) -> None:
    for step in TASKS.values():
        step(DATASET, "again")
    with pytest.raises(CitylakeError) as caught:
        scheduler_tasks.commit_task(DATASET, "again")
    assert caught.value.code == "STEP_STATE_MISSING"
    assert city.ledger.read("batches")["status"].to_list() == ["committed"]
