"""Old versions of marts, and what making one that never was has left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pipelines.context import Context
from pipelines.publish import leases, pointer
from pipelines.upkeep.done import Done, taken
from pipelines.upkeep.folders import Stored, close, files_in, take_away
from pipelines.upkeep.removals import write_down
from schemas.workspace import Upkeep


def old_versions(context: Context, mart: str, settings: Upkeep, *, dry_run: bool = False) -> list[Done]:
    """Take away versions of a mart that are neither current, nor young, nor among the newest, nor open anywhere."""
    lake, root = context.lake, context.lake.mart(mart)
    files = files_in(lake, root)
    versions = {name: file for file in files if (name := pointer.version_in(mart, file.path)) and _dated(name)}
    gone = {name: versions[name] for name in _past(context, mart, versions, settings)}
    left = _left(files, settings)
    ended = leases.ended(lake, mart)
    if not dry_run:
        told = {name: {"files": 1, "size_bytes": file.size} for name, file in gone.items()}
        write_down(context, "marts", mart, told, settings.mart_days)
        take_away(lake, root, [*gone.values(), *left])
        close(lake, root, left)
        leases.clear(lake, mart, ended, gone)
    return taken("marts", f"marts/{mart}", files, [*gone.values(), *left])


def _dated(version: str) -> bool:
    """Whether citylake gave the file its name; what somebody else put there stays."""
    try:
        return bool(pointer.made_at(version))
    except ValueError:
        return False


def _past(context: Context, mart: str, versions: Iterable[str], settings: Upkeep) -> list[str]:
    """Asked in this order, so that a reader who comes meanwhile finds the current version, or has its lease."""
    oldest_first = sorted(versions)
    before = datetime.now(UTC) - timedelta(days=settings.mart_days)
    candidates = [name for name in oldest_first[: -settings.mart_versions] if pointer.made_at(name) <= before]
    if not candidates:
        return []
    current = pointer.read(context.lake, mart)
    kept = leases.leased(context.lake, mart) | ({current.version} if current else set())
    return [name for name in candidates if name not in kept]


def _left(files: Iterable[Stored], settings: Upkeep) -> list[Stored]:
    """Folders in which a version was being made, and pointers that were being moved."""
    before = datetime.now(UTC) - timedelta(days=settings.leftover_days)
    begun = (".making-", f"{pointer.FILE}.")
    return [file for file in files if file.path.startswith(begun) and file.modified <= before]
