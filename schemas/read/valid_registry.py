"""Declarations that work may rely on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from citylake.schemas.lint import LintFinding, lint_errors, lint_workspace
from citylake.schemas.read.registry import Registry, load_registry, pause_gc
from citylake.schemas.words.errors import CitylakeError


def load_valid_registry(root: Path | None = None) -> Registry:
    """Every declaration below ``root``; raises DECLARATIONS_INVALID with the first faults where lint finds errors."""
    try:
        registry = load_registry(root)
    except (ValidationError, yaml.YAMLError) as error:
        raise _declarations_invalid(root, lint_workspace(root)) from error
    with pause_gc():
        faults = lint_errors(registry)
    if faults:
        raise _declarations_invalid(registry.workspace.root, faults)
    return registry


def environment_registry() -> Registry:
    """What the workspace declares that ``CITYLAKE_WORKSPACE`` names, else the built-in one; read once a process."""
    return _load_once(os.environ.get("CITYLAKE_WORKSPACE") or None)


@cache
def _load_once(root: str | None) -> Registry:
    return load_valid_registry(Path(root) if root else None)


def _declarations_invalid(root: Path | None, faults: Sequence[LintFinding]) -> CitylakeError:
    first = " ".join(fault.say() for fault in faults[:3])
    return CitylakeError("DECLARATIONS_INVALID", workspace=root, count=len(faults), first=first)
