"""``citylake run`` and a scheduler's tasks run the same steps: after the same faults, the ledger says the same."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.conform import stage_batch
from citylake.pipelines.flow import conductor, dataset_steps, scheduler_tasks
from tests.declared import declare_packs
from tests.trial import Trial

DATASET = "traffic.counts"
FILES = {"connector": "files", "path": "${CITY}/*.csv", "format": "csv"}
GOOD = "device,flow\nD1,3\nD2,x\nD3,5\nD3,5\n"
STEPS: dict[str, Callable[..., Any]] = {
    "pull": scheduler_tasks.pull_task,
    "parse": scheduler_tasks.parse_task,
    "conform": scheduler_tasks.conform_task,
    "audit": scheduler_tasks.audit_task,
    "commit": scheduler_tasks.commit_task,
    "settle": scheduler_tasks.settle_task,
}


def declare(root: Path, source: dict[str, Any], least: int) -> Trial:
    trial = Trial(root, {"CITY": str(root / "city")})
    declare_packs(root / "workspace")
    trial.declare(
        "datasets/counts",
        {
            "dataset": DATASET,
            "title": {"zh": "流量", "en": "counts"},
            "owner": {"department": "交通局"},
            "source": source,
            "fields": {
                "device": {"element": "traffic.device_code", "required": True},
                "flow": {"element": "traffic.flow", "required": True},
            },
            "write": {"mode": "upsert", "key": ["device_code"]},
            "expect": {"rows": {"min": least}},
        },
    )
    (root / "city").mkdir()
    return trial


def run_tasks(trial: Trial, monkeypatch: pytest.MonkeyPatch, run: str = "by-the-clock", first: str = "pull") -> None:
    """The steps from ``first`` on, as a scheduler runs them: nothing runs after a task that failed."""
    for name, path in {"CITYLAKE_WORKSPACE": "workspace", "CITYLAKE_LAKE": "lake", "CITY": "city"}.items():
        monkeypatch.setenv(name, str(trial.root / path))
    for name in list(STEPS)[list(STEPS).index(first) :]:
        STEPS[name](DATASET, run)


def ledger_rows(trial: Trial) -> dict[str, list[Any]]:
    """What does not depend on the time and the run: outcomes, and the receipts."""
    batches = [
        {
            **{name: row[name] for name in ("dataset", "batch", "status", "issues", "days", "table_version")},
            "counts": {name: value for name, value in row.items() if name.startswith("rows_")},
            "problems": [item["code"] for item in json.loads(row["problems"])],
            "steps": sorted(json.loads(row["seconds"])),
            "receipts": len(row["receipts"]),
        }
        for row in trial.ledger.read("batches").to_dicts()
    ]
    names = ("dataset", "name", "status", "sha256", "declared_count", "stored_count")
    receipts = [
        {**{name: row[name] for name in names}, "problems": [item["code"] for item in json.loads(row["problems"])]}
        for row in trial.ledger.read("receipts").to_dicts()
    ]
    return {"batches": batches, "receipts": sorted(receipts, key=lambda row: row["name"])}


def out_of_memory(*_: Any) -> None:
    raise MemoryError


def disk_full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


FAULTS: dict[str, dict[str, Any]] = {
    "a good run": {"files": {"1.csv": GOOD}, "outcome": ["committed"]},
    "two layouts, one of them held": {
        "files": {"1.csv": GOOD, "2.csv": "device,volume\nD9,3\n"},
        "outcome": ["committed", "held"],
    },
    "columns in another order": {
        "files": {"1.csv": GOOD, "2.csv": "flow,device\nx,D7\n4,D8\n", "3.csv": 'flow,device\n"y\nz",D9\n4,D9\n'},
        "outcome": ["committed"],
    },
    "nothing there": {"files": {}, "outcome": None},
    "no memory in conform": {
        "files": {"1.csv": GOOD},
        "patch": (stage_batch, "conform_batch", out_of_memory),
        "outcome": ["failed"],
    },
    "a full disk in commit": {
        "files": {"1.csv": GOOD},
        "patch": (dataset_steps, "commit_staged_batch", disk_full),
        "outcome": ["failed"],
    },
    "a failure after the commit": {
        "files": {"1.csv": GOOD},
        "patch": (conductor, "settle_sources", disk_full),
        "outcome": ["committed", "failed"],
    },
    "an unreadable file": {"files": {"1.csv": "", "2.csv": GOOD}, "outcome": ["committed", "held"]},
    "only unreadable files": {"files": {"1.csv": 'device,flow\n"D1,3\n'}, "outcome": ["held"]},
    "a held batch": {"files": {"1.csv": GOOD}, "least": 100, "outcome": ["held"]},
    "an incomplete pull": {"files": {}, "rows": [{"device": "D1", "flow": 1}] * 2, "outcome": ["incomplete"]},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_both_ways_of_running_leave_the_same_ledger(
    fault: str, tmp_path: Path, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = FAULTS[fault]
    city.answer = lambda asked: reply({"rows": case["rows"] if asked.params["page"] == "1" else [], "total": 2})
    paged: dict[str, Any] = {
        "connector": "rest_paged",
        "url": city.url,
        "format": {"type": "json", "records": "rows"},
        "paging": {"by": "page", "param": "page", "total": "total", "key": "device"},
    }
    trials = []
    for way in ("command", "tasks"):
        trial = declare(tmp_path / way, paged if "rows" in case else FILES, case.get("least", 1))
        for name, text in case["files"].items():
            (trial.root / "city" / name).write_text(text, encoding="utf-8")
        trials.append(trial)
    if "patch" in case:
        monkeypatch.setattr(*case["patch"])
    command, tasks = trials
    outcome = command.run()
    if case["outcome"] and "failed" in case["outcome"]:
        with pytest.raises((MemoryError, OSError)):
            run_tasks(tasks, monkeypatch)
    else:
        run_tasks(tasks, monkeypatch)
    assert ledger_rows(tasks) == ledger_rows(command)
    if case["outcome"]:
        assert [row["status"] for row in ledger_rows(tasks)["batches"]] == case["outcome"]
        assert [batch.status for batch in outcome.batches] == case["outcome"]


@pytest.mark.parametrize(
    ("step", "patch"),
    [
        ("conform", (stage_batch, "conform_batch", out_of_memory)),
        ("commit", (dataset_steps, "commit_staged_batch", disk_full)),
        ("settle", (conductor, "settle_sources", disk_full)),
    ],
)
def test_a_task_that_fails_and_succeeds_on_its_next_try_is_recorded_and_leaves_the_dataset_well(
    step: str, patch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = declare(tmp_path, FILES, 1)
    (trial.root / "city/1.csv").write_text(GOOD, encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(*patch)
        with pytest.raises((MemoryError, OSError)):
            run_tasks(trial, monkeypatch)
    run_tasks(trial, monkeypatch, first=step)
    statuses = [row["status"] for row in trial.ledger.read("batches").to_dicts()]
    assert sorted(status for status in statuses if status != "unchanged") == ["committed", "failed"]
    assert trial.ledger.status()["datasets"][0]["status"] == "committed"
    assert trial.standard(DATASET).height == 2


@pytest.mark.parametrize("way", ["command", "tasks"])
def test_an_unforeseen_error_is_recorded_without_the_credentials_that_its_text_contains(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaking(*_: Any) -> None:
        raise RuntimeError("GET https://anna:pw-8371@city.test/a?key=q-5512 with Bearer t0ken-9917: reset")

    monkeypatch.setenv("CITYLAKE_CONN_GATE", json.dumps({"token": "t0ken-9917"}))
    trial = declare(
        tmp_path, {"connector": "http", "url": "https://city.test/a", "format": "csv", "connection": "gate"}, 1
    )
    monkeypatch.setattr(conductor, "pull_step", leaking)
    if way == "command":
        trial.run()
    else:
        with pytest.raises(RuntimeError, match="reset"):
            run_tasks(trial, monkeypatch)
    (row,) = trial.ledger.read("batches").to_dicts()
    assert "RuntimeError" in row["problems"]
    assert "reset" in row["problems"]
    assert not [secret for secret in ("pw-8371", "q-5512", "t0ken-9917") if secret in row["problems"]]


def test_a_failed_pull_is_over_once_a_later_one_finds_nothing_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = declare(tmp_path, FILES, 1)
    (trial.root / "city/1.csv").write_text(GOOD, encoding="utf-8")
    run_tasks(trial, monkeypatch, "first")
    with monkeypatch.context() as patched:
        patched.setattr(conductor, "pull_step", disk_full)
        with pytest.raises(OSError, match="No space"):
            run_tasks(trial, monkeypatch, "second")
    assert trial.ledger.status()["datasets"][0]["status"] == "failed"
    run_tasks(trial, monkeypatch, "second")
    assert trial.ledger.status()["datasets"][0]["status"] == "committed"


def test_the_seconds_of_steps_in_several_processes_add_up_in_one_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = declare(tmp_path, FILES, 1)
    (trial.root / "city/1.csv").write_text(GOOD, encoding="utf-8")
    run_tasks(trial, monkeypatch)
    (row,) = trial.ledger.read("batches").to_dicts()
    seconds = json.loads(row["seconds"])
    assert list(seconds) == ["pull", "parse", "conform", "audit", "commit"]
    assert all(value > 0 for value in seconds.values())


@pytest.mark.parametrize("left", [b"", b'{"pull": 0.0'])
def test_a_task_that_was_killed_while_it_wrote_its_seconds_succeeds_on_its_next_try(
    left: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = declare(tmp_path, FILES, 1)
    (trial.root / "city/1.csv").write_text(GOOD, encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(stage_batch, "conform_batch", out_of_memory)
        with pytest.raises(MemoryError):
            run_tasks(trial, monkeypatch)
    (seconds,) = (trial.root / "lake/handoff").glob("*/*/seconds.json")
    seconds.write_bytes(left)
    run_tasks(trial, monkeypatch, first="conform")
    last = trial.ledger.read("batches").to_dicts()[-1]
    assert last["status"] == "committed"
    assert list(json.loads(last["seconds"])) == ["conform", "audit", "commit"]


def test_a_task_that_runs_again_after_the_last_one_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = declare(tmp_path, FILES, 1)
    (trial.root / "city/1.csv").write_text(GOOD, encoding="utf-8")
    run_tasks(trial, monkeypatch)
    before = ledger_rows(trial)
    run_tasks(trial, monkeypatch, first="settle")
    assert ledger_rows(trial) == before
