"""The guide's commands do what the guide shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city
from citylake.infra.city.serve.city_server import serve_city

ROOT = Path(__file__).parents[1]
ADDRESS = "http://127.0.0.1:8765"


@dataclass
class Step:
    command: str
    shown: list[str]


def steps() -> Iterator[Step]:
    page = (ROOT / "docs/add-a-source.md").read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = command.splitlines()
            yield Step(line, shown)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("city")
    generate_city(folder, City())
    with serve_city(folder) as url:
        yield url


def test_every_command_of_the_guide_shows_what_the_guide_says(portal: str, tmp_path: Path) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, call in {"citylake": "-m citylake.pipelines.cli", "python": ""}.items():
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {call} "$@"\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    for step in steps():
        _matches(step, _said(step.command.replace(ADDRESS, portal), tmp_path).replace(portal, ADDRESS))


def _said(command: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment |= {"CITYLAKE_LANG": "en", "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    # The bar that moves while a run goes on is no part of what it says.
    return done.stdout + "".join(line for line in done.stderr.splitlines(keepends=True) if "━" not in line)


def _matches(step: Step, said: str) -> None:
    """``…`` stands for whatever is there; how wide the terminal was does not matter."""
    wanted = re.sub(r"\s*…\s*", "…", re.sub(r"\s+", " ", "\n".join(step.shown))).strip()
    pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
    told = re.sub(r"\s+", " ", said).strip()
    assert re.fullmatch(pattern, told, re.DOTALL), f"$ {step.command}\n{said}"
