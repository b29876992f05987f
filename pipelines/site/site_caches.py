"""Caches of the pages: documents for a few seconds, declarations until a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from citylake.schemas.lint.valid_registry import load_sound_registry
from citylake.schemas.read.find_workspace import find_workspace
from citylake.schemas.read.registry import Registry

CachedAnswer = TypeVar("CachedAnswer")


class AnswerCache:
    """Caches the last ``most`` answers for ``seconds`` each, so that many readers cause no more queries than one.

    A lock allows one query of the lake at a time.
    """

    def __init__(self, seconds: float = 5.0, most: int = 64, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.most, self._clock = seconds, most, clock
        self._answers: dict[Hashable, tuple[float, Any]] = {}
        self._lock = Lock()

    def get(self, question: Hashable, ask: Callable[[], CachedAnswer]) -> CachedAnswer:
        """Return the cached answer, or call ``ask`` if there is none or it has expired."""
        with self._lock:
            at, answer = self._answers.get(question, (float("-inf"), None))
            if self._clock() - at >= self.seconds:
                answer = ask()
                self._answers.pop(question, None)
                self._answers[question] = (self._clock(), answer)
                while len(self._answers) > self.most:
                    del self._answers[next(iter(self._answers))]
            known: CachedAnswer = answer
            return known


class RegistryCache:
    """The registry of the workspace at ``root``, else of the one that the environment names.

    Reloaded if a file changed, because a server runs for a long time.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._read: tuple[Hashable, Registry] | None = None

    def registry(self) -> Registry:
        """Raises WORKSPACE_NOT_CHOSEN, and DECLARATIONS_INVALID if none can run."""
        root = find_workspace(self._root)
        state = _file_state(root)
        if self._read is None or self._read[0] != state:
            self._read = (state, load_sound_registry(root))
        return self._read[1]


def _file_state(root: Path) -> Hashable:
    files = sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".sql"))
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
