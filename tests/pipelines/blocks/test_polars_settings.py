"""``CITYLAKE_CORES`` holds for polars, which reads variables of its own once."""

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
import os
import polars
print(polars.thread_pool_size(), os.environ["_RJEM_MALLOC_CONF"])
"""
READ = ("CITYLAKE_CORES", "POLARS_MAX_THREADS", "_RJEM_MALLOC_CONF")


def _settings(where: str, folder: Path, **given: str) -> tuple[int, str]:
    env = {name: value for name, value in os.environ.items() if name not in READ}
    (folder / "workspace.yaml").write_text("packs: []\n")
    command = [sys.executable, "-c", ASK, where, str(folder)]
    done = subprocess.run(command, env=env | given, capture_output=True, text=True, check=True)
    *_, threads, allocator = done.stdout.split()
    # Polars puts settings of its own before those of the environment; the last one counts.
    return int(threads), allocator.rpartition(",")[2]


@pytest.mark.parametrize("where", ["cli", "api"])
def test_polars_has_the_threads_of_the_cores_that_are_given(where: str, tmp_path: Path) -> None:
    assert _settings(where, tmp_path, CITYLAKE_CORES="3") == (3, "narenas:2")
    assert _settings(where, tmp_path, CITYLAKE_CORES="3", POLARS_MAX_THREADS="2") == (2, "narenas:1")


def test_a_setting_of_the_allocator_is_kept(tmp_path: Path) -> None:
    assert _settings("cli", tmp_path, _RJEM_MALLOC_CONF="dirty_decay_ms:0") == (os.cpu_count(), "dirty_decay_ms:0")
