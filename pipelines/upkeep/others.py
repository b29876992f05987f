"""What steps left for each other in runs that are dead, and old pages of runs."""

from __future__ import annotations

from datetime import timedelta

from pipelines.lake import Lake
from pipelines.upkeep.done import Done, Work, taken
from pipelines.upkeep.folders import Stored, close, files_in, grouped, take_away
from pipelines.upkeep.sweep import old


def dead_handoffs(lake: Lake, age: timedelta, *, dry_run: bool = False) -> list[Done]:
    """Take away what was left for a step that nobody has taken for longer than ``age``.

    The files that it names are free for the next upkeep, not for this one.
    """
    root = lake.path("handoff")
    files = files_in(lake, root)
    dead = [group for group in grouped(files, 2).values() if len(old(group.files, age)) == len(group.files)]
    return _taken(lake, "sweep", "handoff", files, [file for group in dead for file in group.files], dry_run=dry_run)


def old_reports(lake: Lake, days: int | None, *, dry_run: bool = False) -> list[Done]:
    """Take away the pages of runs that are older than ``days``; None: of none."""
    files = files_in(lake, lake.path("reports")) if days is not None else []
    return _taken(lake, "reports", "reports", files, old(files, timedelta(days=days or 0)), dry_run=dry_run)


def _taken(lake: Lake, work: Work, place: str, files: list[Stored], gone: list[Stored], *, dry_run: bool) -> list[Done]:
    if not dry_run:
        take_away(lake, lake.path(place), gone)
        close(lake, lake.path(place), gone)
    return taken(work, place, files, gone)
