"""All of lint: what the declarations say, and what only the engines know of them.

polars binds the rules, DuckDB the marts and their checks. Airflow never imports it: ``schemas.lint`` finds what can be
known without an engine.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from citylake.pipelines.conform.rule_binding import check_rule_binding
from citylake.pipelines.marts.gate.mart_gate import GateResult, MartGate
from citylake.pipelines.marts.plan.check_binding import check_mart_binding
from citylake.schemas.lint import lint_registry, lint_workspace, locate_faults
from citylake.schemas.lint.valid_registry import check_sound, load_lintable_registry
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


def lint_folder(root: Path) -> GateResult:
    """Return every fault of the workspace at ``root``, and what the authors of marts allow."""
    try:
        registry = load_lintable_registry(root)
    except CitylakeError:
        # Nothing of it can be read: each fault is explained.
        return GateResult(lint_workspace(root))
    return lint_declarations(registry)


def lint_declarations(registry: Registry) -> GateResult:
    """Return the same for declarations that were read."""
    found = GateResult(lint_registry(registry))
    with suppress(CitylakeError):
        found.extend(check_with_engines(check_sound(registry)))
    return found


def check_with_engines(registry: Registry) -> GateResult:
    """Return what would stop a run although the declarations have no error of their own."""
    with MartGate(registry) as gate:
        found = gate.check(sorted(registry.marts))
        found.findings += locate_faults([*check_rule_binding(registry), *check_mart_binding(gate.binder)])
    return found
