"""The mark of a process that works on a dataset, and what the next one concludes from it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from citylake.pipelines.flow import work_mark
from citylake.pipelines.flow.work_mark import WorkMark
from citylake.pipelines.lake.lake_zones import Lake

DATASET = "traffic.counts"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def died(lake: Lake) -> Iterator[WorkMark]:
    """A mark whose process is gone: that of this one, with another start."""
    mark = WorkMark(lake, DATASET, "earlier")
    mark.begin()
    alter(lake, began="0")
    yield mark
    mark.end()


def alter(lake: Lake, trace: str = "", **values: object) -> None:
    (path,) = Path(lake.path("working", DATASET)).glob("earlier-*.json")
    found = json.loads(path.read_text("utf-8").splitlines()[0])
    path.write_text(f"{json.dumps({**found, **values})}\n{trace}", "utf-8")


def begun(lake: Lake) -> WorkMark:
    mark = WorkMark(lake, DATASET, "later")
    mark.begin()
    return mark


def test_a_mark_that_ended_leaves_nothing(lake: Lake) -> None:
    mark = begun(lake)
    assert (mark.suspicion, mark.deaths) == ("none", 0)
    assert list(Path(lake.path("working", DATASET)).iterdir())
    mark.end()
    mark.end()
    assert not Path(lake.path("working")).exists()


def test_a_process_that_runs_is_no_death(lake: Lake) -> None:
    first, second = WorkMark(lake, DATASET, "a"), begun(lake)
    first.begin()
    assert (first.suspicion, first.deaths, second.deaths) == ("none", 0, 0)
    first.end()
    second.end()


def test_one_death_is_no_suspicion_two_are_and_so_is_the_trace_of_a_crash(lake: Lake, died: WorkMark) -> None:
    mark = begun(lake)
    assert (mark.suspicion, mark.deaths) == ("none", 1)
    alter(lake, deaths=1)
    assert begun(lake).suspicion == "files"
    alter(lake, trace="Fatal Python error: Segmentation fault", deaths=0)
    assert begun(lake).suspicion == "files"
    alter(lake, trace="Fatal Python error: Aborted", tried=True)
    assert begun(lake).suspicion == "dataset"
    mark.end()


def test_workers_of_other_hosts_that_renew_their_marks_are_no_deaths(lake: Lake, died: WorkMark) -> None:
    """Six workers of one dataset at once: the sixth must not suspect its files, nor forget the marks of the others."""
    alter(lake, host="another", deaths=4, tried=True)
    mark = begun(lake)
    assert (mark.suspicion, mark.deaths) == ("none", 0)
    mark.end()
    (path,) = Path(lake.path("working", DATASET)).glob("earlier-*.json")
    os.utime(path, (0, time.time() - work_mark.SILENT_S - 60))
    assert begun(lake).suspicion == "dataset"


def test_a_mark_is_renewed_until_its_end(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_mark, "BEAT_S", 0.01)
    mark = begun(lake)
    (path,) = Path(lake.path("working", DATASET)).iterdir()
    os.utime(path, (0, 0))
    while not path.stat().st_mtime:
        time.sleep(0.01)
    mark.end()
    assert not path.exists()


def test_a_restart_of_the_machine_is_nobodys_fault(lake: Lake, died: WorkMark) -> None:
    alter(lake, trace="Fatal Python error: Aborted", boot="another", deaths=5)
    mark = begun(lake)
    assert (mark.suspicion, mark.deaths) == ("none", 0)
    mark.end()


def test_a_mark_that_was_cut_is_passed_over(lake: Lake, died: WorkMark) -> None:
    (path,) = Path(lake.path("working", DATASET)).glob("earlier-*.json")
    path.write_bytes(b'{"host": ')
    mark = begun(lake)
    assert mark.suspicion == "none"
    mark.end()


def test_the_trial_settles_what_was_before(lake: Lake, died: WorkMark) -> None:
    alter(lake, deaths=1)
    mark = begun(lake)
    mark.note_tried()
    assert (mark.deaths, mark.tried) == (0, True)
    assert not list(Path(lake.path("working", DATASET)).glob("earlier-*.json"))
    mark.end()


def test_a_reader_without_proc_knows_at_least_that_a_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert work_mark._began(os.getpid())
    assert work_mark._began(2**22 + 1) == ""
