"""Checks of what ``workspace.yaml`` takes from the extended workspaces."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.read.registry import Registry, YamlLocation

_KINDS: Final = {"datasets": "dataset", "entities": "entity"}


def check_inherited(registry: Registry) -> Iterator[LintFault]:
    """INHERITED_NAME_UNKNOWN for a name or pattern below ``datasets`` and ``entities`` that nothing matches."""
    settings = registry.workspace.settings
    for setting, kind in _KINDS.items():
        known = [name for of, name in registry.places if of == kind]
        for number, pattern in enumerate(getattr(settings, setting)):
            if not any(fnmatchcase(name, pattern) for name in known):
                place = YamlLocation(registry.workspace.root / "workspace.yaml", (setting, number))
                values = {"name": pattern, "kind": kind, "suggestion": nearest_words(pattern, known)}
                yield LintFault("INHERITED_NAME_UNKNOWN", place, values)
