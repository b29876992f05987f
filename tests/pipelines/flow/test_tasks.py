"""The steps as tasks of a scheduler, each of which may be tried again at any point."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.flow import scheduler_tasks
from tests.trial import Trial

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
STEPS = (
    scheduler_tasks.pull_task,
    scheduler_tasks.parse_task,
    scheduler_tasks.conform_task,
    scheduler_tasks.audit_task,
    scheduler_tasks.commit_task,
    scheduler_tasks.settle_task,
)


@pytest.fixture
def city(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    trial.declare("datasets/counts", COUNTS)
    (tmp_path / "city").mkdir()
    for name, path in {"CITYLAKE_WORKSPACE": "workspace", "CITYLAKE_LAKE": "lake", "CITY": "city"}.items():
        monkeypatch.setenv(name, str(tmp_path / path))
    (tmp_path / "city/1.csv").write_text("device,flow\nD1,3\nD2,x\n", encoding="utf-8")
    return trial


def test_a_step_that_is_done_twice_has_done_what_it_does_once(city: Trial) -> None:
    for step in STEPS:
        assert step("traffic.counts", "again") == step("traffic.counts", "again")
    assert city.standard("traffic.counts")["flow_veh"].to_list() == [3]
    assert city.quarantine("traffic.counts").height == 1
    (batch,) = city.ledger.read("batches").to_dicts()
    assert (batch["status"], batch["rows_in"]) == ("committed", 2)


def test_a_settled_run_leaves_no_step_state_once_its_last_dataset_is_settled(city: Trial) -> None:
    city.declare("datasets/more", COUNTS.replace("traffic.counts", "traffic.more"))
    folder = city.root / "lake/handoff/shared"
    for dataset in ("traffic.counts", "traffic.more"):
        scheduler_tasks.pull_task(dataset, "shared")
    scheduler_tasks.settle_task("traffic.counts", "shared")
    assert [path.name for path in folder.iterdir()] == ["traffic.more"]
    scheduler_tasks.settle_task("traffic.more", "shared")
    assert not folder.exists()
