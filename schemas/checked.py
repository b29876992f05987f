"""Declarations that work may rely on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from schemas.faults import CitylakeError
from schemas.lint import Finding, errors_of, lint
from schemas.registry import Registry, load, uncollected


def require(root: Path | None = None) -> Registry:
    """Every declaration below ``root``; raises DECLARATIONS_INVALID with the first faults where lint finds errors."""
    try:
        registry = load(root)
    except (ValidationError, yaml.YAMLError) as error:
        raise _invalid(root, lint(root)) from error
    with uncollected():
        faults = errors_of(registry)
    if faults:
        raise _invalid(registry.workspace.root, faults)
    return registry


def of_environment() -> Registry:
    """What the workspace declares that ``CITYLAKE_WORKSPACE`` names, else the built-in one; read once a process."""
    return _once(os.environ.get("CITYLAKE_WORKSPACE") or None)


@cache
def _once(root: str | None) -> Registry:
    return require(Path(root) if root else None)


def _invalid(root: Path | None, faults: Sequence[Finding]) -> CitylakeError:
    first = " ".join(fault.say() for fault in faults[:3])
    return CitylakeError("DECLARATIONS_INVALID", workspace=root, count=len(faults), first=first)
