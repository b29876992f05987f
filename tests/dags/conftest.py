"""Airflow runs in processes of its own: it changes logging and warnings for the whole process that imports it."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.declared import DEMO
from tests.forked.commands import ForkedCommands

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DAGS = ROOT / "dags"


@dataclass
class Airflow:
    """Runs the scripts beside this file: in forks of a process that has imported Airflow, or in a new interpreter."""

    home: Path
    fixed: Mapping[str, str]
    _server: ForkedCommands | None = None
    _number: Iterator[int] = field(default_factory=itertools.count)

    def __call__(self, script: str, *arguments: str, **variables: str) -> Any:
        """Call with its name, its arguments, and variables: what it printed last, as JSON. Its database is its own."""
        environment = self._environment(variables)
        if self._server is None:
            self._server = ForkedCommands(module="tests.dags.airflow_server", variables=self._environment({}))
        words = ["tests.dags.airflow_server:run_script", str(HERE / script), *arguments]
        printed, errors = self.home / "printed", self.home / "errors"
        with printed.open("w") as output, errors.open("w") as other, chdir(self.home):
            code = self._server.start(words, environment, output, other).wait()
        return _told(code, printed.read_text("utf-8"), errors.read_text("utf-8"))

    def alone(self, script: str, *arguments: str, **variables: str) -> Any:
        """The same in a new interpreter: what a script imports is known only there."""
        command = [sys.executable, str(HERE / script), *arguments]
        environment = self._environment(variables)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=self.home)
        return _told(done.returncode, done.stdout, done.stderr)

    def close(self) -> None:
        """End the process that is forked, if there is one."""
        if self._server:
            self._server.close()

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        database = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home}/{next(self._number)}.db"}
        environment = {**os.environ, **self.fixed, **database, **variables}
        # Once it was told of a collector, Airflow remembers it in its home, and goes on telling.
        environment["AIRFLOW__OPENLINEAGE__DISABLED"] = str("AIRFLOW__OPENLINEAGE__TRANSPORT" not in variables)
        # Airflow is large: without its bytecode each interpreter would compile it again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment


def _told(code: int, printed: str, errors: str) -> Any:
    assert code == 0, printed[-4000:] + errors[-6000:]
    return json.loads(printed.splitlines()[-1])


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """Call it with the name of a script beside this file."""
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("airflow is not installed")
    home = tmp_path_factory.mktemp("airflow")
    fixed = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "CITYLAKE_WORKSPACE": str(DEMO),
        "PYTHONPATH": str(ROOT),
    }
    made = Airflow(home, fixed)
    yield made
    made.close()
