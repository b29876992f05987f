"""By which build, and from which versions of the inputs, the rows of a day were made: the table's log says it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from citylake.pipelines.marts.make.curated_table import BUILD_NOTE_KEY

if TYPE_CHECKING:
    from deltalake import DeltaTable

_LAST_COMMITS = 16


@dataclass(frozen=True, slots=True)
class BuildCommit:
    """One build of a curated table."""

    version: int
    """The Delta version of the table that it made; -1: unknown."""
    fingerprint: str
    versions: Mapping[str, int]
    """Input → Delta version that was read."""
    days: tuple[date, ...] | None
    """The days that it built; None: the whole table."""
    committed_ms: int = 0
    """Milliseconds since 1970."""


def find_build_commits(
    table: DeltaTable, version: int, days: Collection[date | None]
) -> dict[date | None, BuildCommit | None]:
    """Return for each day the last build of it up to ``version``; None if the log does not have it any more."""
    found: dict[date | None, BuildCommit | None] = {}
    for limit in (_LAST_COMMITS, None):
        found = dict.fromkeys(days)
        for commit in build_commits(table, limit):
            if commit.version > version:
                continue
            for day in [day for day, known in found.items() if known is None]:
                if commit.days is None or day in commit.days:
                    found[day] = commit
        if None not in found.values():
            break
    return found


def build_commits(table: DeltaTable, limit: int | None = None) -> Iterator[BuildCommit]:
    """Yield the builds in the table's log, the newest first; ``limit``: of the last commits only."""
    for entry in table.history(limit):
        note: dict[str, Any] = json.loads(entry.get(BUILD_NOTE_KEY) or "{}")
        if "fingerprint" in note:
            days = None if note["everything"] else tuple(map(date.fromisoformat, note["days"]))
            yield BuildCommit(entry["version"], note["fingerprint"], note["versions"], days, entry["timestamp"])
