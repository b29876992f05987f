"""The commands of a guide, with what the page says that each prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.forked.commands import ForkedCommands

ROOT = Path(__file__).parents[1]


@dataclass
class Step:
    command: str
    shown: list[str]


def guide_steps(page: str) -> Iterator[Step]:
    """The steps of ``page``, a path below the project."""
    for block in re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL):
        yield from steps_of(block)


def steps_of(block: str) -> Iterator[Step]:
    """The steps of one block."""
    for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, *shown = command.splitlines()
        yield Step(line, shown)


def make_commands(folder: Path, forked: ForkedCommands) -> None:
    """Put ``citylake``, which need not start, and ``python`` of this environment into ``folder/bin``."""
    commands = folder / "bin"
    commands.mkdir()
    forked.write_command(commands / "citylake")
    (commands / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (commands / "python").chmod(0o755)


def run_step(command: str, folder: Path, language: str = "en") -> str:
    """What the command prints in ``folder``; it must succeed."""
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment |= {"CITYLAKE_LANG": language, "COLUMNS": "100", "NO_COLOR": "1", "CITYLAKE_REPORT": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    # The bar that moves while a run goes on is no part of what it says.
    return done.stdout + "".join(line for line in done.stderr.splitlines(keepends=True) if "━" not in line)


def check_step(step: Step, said: str) -> None:
    """``…`` stands for whatever is there; how wide the terminal was does not matter."""
    wanted = re.sub(r"\s*…\s*", "…", re.sub(r"\s+", " ", "\n".join(step.shown))).strip()
    pattern = ".*".join(re.escape(part) for part in wanted.split("…"))
    told = re.sub(r"\s+", " ", said).strip()
    assert re.fullmatch(pattern, told, re.DOTALL), f"$ {step.command}\n{said}"
