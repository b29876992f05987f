"""Which days of a table changed since a version, read from the table's Delta log, which contains every commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from citylake.pipelines.lake.delta_table import delta_version, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake

HARMLESS_OPERATIONS = {"ADD COLUMN", "OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "CREATE TABLE"}
"""Delta operations that change no row."""


ChangedDays = dict[date, datetime]
"""Changed days, each with the time of its first change."""


def changed_dataset_days(lake: Lake, dataset: str, since_version: int | None) -> set[date] | None:
    """Return the days whose rows changed after ``since_version``; None if all may have changed."""
    changed = changed_table_days(lake, lake.standard(dataset), since_version)
    return None if changed is None else set(changed)


def changed_table_days(lake: Lake, root: str, since_version: int | None) -> ChangedDays | None:
    """Return the changed days of the table at ``root``, from the days that each commit notes in the log; None: all."""
    if lake.local and since_version == delta_version(lake, root):
        return {}
    table = open_delta_if_exists(lake, root)
    if table is None:
        return {} if since_version in (None, -1) else None
    steps = table.version() - (-1 if since_version is None else since_version)
    if since_version is None or steps < 0:
        return None
    entries = [entry for entry in table.history(steps) if entry["version"] > since_version] if steps else []
    if len(entries) < steps:
        return None
    return merge_changed_days([_days_in_commit(entry) for entry in entries])


def merge_changed_days(parts: list[ChangedDays | None]) -> ChangedDays | None:
    """Return the union of the days, each with its earliest time; None if one part is None."""
    first: ChangedDays = {}
    for part in parts:
        if part is None:
            return None
        first |= {day: min(at, first.get(day, at)) for day, at in part.items()}
    return first


def _days_in_commit(entry: Mapping[str, Any]) -> ChangedDays | None:
    note = json.loads(entry.get("citylake") or "{}")
    if not note:
        return {} if entry.get("operation") in HARMLESS_OPERATIONS else None
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=entry["timestamp"])
    return None if note.get("everything") else {date.fromisoformat(day): at for day in note.get("days", [])}
