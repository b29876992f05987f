"""How large a folder became while a block ran."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EVERY_S = 0.05


class FolderPeak:
    """``bytes``: the most that the folder's files took on disk."""

    def __init__(self, folder: Path) -> None:
        self.bytes = 0
        self._folder = folder

    def look(self) -> None:
        """Take a sample. Files may go while it is taken."""
        size = 0
        for place, _, names in os.walk(self._folder):
            for name in names:
                with suppress(OSError):
                    size += os.stat(os.path.join(place, name)).st_blocks * 512
        self.bytes = max(self.bytes, size)


@contextmanager
def folder_peak(folder: Path) -> Iterator[FolderPeak]:
    """Watch the folder in a thread; a file that lives shorter than a twentieth of a second is not seen."""
    found, done = FolderPeak(folder), threading.Event()

    def watch() -> None:
        while not done.wait(EVERY_S):
            found.look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()
