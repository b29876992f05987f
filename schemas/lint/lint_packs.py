"""Checks of the packs that a workspace uses: each pack comes from one package, each index edition is declared once."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from citylake.schemas.base.pack_folders import builtin_packs, registered_packs
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.read.registry import DuplicateId, InvalidDeclaration, YamlLocation
from citylake.schemas.read.workspace import Workspace


def check_packs(workspace: Workspace) -> Iterator[LintFault | DuplicateId | InvalidDeclaration]:
    """WORKSPACE_WITHOUT_PACKS, PACK_TWICE for a pack that two packages register, and index editions declared twice."""
    place = YamlLocation(workspace.root / "workspace.yaml", ("packs",))
    if not workspace.names_packs:
        values = {"file": place.path, "packs": ", ".join(builtin_packs())}
        yield LintFault("WORKSPACE_WITHOUT_PACKS", YamlLocation(place.path, ("extends",)), values)
    for name in workspace.pack_names:
        packages = registered_packs()[name]
        if len(packages) > 1:
            yield LintFault("PACK_TWICE", place, {"pack": name, "packages": ", ".join(packages)})
    yield from _editions(workspace)


def _editions(workspace: Workspace) -> Iterator[DuplicateId | InvalidDeclaration]:
    seen: dict[tuple[int, str], YamlLocation] = {}
    for path in workspace.files("indices"):
        try:
            edition = read_yaml(path)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            yield InvalidDeclaration(YamlLocation(path), error)
            continue
        place = YamlLocation(path, ("id",))
        identity = str(edition.get("id")) if isinstance(edition, dict) else path.stem
        first = seen.setdefault((workspace.layer_of(path), identity), place)
        if first is not place:
            yield DuplicateId("index", identity, first, place)
