"""What happens to content that a person has rolled back: a run does not publish it again, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.publish.mart_pointer import Pointer, move_pointer, read_pointer, see_pointer
from citylake.pipelines.marts.publish.pointer_lock import pointer_lock
from citylake.schemas.words.errors import Problem

Served = tuple[str, bool, str | None]
"""``accesses``, ``personal`` and ``readers`` of a pointer."""


def keep_refused(lake: Lake, before: Pointer, served: Served) -> Pointer:
    """Return the pointer, which stays on its version; how the mart is served follows the workspace all the same.

    A mart that was ever said to hold values of persons still does: the version is the earlier one.
    """
    accesses, personal, readers = served
    wanted = replace(before, accesses=accesses, personal=personal or before.personal, readers=readers)
    if wanted == before:
        return before
    with pointer_lock(lake, before.mart):
        now, seen = see_pointer(lake, before.mart)
        if now == before and move_pointer(lake, wanted, seen):
            return wanted
    # Another process has moved it: what that one has read of the workspace is not older.
    return read_pointer(lake, before.mart) or before


def rollback_notice(pointer: Pointer) -> Problem:
    """Return the notice with which a run tells who has rolled the mart back, when and why."""
    done = pointer.rolled_back
    if done is None:
        raise ValueError(pointer.version)
    at = datetime.fromisoformat(done.at).astimezone(ZoneInfo(pointer.timezone))
    values = {
        "mart": pointer.mart,
        "version": pointer.version,
        "from_version": done.from_version,
        "user": done.user,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "why": done.why,
    }
    return Problem("MART_ROLLED_BACK", values)
