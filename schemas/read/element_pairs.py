"""Reads the pairs of elements that cannot be true together, from the packs and the workspace."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.model.sensor_rules import ValuePair
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.errors import CitylakeError

PAIRS_FOLDER = "pairs"


def read_element_pairs(workspace: Workspace) -> tuple[ValuePair, ...]:
    """Return the pairs of the packs, of the extended workspaces and of this one. Raises PAIRS_UNREADABLE."""
    found = [pair for path in workspace.files(PAIRS_FOLDER) for pair in read_pairs_file(path)]
    return tuple(dict.fromkeys(found))


def read_pairs_file(path: Path) -> list[ValuePair]:
    """Return the pairs of one file. Raises PAIRS_UNREADABLE."""
    try:
        return TypeAdapter(list[ValuePair]).validate_python(read_yaml(path) or [])
    # YAML's errors are no ValueError; whatever a file does to its reader is reported with its name.
    except Exception as error:
        raise CitylakeError("PAIRS_UNREADABLE", file=path, reason=str(error)) from error
