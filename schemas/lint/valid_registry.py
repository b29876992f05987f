"""Declarations without errors, for everything that runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from citylake.schemas.base.yaml_reader import YamlLimitError
from citylake.schemas.lint import LintFinding, lint_errors, lint_workspace
from citylake.schemas.lint.sound_registry import sound_registry
from citylake.schemas.read.find_workspace import find_workspace
from citylake.schemas.read.registry import Registry, load_registry, pause_gc
from citylake.schemas.words.errors import CitylakeError


def load_valid_registry(root: Path) -> Registry:
    """Every declaration of the workspace at ``root``.

    Raises DECLARATIONS_INVALID with the first faults if lint finds errors, and what :class:`Workspace` raises.
    """
    return check_valid(load_lintable_registry(root))


def load_sound_registry(root: Path) -> Registry:
    """The declarations that can run; ``faulty`` names those that are left out.

    Raises what :func:`check_sound` and :func:`load_lintable_registry` raise.
    """
    return check_sound(load_lintable_registry(root))


def check_sound(registry: Registry) -> Registry:
    """The part of the registry that can run, as :func:`sound_registry`.

    Raises DECLARATIONS_INVALID if no dataset and no mart is without a fault, or a fault concerns all of them.
    """
    with pause_gc():
        faults = lint_errors(registry)
        if not faults:
            return registry
        sound = sound_registry(registry)
    if sound is None or not (sound.contracts or sound.marts):
        raise _declarations_invalid(registry.workspace.root, faults)
    return sound


def load_lintable_registry(root: Path) -> Registry:
    """The declarations that can be read; lint reports the others.

    Raises DECLARATIONS_INVALID if ``workspace.yaml`` has a fault, and what :class:`Workspace` raises.
    """
    try:
        return load_registry(root)
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError, OSError, YamlLimitError) as error:
        raise _declarations_invalid(root, lint_workspace(root)) from error


def check_valid(registry: Registry) -> Registry:
    """The registry; raises DECLARATIONS_INVALID with the first faults if lint finds errors in it."""
    with pause_gc():
        faults = lint_errors(registry)
    if faults:
        raise _declarations_invalid(registry.workspace.root, faults)
    return registry


def environment_registry() -> Registry:
    """The workspace in ``CITYLAKE_WORKSPACE``, else the current folder; read once a process.

    Raises WORKSPACE_NOT_CHOSEN, and what :func:`load_sound_registry` raises.
    """
    return _load_once(find_workspace().resolve())


@cache
def _load_once(root: Path) -> Registry:
    return load_sound_registry(root)


def _declarations_invalid(root: Path, faults: Sequence[LintFinding]) -> CitylakeError:
    first = " ".join(fault.say() for fault in faults[:3])
    return CitylakeError("DECLARATIONS_INVALID", workspace=root, count=len(faults), first=first)
