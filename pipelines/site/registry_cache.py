"""Caches the workspace's declarations and reloads them if a file changed, because a server runs for a long time."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from citylake.schemas.read.registry import Registry
from citylake.schemas.read.valid_registry import load_valid_registry


class RegistryCache:
    """Caches the registry of the workspace at ``root``; None is the built-in workspace, which is not reloaded."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._read: tuple[Hashable, Registry] | None = None

    def registry(self) -> Registry:
        """Return the current registry. Raises DECLARATIONS_INVALID."""
        state = self._state()
        if self._read is None or self._read[0] != state:
            self._read = (state, load_valid_registry(self._root))
        return self._read[1]

    def _state(self) -> Hashable:
        if self._root is None:
            return None
        files = sorted(path for path in self._root.rglob("*") if path.suffix in (".yaml", ".sql"))
        return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
