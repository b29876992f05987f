"""Tests that run in another Python environment: one child pytest runs them all, and its reports are this run's.

``pytest -p tests.elsewhere`` in the child adds each report to the file that ``REPORTS`` names.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

REPORTS = "CITYLAKE_TEST_REPORTS"
TAIL = 5000
INTERRUPT_S = 60
LIMIT_S = 1200
"""All tests of the child together: one that hangs where no signal reaches it must not hold the others for ever."""
ONE: Literal[1] = 1


class _Teller:
    """In the child: hands reports over."""

    def __init__(self, config: pytest.Config, file: Path) -> None:
        self.config, self.file = config, file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        with self.file.open("ab") as reports:
            pickle.dump(told, reports)


def pytest_configure(config: pytest.Config) -> None:
    """Hand reports over where somebody waits for them."""
    if file := os.environ.get(REPORTS):
        config.pluginmanager.register(_Teller(config, Path(file)))


@dataclass
class Elsewhere:
    """Runs tests with another interpreter, at the first question for one of them."""

    python: Path
    items: Sequence[pytest.Item]
    _found: dict[str, list[pytest.TestReport]] = field(default_factory=dict)
    _said: str = ""

    def reports(self, item: pytest.Item) -> list[pytest.TestReport]:
        """Set-up, call and tear-down of one test; where the child ended before it, a failure with the child's words."""
        if not self._said:
            self._run(item.config)
        found = self._found.get(item.nodeid, [])
        return found if found and found[-1].when == "teardown" else [*found, self._lost(item)]

    def _run(self, config: pytest.Config) -> None:
        with tempfile.TemporaryDirectory(prefix="citylake-reports-") as folder:
            file = Path(folder, "reports")
            file.touch()
            words = ("-q", "-n", "0", "-p", "tests.elsewhere", "-p", "no:cacheprovider", "--no-header")
            command = (str(self.python), "-m", "pytest", *words, *(each.nodeid for each in self.items))
            environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
            child = subprocess.Popen(
                command,
                cwd=config.rootpath,
                env=environment | {REPORTS: str(file)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            try:
                said = said_within(child, LIMIT_S)
            except BaseException:
                # So its fixtures end what they have started.
                child.send_signal(signal.SIGINT)
                child.wait(INTERRUPT_S)
                raise
            self._said = f"exit code {child.returncode}\n{said[-TAIL:]}"
            for told in _pickled(file):
                report = config.hook.pytest_report_from_serializable(config=config, data=told)
                self._found.setdefault(report.nodeid, []).append(report)

    def _lost(self, item: pytest.Item) -> pytest.TestReport:
        keywords = dict.fromkeys(item.keywords, ONE)
        why = f"the child pytest told nothing of this test; {self._said}"
        return pytest.TestReport(item.nodeid, item.location, keywords, "failed", why, "call")


def said_within(child: subprocess.Popen[str], limit_s: float) -> str:
    """What the child prints; one that takes longer than ``limit_s`` seconds is killed, and the text says so."""
    said = ""
    try:
        return child.communicate(timeout=limit_s)[0]
    except subprocess.TimeoutExpired:
        child.kill()
    with suppress(subprocess.TimeoutExpired):  # by a server that it leaves behind
        said = child.communicate(timeout=INTERRUPT_S)[0]
    return f"{said}\nended after {limit_s:.1f} s"


def _pickled(file: Path) -> Iterator[Any]:
    with file.open("rb") as told, suppress(EOFError):
        while True:
            yield pickle.load(told)
