"""``CITYLAKE_CORES`` holds for polars, which reads its own variable once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import sys
import citylake
from citylake.pipelines.cli import main
main(["--version"]) if sys.argv[1] == "cli" else None
if sys.argv[1] == "api":
    try:
        citylake.run(citylake.Workspace.load(sys.argv[2]), citylake.Lake(sys.argv[2] + "/lake"))
    except citylake.CitylakeError:
        pass
import polars
print(polars.thread_pool_size())
"""


def _threads(where: str, folder: Path, **given: str) -> int:
    env = {name: value for name, value in os.environ.items() if name not in ("CITYLAKE_CORES", "POLARS_MAX_THREADS")}
    (folder / "workspace.yaml").write_text("packs: []\n")
    command = [sys.executable, "-c", ASK, where, str(folder)]
    done = subprocess.run(command, env=env | given, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("where", ["cli", "api"])
def test_polars_has_the_threads_of_the_cores_that_are_given(where: str, tmp_path: Path) -> None:
    assert _threads(where, tmp_path, CITYLAKE_CORES="3") == 3
    assert _threads(where, tmp_path, CITYLAKE_CORES="3", POLARS_MAX_THREADS="2") == 2
