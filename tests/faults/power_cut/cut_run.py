"""Runs a command on the recording layer, cuts the power at one of its changes, and leaves what the disk may hold."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.power_cut.disk import Change, Tree, lose_power, read_record, read_tree
from tests.faults.preload import compile_preload
from tests.forked.commands import ForkedCommands


@contextmanager
def recording_layer(folder: Path) -> Iterator[ForkedCommands]:
    """Compile the layer in ``folder``, and start what runs commands on it."""
    library = compile_preload(Path(__file__).with_name("power_cut.c"), folder)
    layer = ForkedCommands(library, "power_cut_begin")
    try:
        yield layer
    finally:
        layer.close()


@dataclass(frozen=True)
class CutRun:
    """Commands over one workspace and one lake. ``layer``: the commands on it. ``sync``: the value of the setting."""

    layer: ForkedCommands
    workspace: Path
    lake: Path
    sync: str = "on"

    def run_command(self) -> list[str]:
        """Return the words of a run."""
        return ["--workspace", str(self.workspace), "--lake", str(self.lake), "run", "--json"]

    def upkeep_command(self) -> list[str]:
        """Return the words of an upkeep."""
        return ["tests.faults.power_cut.upkeep_at_once:upkeep_at_once", str(self.workspace), str(self.lake)]

    def count_changes(self, command: Sequence[str]) -> tuple[Tree, list[Change]]:
        """Let the command finish; return the tree before it, and its changes."""
        before = read_tree(self.lake)
        code, said = self._start(command, 0)
        assert code == 0, said
        return before, read_record(self._record)

    def cut(self, command: Sequence[str], at: int, chance: random.Random) -> str:
        """Cut the power before change number ``at``; return what was done to the disk, for a failed test's message."""
        before = read_tree(self.lake)
        code, said = self._start(command, at)
        assert code in (0, -signal.SIGKILL), said
        names = lose_power(self.lake, self._kept, before, read_record(self._record), chance)
        return f"cut before change {at}, names lost: {names}"

    @property
    def _record(self) -> Path:
        return self.lake.with_name(f"{self.lake.name}.record")

    @property
    def _kept(self) -> Path:
        return self.lake.with_name(f"{self.lake.name}.kept")

    def _start(self, command: Sequence[str], at: int) -> tuple[int, str]:
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir()
        self._record.unlink(missing_ok=True)
        told = {"POWER_CUT_BELOW": self.lake, "POWER_CUT_RECORD": self._record, "POWER_CUT_KEPT": self._kept}
        added = {name: str(value) for name, value in told.items()}
        added |= {"POWER_CUT_AT": str(at), "CITYLAKE_SYNC": self.sync}
        with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
            code = self.layer.start(command, {**os.environ, **added}, printed).wait(300)
            printed.seek(0)
            return code, printed.read()
