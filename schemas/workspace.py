"""A workspace: a folder of declarations, which may extend the built-in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.declaration import Declaration, Text
from schemas.yamlfile import read_yaml

BUILT_IN = Path(__file__).parent


class WorkspaceFile(Declaration):
    """``workspace.yaml``. ``extends: builtin`` brings the built-in elements, codes and crosswalks."""

    name: Text | None = None
    extends: str | None = "builtin"
    timezone: str = "Asia/Shanghai"


class Workspace:
    """Where declarations are read from: ``elements/ codes/ datasets/ marts/`` below ``root``."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or BUILT_IN).resolve()
        file = self.root / "workspace.yaml"
        self.settings = WorkspaceFile.model_validate(read_yaml(file) or {}) if file.exists() else WorkspaceFile()

    @property
    def vocabularies(self) -> tuple[Path, ...]:
        """The folders that elements and codes come from, base first; later ones override by id."""
        if self.root == BUILT_IN or self.settings.extends is None:
            return (self.root,)
        base = BUILT_IN if self.settings.extends == "builtin" else self.root / self.settings.extends
        return (*(Workspace(base).vocabularies if base != BUILT_IN else (BUILT_IN,)), self.root)

    def files(self, kind: str) -> Iterator[Path]:
        """The YAML files of ``kind`` (elements, codes, datasets, marts) in this workspace's reach."""
        roots = self.vocabularies if kind in ("elements", "codes") else (self.root,)
        for root in roots:
            yield from sorted((root / kind).rglob("*.yaml"))
