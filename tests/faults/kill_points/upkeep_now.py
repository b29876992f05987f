"""An upkeep to which every file is old: what retention and the sweep delete can be seen at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from citylake.pipelines.cli.shared_options import SharedOptions
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep
from citylake.schemas.read.workspace import UpkeepSettings


class _UpkeepNow(LakeUpkeep):
    @property
    def settings(self) -> UpkeepSettings:
        """Nothing is kept for its age; a workspace cannot say so."""
        return super().settings.model_copy(update={"landing_days": 0, "raw_days": 0, "mart_days": 0})


def upkeep_now(workspace: str, lake: str) -> int:
    """Run it. Return 3 if a task failed, as ``citylake upkeep`` does, after one line for each task."""
    context = SharedOptions(Path(workspace), lake).context(writing=True)
    done = list(_UpkeepNow(context, age=timedelta(0)).everything())
    for each in done:
        print(each.say("en", dry_run=False))
    return 3 if any(each.problem for each in done) else 0
