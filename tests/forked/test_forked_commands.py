"""A command that is forked does what a process of its own does, and one that is killed ends alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.forked.commands import ROOT, ForkedCommands


def called(forked: ForkedCommands, folder: Path, line: str) -> tuple[int, str]:
    """The exit code of a shell's line and what it printed; ``citylake`` in it is forked, ``process`` is not."""
    forked.write_command(folder / "citylake")
    (folder / "process").write_text(f'#!/bin/sh\nexec {sys.executable} -m citylake.pipelines.cli "$@"\n', "utf-8")
    (folder / "process").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_fork_prints_what_a_process_prints_and_ends_as_it_does(forked: ForkedCommands, tmp_path: Path) -> None:
    assert called(forked, tmp_path, "citylake init city")[0] == 0
    for words in ("lint", "no-such-command", "query none 'SELECT 1' 2>&1 | head -1", "--version"):
        line = f"cd city && CITYLAKE_LANG=zh {{}} {words}"
        found = called(forked, tmp_path, line.format("citylake"))
        assert found == called(forked, tmp_path, line.format("process")), words
        assert found[1], words


def test_a_command_that_is_killed_ends_alone(forked: ForkedCommands, tmp_path: Path) -> None:
    assert forked.start(["init", str(tmp_path / "city")]).wait() == 0
    words = ["--workspace", str(tmp_path / "city"), "--lake", str(tmp_path / "lake"), "run"]
    killed, other = forked.start(words), forked.start(["--version"])
    killed.kill()
    assert (killed.wait(), other.wait()) == (-signal.SIGKILL, 0)
    assert forked.start(words).wait() == 0
