"""What the DAGs are made from: the workspace that ``CITYLAKE_WORKSPACE`` names, else the built-in one."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from schemas.registry import Registry, load


@cache
def registry() -> Registry:
    """Every declaration of the workspace, read once a process."""
    root = os.environ.get("CITYLAKE_WORKSPACE")
    return load(Path(root) if root else None)
