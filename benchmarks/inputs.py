"""Generated files, cached below the work folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure.program import ROOT, python

_ENDINGS = {"xlsx": ".xlsx", "gtfs": ".zip", "json": "", "many": ""}


def detector(work: Path, rows: int, **options: object) -> Path:
    """A generated file, or folder of files; ``options`` are those of ``python -m benchmarks.generate``."""
    words = [f"{name}-{value}" for name, value in options.items()]
    ending = _ENDINGS.get(str(options.get("format")), ".csv")
    path = work / "input" / ("-".join(["detector", str(rows), *words]) + ending)
    args = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    return made(path, lambda: call(python("benchmarks.generate", rows, path, *args)))


def truth_of(path: Path) -> Path:
    """The path of a generated file's truth."""
    return path.with_name(path.name + ".json")


def made(path: Path, make: Callable[[], object]) -> Path:
    """``path``, generated if it does not exist yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        make()
    return path


def call(command: tuple[str, ...], **env: str) -> None:
    """Run unmeasured work in a separate process: the measuring process stays small."""
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT), **env}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")


def citylake(workspace: Path, lake: str, *words: str) -> tuple[str, ...]:
    """The command over ``workspace`` and ``lake``."""
    program = Path(sys.executable).with_name("citylake")
    # The report site is measured by a job of its own.
    more = ("--no-report",) if words[:1] == ("run",) else ()
    return (str(program), "--workspace", str(workspace), "--lake", lake, *words, *more)


def read_truth(path: Path) -> dict[str, object]:
    """The truth beside a generated file."""
    truth: dict[str, object] = json.loads(truth_of(path).read_text())
    return truth
