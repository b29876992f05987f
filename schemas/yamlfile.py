"""Reading YAML, and finding the line of a value in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The document in ``path``; raises ``yaml.YAMLError`` where it is not YAML."""
    return yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 (a safe loader, the C one where it is built)


def line_of(path: Path, keys: Sequence[str | int]) -> int:
    """The line (from 1) of the value at ``keys``, or of the nearest parent that exists."""
    node = yaml.compose(path.read_bytes(), Loader=_LOADER)
    line = 1
    for key in keys:
        found = _child(node, key)
        if found is None:
            break
        line, node = found
    return line


def _child(node: Any, key: str | int) -> tuple[int, Any] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        child = node.value[key]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for name, child in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, child
    return None
