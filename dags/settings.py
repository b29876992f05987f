"""What the DAGs are made from: the workspace that ``CITYLAKE_WORKSPACE`` names."""

from __future__ import annotations

from collections.abc import Iterable

from citylake.schemas.lint.valid_registry import environment_registry
from citylake.schemas.read.registry import FaultyDeclaration, Registry
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue

_WITH_DAG = ("dataset", "mart")


def dags_registry() -> Registry:
    """The declarations of the workspace that can run, read once per process.

    Raises DECLARATIONS_INVALID or WORKSPACE_NOT_CHOSEN, which Airflow shows as an import error: a DAG that is silently
    missing is found late. Single faults are the import error of ``faulty_declarations.py``.
    """
    return environment_registry()


def faulty_declarations_error(registry: Registry, refused: Iterable[FaultyDeclaration] = ()) -> CitylakeError | None:
    """DECLARATIONS_LEFT_OUT with each DAG that is missing, and why; None if nothing was left out.

    ``refused``: declarations without a fault of lint that Airflow does not accept.
    """
    left_out = (*registry.faulty, *refused)
    if not left_out:
        return None
    names = ", ".join(
        f"{each.kind}.{each.id}" if each.kind in _WITH_DAG else f"{each.kind} {each.id}" for each in left_out
    )
    faults = {
        language: " ".join(render_issue(each.problem.code, each.problem.values, language) for each in left_out)
        for language in ("zh", "en")
    }
    return CitylakeError("DECLARATIONS_LEFT_OUT", names=names, faults=faults)
