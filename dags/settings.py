"""What the DAGs are made from: the workspace that ``CITYLAKE_WORKSPACE`` names, else the built-in one."""

from __future__ import annotations

from schemas.checked import of_environment
from schemas.registry import Registry


def registry() -> Registry:
    """Every declaration of the workspace, read once a process.

    Raises DECLARATIONS_INVALID, which Airflow shows as an import error: a DAG that is silently missing is found late.
    """
    return of_environment()
