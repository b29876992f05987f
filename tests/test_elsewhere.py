"""What tests in another environment report is what this run reports, also where that run ends too soon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.elsewhere import said_within

CONFTEST = """
import os, sys
from pathlib import Path
import pytest
from tests.elsewhere import Elsewhere, REPORTS

found = {}

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    if REPORTS in os.environ:
        return None
    if not found:
        found["all"] = Elsewhere(Path(sys.executable), item.session.items)
    for report in found["all"].reports(item):
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
TESTS = """
import os
import pytest

INSIDE = "CITYLAKE_TEST_REPORTS" in os.environ

def test_runs_inside():
    assert INSIDE

def test_fails():
    assert INSIDE and 1 == 2, "one is not two"

def test_is_skipped():
    pytest.skip("there is no server")

def test_ends_the_child():
    os._exit(7)

def test_after_that():
    pass
"""


def test_reports_of_a_child_are_those_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider"]
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False).stdout
    assert "3 failed, 1 passed, 1 skipped" in said, said
    assert "PASSED test_some.py::test_runs_inside" in said
    assert "one is not two" in said
    assert "there is no server" in said
    assert said.count("exit code 7") >= 2


def test_a_child_that_hangs_is_ended() -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('began', flush=True); time.sleep(600)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert said_within(child, 2.0) == "began\n\nended after 2.0 s"
    assert child.returncode == -9
