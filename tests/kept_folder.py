"""A folder that many tests begin with, made once and put back for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path


class KeptFolder:
    """``root`` is always the same place: a lake's receipts name the files of its sources by their whole paths."""

    def __init__(self, folder: Path) -> None:
        self.root, self._saved = folder / "now", folder / "saved"

    def restore(self, make: Callable[[], object]) -> None:
        """Let ``root`` be as ``make`` left it the first time, whatever a test has done to it since."""
        if self.root.exists():
            shutil.rmtree(self.root)
        if self._saved.exists():
            shutil.copytree(self._saved, self.root, symlinks=True)
            return
        self.root.mkdir()
        make()
        shutil.copytree(self.root, self._saved, symlinks=True)
