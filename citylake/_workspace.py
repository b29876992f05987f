"""A workspace as programs read it: its declarations, and their faults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citylake.schemas.lint.lint_finding import LintFinding
    from citylake.schemas.model.contract import Contract
    from citylake.schemas.model.element import DataElement
    from citylake.schemas.model.mart import Mart
    from citylake.schemas.read.registry import Registry


class Workspace:
    """The declarations of a folder, as they were when ``load`` read them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Workspace:
        """Read every declaration of a workspace.

        A declaration with a fault is left out, and ``lint`` reports it; ``run`` reports it as failed, with what depends
        on it.

        Args:
            path: The folder with ``workspace.yaml``, ``elements/``, ``datasets/`` and ``marts/``.

        Raises:
            CitylakeError: WORKSPACE_MISSING or WORKSPACE_FILE_MISSING if there is no such folder or ``workspace.yaml``;
                DECLARATIONS_INVALID or WORKSPACE_WITHOUT_PACKS and the like if that file has a fault.
        """
        from citylake.schemas.lint.valid_registry import load_lintable_registry

        return cls(load_lintable_registry(Path(path)))

    def __repr__(self) -> str:
        return f"Workspace.load({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The folder, as an absolute path."""
        return self._registry.workspace.root

    @property
    def elements(self) -> Mapping[str, DataElement]:
        """Data elements by id, those of the packs that the workspace uses included."""
        return self._registry.elements

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """The contracts, by dataset id."""
        return self._registry.contracts

    @property
    def marts(self) -> Mapping[str, Mart]:
        """The marts, by name."""
        return self._registry.marts

    def lint(self) -> list[LintFinding]:
        """Every fault of the declarations, by file and line, as ``citylake lint`` reports them.

        Returns:
            Errors and warnings (``severity``); an empty list if there are none. ``say("zh")`` and ``say("en")`` give a
            finding as one line: file, line, code, what is wrong and what to write instead.
        """
        from citylake.schemas.lint import lint_registry

        return lint_registry(self._registry)
