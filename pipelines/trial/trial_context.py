"""The context of a trial that a program starts: a lake opened for reading."""

from __future__ import annotations

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.lake.lake_access import check_readable
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.lint.valid_registry import check_sound
from citylake.schemas.read.registry import Registry


def trial_context(registry: Registry, lake: str) -> RunContext:
    """Raises DECLARATIONS_INVALID if nothing can run, and LAKE_UNUSABLE and the like."""
    zones, this = check_readable(Lake(lake)), new_run()
    sound = check_sound(registry)
    return RunContext(sound, zones, Ledger(zones), this, run_variables(sound, this))
