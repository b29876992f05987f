"""Deletes step states of runs that ended, and old reports."""

from __future__ import annotations

from datetime import timedelta

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import StoredFile, list_stored_files
from citylake.pipelines.upkeep.lake_files import delete_empty_folders, delete_stored_files, group_files
from citylake.pipelines.upkeep.orphan_files import files_older_than
from citylake.pipelines.upkeep.upkeep_result import UpkeepKind, UpkeepResult, removal_results


def delete_dead_states(lake: Lake, age: timedelta, *, dry_run: bool = False) -> list[UpkeepResult]:
    """Delete step states that were not modified for longer than ``age``.

    The data files that they refer to can be deleted by the next upkeep, not by this one.
    """
    root = lake.path("handoff")
    files = list_stored_files(lake, root)
    dead = [
        group for group in group_files(files, 2).values() if len(files_older_than(group.files, age)) == len(group.files)
    ]
    return _delete_groups(
        lake, "sweep", "handoff", files, [file for group in dead for file in group.files], dry_run=dry_run
    )


def delete_old_reports(lake: Lake, days: int | None, *, dry_run: bool = False) -> list[UpkeepResult]:
    """Delete the pages of runs that are older than ``days``. None: delete none.

    The other pages of the report site are written anew by each build.
    """
    every = list_stored_files(lake, lake.reports) if days is not None else []
    files = [file for file in every if _is_run_page(file.path)]
    return _delete_groups(
        lake, "reports", "reports", files, files_older_than(files, timedelta(days=days or 0)), dry_run=dry_run
    )


def _is_run_page(path: str) -> bool:
    # Earlier revisions wrote one file a run, beside nothing else.
    return "/runs/" in path or ("/" not in path and path != "index.html")


def _delete_groups(
    lake: Lake, work: UpkeepKind, place: str, files: list[StoredFile], gone: list[StoredFile], *, dry_run: bool
) -> list[UpkeepResult]:
    if not dry_run:
        delete_stored_files(lake, lake.path(place), gone)
        delete_empty_folders(lake, lake.path(place), gone)
    return removal_results(work, place, files, gone)
