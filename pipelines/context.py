"""What every step of a run needs: the declarations, the lake, its ledger, and who is told how far it is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.records import Run
from citylake.pipelines.watch import Watch
from citylake.schemas.read.registry import Registry

ProgressCallback = Callable[[str, str], None]
"""Called with a dataset or mart and the step that begins: for progress bars and logs."""


def _ignore_progress(_what: str, _step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run over one lake. ``variables`` fill ``${NAME}`` in sources."""

    registry: Registry
    lake: Lake
    ledger: Ledger
    run: Run
    variables: Mapping[str, str] = field(default_factory=dict)
    tell: ProgressCallback = _ignore_progress
    watch: Watch = field(default_factory=Watch)
    budget: Budget = field(default_factory=Budget)


def new_run(day_from: date | None = None, day_to: date | None = None) -> Run:
    """A run that starts now; its id sorts by time."""
    now = datetime.now(UTC)
    return Run(f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", now, day_from, day_to)


def run_variables(registry: Registry, run: Run, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment over the workspace's own defaults, with ``WORKSPACE``, ``DAY_FROM`` and ``DAY_TO``.

    A run that was asked for no days stands for the day before it, in the workspace's zone.
    """
    zone = ZoneInfo(registry.workspace.settings.timezone)
    yesterday = run.started_at.astimezone(zone).date() - timedelta(days=1)
    first, last = run.day_from or run.day_to or yesterday, run.day_to or max(run.day_from or yesterday, yesterday)
    return {
        **registry.workspace.variables,
        **os.environ,
        **(extra or {}),
        "WORKSPACE": str(registry.workspace.root),
        "DAY_FROM": first.isoformat(),
        "DAY_TO": last.isoformat(),
    }
