"""What the DAGs are made from: the workspace that ``CITYLAKE_WORKSPACE`` names."""

from __future__ import annotations

from citylake.schemas.lint.valid_registry import environment_registry
from citylake.schemas.read.registry import Registry


def dags_registry() -> Registry:
    """Every declaration of the workspace, read once per process.

    Raises DECLARATIONS_INVALID or WORKSPACE_NOT_CHOSEN, which Airflow shows as an import error: a DAG that is silently
    missing is found late.
    """
    return environment_registry()
