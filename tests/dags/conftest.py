"""Airflow runs in interpreters of its own: it changes logging and warnings for the whole process that imports it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.declared import DEMO

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DAGS = ROOT / "dags"

Airflow = Callable[..., Any]


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Call with the name of a script beside this file, its arguments, and variables: what it printed last, as JSON."""
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("airflow is not installed")
    home = tmp_path_factory.mktemp("airflow")
    fixed = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "CITYLAKE_WORKSPACE": str(DEMO),
        "PYTHONPATH": str(ROOT),
    }

    def call(script: str, *arguments: str, **variables: str) -> Any:
        command = [sys.executable, str(HERE / script), *arguments]
        environment = {**os.environ, **fixed, **variables}
        # Once it was told of a collector, Airflow remembers it in its home, and goes on telling.
        environment["AIRFLOW__OPENLINEAGE__DISABLED"] = str("AIRFLOW__OPENLINEAGE__TRANSPORT" not in variables)
        # Airflow is large: without its bytecode each interpreter would compile it again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=home)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-6000:]
        return json.loads(done.stdout.splitlines()[-1])

    return call
