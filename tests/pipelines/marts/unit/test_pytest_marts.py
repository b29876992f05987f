"""``pytest`` in a workspace runs the tests beside its SELECTs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.pipelines.marts.unit.conftest import GIVEN

HOOK = "from citylake.pipelines.marts.unit.pytest_marts import pytest_collect_file\n"
ROWS = "  expect: {rows: [{station_code: S1, day: 2026-03-01, pm25_ugm3: 15.25, readings: %s}]}\n"


def _pytest(workspace: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    (workspace / "conftest.py").write_text(HOOK, encoding="utf-8")
    (workspace / "marts/air/station_day.test.yaml").write_text("".join(tests), encoding="utf-8")
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(workspace),
        str(workspace),
    ]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=workspace)


def test_each_test_is_an_item_and_a_failure_shows_the_difference(workspace: Path) -> None:
    done = _pytest(workspace, GIVEN, ROWS % 2, GIVEN.replace("means", "wrong"), ROWS % 3)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "readings should be 3, is 2" in done.stdout
    assert "station_day.test.yaml::wrong" in done.stdout


def test_a_faulty_file_is_one_error_with_its_line(workspace: Path) -> None:
    done = _pytest(workspace, GIVEN, "  expect: {}\n")
    assert "station_day.test.yaml:7: error" in done.stdout, done.stdout + done.stderr
