"""A workspace: a folder of declarations, which may extend the built-in one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from citylake.schemas.model.declaration import Declaration, LocalizedText
from citylake.schemas.read.yaml_reader import read_yaml
from citylake.schemas.words.errors import CitylakeError

BUILTIN_ROOT = Path(__file__).resolve().parents[1]


class UpkeepSettings(Declaration):
    """What the lake keeps, in days, and when the daily upkeep runs (``cron``, in the workspace's zone).

    Bytes in landing and raw are kept for good unless a number says otherwise. A version of a mart goes when it is
    older than ``mart_days``, not among the newest ``mart_versions`` and read by nobody; a reader has found its file's
    name before it opens it, so that the version before the newest must stay, too. ``leftover_days``: the age from
    which a file that nothing names is what a crash left; a batch that is being made must be younger.
    """

    cron: str = "40 3 * * *"
    landing_days: int | None = Field(default=None, ge=1)
    raw_days: int | None = Field(default=None, ge=1)
    report_days: int | None = Field(default=None, ge=1)
    mart_days: int = Field(default=7, ge=1)
    mart_versions: int = Field(default=3, ge=2)
    leftover_days: int = Field(default=7, ge=1)


class WorkspaceFile(Declaration):
    """``workspace.yaml``. ``extends: builtin`` brings the built-in elements, codes and crosswalks.

    ``variables`` are the defaults of ``${NAME}`` in sources; the environment overrides them. A value that begins with
    ``./`` or ``../`` is a path below the workspace; ``package:NAME/PATH`` is a path inside an installed package.
    ``marts`` names marts of the extended workspaces that are built here too, from this one's datasets.
    """

    name: LocalizedText | None = None
    extends: str | None = "builtin"
    timezone: str = "Asia/Shanghai"
    variables: dict[str, str] = {}
    marts: tuple[str, ...] = ()
    upkeep: UpkeepSettings = UpkeepSettings()


class Workspace:
    """Where declarations are read from: ``elements/ codes/ datasets/ marts/`` below ``root``."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or BUILTIN_ROOT).resolve()
        if not self.root.is_dir():
            raise CitylakeError("WORKSPACE_MISSING", path=self.root)
        file = self.root / "workspace.yaml"
        self.settings = WorkspaceFile.model_validate(read_yaml(file) or {}) if file.exists() else WorkspaceFile()

    @property
    def variables(self) -> dict[str, str]:
        """The workspace's own values for ``${NAME}``, with paths made whole."""
        return {name: self._value(value) for name, value in self.settings.variables.items()}

    def _value(self, value: str) -> str:
        if value.startswith(("./", "../")):
            return str((self.root / value).resolve())
        if not value.startswith("package:"):
            return value
        name, _, inner = value.removeprefix("package:").partition("/")
        spec = importlib.util.find_spec(name)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        return str(Path(folders[0]) / inner) if folders else value

    @property
    def vocabularies(self) -> tuple[Path, ...]:
        """The folders that elements and codes come from, base first; later ones override by id."""
        if self.root == BUILTIN_ROOT or self.settings.extends is None:
            return (self.root,)
        base = BUILTIN_ROOT if self.settings.extends == "builtin" else self.root / self.settings.extends
        return (*(Workspace(base).vocabularies if base != BUILTIN_ROOT else (BUILTIN_ROOT,)), self.root)

    def base_marts(self) -> list[Path]:
        """The folders of the marts of the extended workspaces."""
        return [path.parent for base in self.vocabularies[:-1] for path in sorted(base.glob("marts/*/mart.yaml"))]

    def files(self, kind: str) -> Iterator[Path]:
        """The YAML files of ``kind`` (elements, codes, datasets, marts) in this workspace's reach."""
        roots = self.vocabularies if kind in ("elements", "codes") else (self.root,)
        folders = [root / kind for root in roots]
        if kind == "marts":
            folders += [folder for name in self.settings.marts for folder in self.base_marts() if folder.name == name]
        for folder in folders:
            yield from sorted(folder.rglob("*.yaml"))
