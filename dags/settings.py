"""What the DAGs are made from: the workspace that ``CITYLAKE_WORKSPACE`` names."""

from __future__ import annotations

from citylake.schemas.lint.valid_registry import environment_registry
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue


def dags_registry() -> Registry:
    """The declarations of the workspace that can run, read once per process.

    Raises DECLARATIONS_INVALID or WORKSPACE_NOT_CHOSEN, which Airflow shows as an import error: a DAG that is silently
    missing is found late. Single faults are the import error of ``faulty_declarations.py``.
    """
    return environment_registry()


def faulty_declarations_error(registry: Registry) -> CitylakeError | None:
    """DECLARATIONS_LEFT_OUT with everything that has no DAG, and why; None if nothing was left out."""
    if not registry.faulty:
        return None
    names = ", ".join(f"{each.kind} {each.id}" for each in registry.faulty)
    faults = {
        language: " ".join(render_issue(each.problem.code, each.problem.values, language) for each in registry.faulty)
        for language in ("zh", "en")
    }
    return CitylakeError("DECLARATIONS_LEFT_OUT", names=names, faults=faults)
