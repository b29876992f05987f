"""Runs a command on the recording layer, cuts the power at one of its changes, and leaves what the disk may hold."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.power_cut.disk import Change, Tree, lose_power, read_record, read_tree

UPKEEP = """
import sys
from datetime import timedelta
from pathlib import Path
from citylake.pipelines.cli.shared_options import SharedOptions
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep
context = SharedOptions(Path(sys.argv[1]), sys.argv[2]).context(writing=True)
assert not [done.problem for done in LakeUpkeep(context, age=timedelta(0)).everything() if done.problem]
"""
"""Upkeep that also deletes the files that are no longer needed at once."""


@dataclass(frozen=True)
class CutRun:
    """Commands over one workspace and one lake. ``library``: the compiled layer. ``sync``: the value of the setting."""

    library: Path
    workspace: Path
    lake: Path
    sync: str = "on"

    def run_command(self) -> list[str]:
        """Return the command line of a run."""
        options = ["--workspace", str(self.workspace), "--lake", str(self.lake)]
        return [sys.executable, "-m", "citylake.pipelines.cli", *options, "run", "--json"]

    def upkeep_command(self) -> list[str]:
        """Return the command line of an upkeep."""
        return [sys.executable, "-c", UPKEEP, str(self.workspace), str(self.lake)]

    def count_changes(self, command: Sequence[str]) -> tuple[Tree, list[Change]]:
        """Let the command finish; return the tree before it, and its changes."""
        before = read_tree(self.lake)
        done = self._start(command, 0)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        return before, read_record(self._record)

    def cut(self, command: Sequence[str], at: int, chance: random.Random) -> str:
        """Cut the power before change number ``at``; return what was done to the disk, for a failed test's message."""
        before = read_tree(self.lake)
        done = self._start(command, at)
        assert done.returncode in (0, -signal.SIGKILL), done.stdout.decode() + done.stderr.decode()
        names = lose_power(self.lake, self._kept, before, read_record(self._record), chance)
        return f"cut before change {at}, names lost: {names}"

    @property
    def _record(self) -> Path:
        return self.lake.with_name(f"{self.lake.name}.record")

    @property
    def _kept(self) -> Path:
        return self.lake.with_name(f"{self.lake.name}.kept")

    def _start(self, command: Sequence[str], at: int) -> subprocess.CompletedProcess[bytes]:
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        self._record.unlink(missing_ok=True)
        layer = {"POWER_CUT_BELOW": self.lake, "POWER_CUT_RECORD": self._record, "POWER_CUT_KEPT": self._kept}
        added = {name: str(value) for name, value in layer.items()}
        added |= {"LD_PRELOAD": str(self.library), "POWER_CUT_AT": str(at), "CITYLAKE_SYNC": self.sync}
        return subprocess.run(command, env={**os.environ, **added}, capture_output=True, check=False, timeout=300)
