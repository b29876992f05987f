"""What the DAGs are made from: the workspace that ``CITYLAKE_WORKSPACE`` names, else the built-in one."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from schemas.checked import require
from schemas.registry import Registry


@cache
def registry() -> Registry:
    """Every declaration of the workspace, read once a process.

    Raises DECLARATIONS_INVALID, which Airflow shows as an import error: a DAG that is silently missing is found late.
    """
    root = os.environ.get("CITYLAKE_WORKSPACE")
    return require(Path(root) if root else None)
