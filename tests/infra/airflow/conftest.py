"""The files of ``infra/`` that cannot run here, compared with what they refer to."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from citylake.infra.airflow.compose_file import ComposeService, compose_services

ROOT = Path(__file__).parents[3]
INFRA = ROOT / "infra"


def required(name: str = ".env.example") -> dict[str, str]:
    """A value for every variable that the example leaves empty."""
    lines = (INFRA / name).read_text("utf-8").splitlines()
    return {line.rstrip("="): f"secret{number}" for number, line in enumerate(lines) if re.fullmatch(r"[A-Z_]+=", line)}


@pytest.fixture(scope="session")
def declared() -> dict[str, ComposeService]:
    """The services of the compose file."""
    return compose_services(required())


def airflow_lines(declared: dict[str, ComposeService]) -> list[list[str]]:
    """Every line in it that calls Airflow, from the word after it."""
    texts = [" ".join(words) for service in declared.values() for words in (service.command, service.health)]
    found = [match[1] for text in texts for match in re.finditer(r"(?:^|exec )airflow ((?:[\w-]+ ?|\"\S+\")+)", text)]
    return [line.replace('"', "").split() for line in found]


@pytest.fixture(scope="session")
def installed(declared: dict[str, ComposeService], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the installed Airflow supports of it."""
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("airflow is not installed")
    home = tmp_path_factory.mktemp("airflow")
    settings = {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"}
    command = [sys.executable, str(Path(__file__).parent / "show_airflow.py"), json.dumps(airflow_lines(declared))]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
