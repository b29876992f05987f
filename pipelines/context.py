"""The context of a run: declarations, lake, ledger, memory budget, and the observers of its progress."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.token_key import token_key_id
from citylake.pipelines.records import BatchResult, Publication, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.declaration_texts import DeclarationTexts, read_declaration_texts
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    # The ledger loads polars; DAG files import this module.
    from citylake.pipelines.lake.ledger import Ledger

ProgressCallback = Callable[[str, str], None]
"""Called with a dataset or mart and the step that begins: for progress bars and logs."""


def _ignore_progress(_what: str, _step: str) -> None:
    """The default callback."""


class Watch:
    """Observer of a run; every method does nothing by default. A method must not raise, and must return quickly."""

    def dataset_begins(self, context: RunContext, contract: Contract) -> None:
        """Called before the first request to the dataset's source."""

    def dataset_ends(self, context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
        """Called after the dataset's batches are committed, held or failed."""

    def mart_begins(self, context: RunContext, mart: Mart) -> None:
        """Called before the mart is built."""

    def mart_ends(self, context: RunContext, mart: Mart, done: Publication) -> None:
        """Called after the mart is published, held or failed."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run on one lake. ``variables``: values of ``${NAME}`` in sources."""

    registry: Registry
    lake: Lake
    ledger: Ledger
    run: Run
    variables: Mapping[str, str] = field(default_factory=dict)
    tell: ProgressCallback = _ignore_progress
    watch: Watch = field(default_factory=Watch)
    budget: Budget = field(default_factory=Budget)
    asked: Asked = field(default_factory=Asked)
    """On whose behalf sealed bytes are opened."""

    def __post_init__(self) -> None:
        """Fingerprints of this run's contracts with tokens name the key that is in force."""
        self.registry.token_key = token_key_id(self.registry)

    def read_declarations(self) -> DeclarationTexts:
        """Return the declaration files as they were when this was called first: files may change during a run."""
        if self.registry.declared is None:
            self.registry.declared = read_declaration_texts(self.registry.workspace)
        return self.registry.declared

    def declared_revision(self) -> str:
        """Return the revision of the declarations, and record it if it is not on record."""
        return self.ledger.add_revision(self.read_declarations(), self.run.id)

    @property
    def locale(self) -> str:
        """The workspace's time zone if its file states one, by which encodings are likelier; otherwise empty."""
        settings = self.registry.workspace.settings
        return settings.timezone if "timezone" in settings.model_fields_set else ""


def new_run(day_from: date | None = None, day_to: date | None = None) -> Run:
    """Return a run that starts now. Its id sorts by start time."""
    now = datetime.now(UTC)
    return Run(f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", now, day_from, day_to)


def run_variables(registry: Registry, run: Run, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the workspace's variables, overridden by what the environment gives to it, then by ``extra``.

    Adds ``WORKSPACE``, ``DAY_FROM`` and ``DAY_TO``. If the run names no days, both are the day before its start in the
    workspace's time zone.
    """
    zone = ZoneInfo(registry.workspace.settings.timezone)
    yesterday = run.started_at.astimezone(zone).date() - timedelta(days=1)
    first, last = run.day_from or run.day_to or yesterday, run.day_to or max(run.day_from or yesterday, yesterday)
    return {
        **registry.workspace.variables,
        **registry.workspace.given_variables(os.environ),
        **(extra or {}),
        "WORKSPACE": str(registry.workspace.root),
        "DAY_FROM": first.isoformat(),
        "DAY_TO": last.isoformat(),
    }
