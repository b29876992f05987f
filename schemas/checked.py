"""Declarations that work may rely on."""

from __future__ import annotations

from pathlib import Path

from schemas.faults import CitylakeError
from schemas.lint import errors_of
from schemas.registry import Registry, load


def require(root: Path | None = None) -> Registry:
    """Every declaration below ``root``; raises DECLARATIONS_INVALID with the first faults where lint finds errors."""
    registry = load(root)
    faults = errors_of(registry)
    if faults:
        raise CitylakeError(
            "DECLARATIONS_INVALID",
            workspace=registry.workspace.root,
            count=len(faults),
            first=" ".join(fault.say() for fault in faults[:3]),
        )
    return registry
