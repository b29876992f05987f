"""Caches the workspace's declarations and reloads them if a file changed, because a server runs for a long time."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from citylake.schemas.read.find_workspace import find_workspace
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.valid_registry import load_valid_registry


class RegistryCache:
    """The registry of the workspace at ``root``, else of the one that the environment names."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._read: tuple[Hashable, Registry] | None = None

    def registry(self) -> Registry:
        """Raises WORKSPACE_NOT_CHOSEN, and DECLARATIONS_INVALID if they are faulty."""
        root = find_workspace(self._root)
        state = _file_state(root)
        if self._read is None or self._read[0] != state:
            self._read = (state, load_valid_registry(root))
        return self._read[1]


def _file_state(root: Path) -> Hashable:
    files = sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".sql"))
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
