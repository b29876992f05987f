"""Which days of a standard table changed since a version: read from the table's own log, which cannot miss a commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from deltalake import DeltaTable

from pipelines.lake import Lake

HARMLESS = {"ADD COLUMN", "OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "CREATE TABLE"}
"""Operations that change no row."""


def changed_days(lake: Lake, dataset: str, since_version: int | None) -> set[date] | None:
    """Days whose rows changed after ``since_version``; None where that cannot be said, or it is everything."""
    return changed_since(lake, lake.standard(dataset), since_version)


def changed_since(lake: Lake, root: str, since_version: int | None) -> set[date] | None:
    """The same of the table at ``root``, whose commits note their days in the log."""
    options = lake.storage_options
    if not DeltaTable.is_deltatable(root, storage_options=options):
        return set() if since_version in (None, -1) else None
    table = DeltaTable(root, storage_options=options)
    steps = table.version() - (-1 if since_version is None else since_version)
    if since_version is None or steps < 0:
        return None
    entries = [entry for entry in table.history(steps) if entry["version"] > since_version] if steps else []
    if len(entries) < steps:
        return None
    return _united([_days(entry) for entry in entries])


def _days(entry: Mapping[str, Any]) -> set[date] | None:
    note = json.loads(entry.get("citylake") or "{}")
    if not note:
        return set() if entry.get("operation") in HARMLESS else None
    days = {date.fromisoformat(day) for day in note.get("days", [])}
    return None if note.get("everything") else days


def _united(parts: list[set[date] | None]) -> set[date] | None:
    known = [part for part in parts if part is not None]
    return set().union(*known) if len(known) == len(parts) else None
