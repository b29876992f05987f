"""A workspace as programs read it: its declarations, and their faults."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citylake._lake import Lake
    from citylake.pipelines.trial.trial_result import TrialOutcome
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
        from citylake.pipelines.flow.engine_lint import lint_declarations

        return lint_declarations(self._registry).findings

    def trial(
        self,
        change: Workspace | str | os.PathLike[str],
        lake: Lake,
        *,
        datasets: str | Collection[str] = (),
        since: date | None = None,
        sample: int | None = None,
    ) -> TrialOutcome:
        """What changed declarations would make of the raw data in a lake, compared with these. Nothing is written.

        Args:
            change: The changed workspace; or its folder, a revision of this workspace's git repository, or one changed
                YAML file that takes the place of the file with the same ids.
            lake: The lake whose receipts are read, twice.
            datasets: Only these. Default: all; only those that the change concerns are read.
            since: Only what was received on or after this day in the workspace's time zone.
            sample: Read at most this many receipts of each dataset, evenly over the time. Default: all.

        Returns:
            By dataset, the rows that become bad or good with their reasons, the values that change by column, and the
            days and marts that this reaches; ``exit_code`` is 2 if rows become bad, else 0.

        Raises:
            CitylakeError: TRIAL_CHANGE_UNKNOWN, TRIAL_FILE_NEW, DATASET_UNKNOWN; DECLARATIONS_INVALID if nothing of one
                of the workspaces can run; LAKE_UNUSABLE and the like.
        """
        from citylake.pipelines.trial.changed_registry import ChangedDeclarations, open_changed
        from citylake.pipelines.trial.run_trial import TrialOptions, run_trial
        from citylake.pipelines.trial.trial_context import trial_context
        from citylake.schemas.lint.valid_registry import check_sound

        names = (datasets,) if isinstance(datasets, str) else tuple(datasets)
        context, options = trial_context(self._registry, lake.url), TrialOptions(names, since, sample)
        if isinstance(change, Workspace):
            return run_trial(context, str(change.path), ChangedDeclarations(check_sound(change._registry)), options)
        with open_changed(os.fspath(change), self.path) as changed:
            return run_trial(context, os.fspath(change), changed, options)
