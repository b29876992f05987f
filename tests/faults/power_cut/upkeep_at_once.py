"""Upkeep that also deletes the files that are no longer needed at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from citylake.pipelines.cli.shared_options import SharedOptions
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep


def upkeep_at_once(workspace: str, lake: str) -> int:
    """Return how many of its tasks failed."""
    context = SharedOptions(Path(workspace), lake).context(writing=True)
    done = list(LakeUpkeep(context, age=timedelta(0)).everything())
    return sum(1 for each in done if each.problem)
