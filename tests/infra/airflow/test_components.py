"""Airflow's components on one machine: one that ends is started again, reported, and in the end given up."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from citylake.infra.airflow.components import COMPONENTS, RESTARTS, Components
from citylake.infra.airflow.waiting import Waiting
from citylake.schemas.words.errors import CitylakeError


def test_one_that_ends_all_the_time_is_named_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho $3 does not start\n[ $3 = triggerer ] || exec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    told: Counter[str] = Counter()
    airflow = Components({"PATH": "/usr/bin:/bin"}, tmp_path, lambda key, **values: told.update([values["name"]]))
    try:
        airflow.start()
        with pytest.raises(CitylakeError) as caught:
            Waiting(airflow, print).until("server", lambda: None, 60, url="x")
    finally:
        airflow.stop(5)
    assert told == {"triggerer": RESTARTS}
    assert caught.value.code == "SERVICE_STOPPED"
    assert caught.value.values["service"] == "triggerer"
    assert caught.value.values["log"] == str(tmp_path / "triggerer.log")
    assert (tmp_path / "triggerer.log").read_text().count("does not start") == RESTARTS + 1


def test_all_are_stopped_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("yes"))
    airflow = Components({"PATH": "/usr/bin:/bin"}, tmp_path, print)
    airflow.start()
    time.sleep(0.05)
    airflow.stop(20)
    assert [process.code is not None for process in airflow.running.values()] == [True] * len(COMPONENTS)
