"""Deletes old versions of marts, and leftovers of interrupted publications."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.lake_zones import POINTER_FILE, STABLE_FILE
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.stored_files import StoredFile, list_stored_files
from citylake.pipelines.marts.publish import mart_leases, mart_pointer
from citylake.pipelines.marts.publish.pointer_lock import pointer_lock
from citylake.pipelines.marts.publish.stable_name import name_published_file
from citylake.pipelines.marts.versions.mart_pins import pinned_versions
from citylake.pipelines.marts.versions.published_files import choose_versions
from citylake.pipelines.marts.versions.record_rollback import record_rollback
from citylake.pipelines.upkeep.lake_files import delete_empty_folders, delete_stored_files
from citylake.pipelines.upkeep.removal_log import record_removals
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult, removal_results
from citylake.schemas.read.workspace import UpkeepSettings


def delete_old_versions(
    context: RunContext, mart: str, settings: UpkeepSettings, *, dry_run: bool = False
) -> list[UpkeepResult]:
    """Delete expired versions of a mart, ended leases, and leftovers of interrupted publications.

    A version is kept if it is current, younger than ``mart_days``, among the ``mart_versions`` newest, leased or
    pinned. What a crash of a publication or rollback left is completed: its stable name, and its ledger rows.
    """
    if not dry_run:
        _complete(context, mart)
    with nullcontext() if dry_run else pointer_lock(context.lake, mart):
        return _delete_versions(context, mart, settings, dry_run=dry_run)


def _complete(context: RunContext, mart: str) -> None:
    # A pointer that cannot be read is for the verification to report.
    with suppress(ValueError):
        name_published_file(context.lake, mart)
        if record_rollback(context.ledger, context.run.id, mart):
            context.ledger.flush()


def _delete_versions(context: RunContext, mart: str, settings: UpkeepSettings, *, dry_run: bool) -> list[UpkeepResult]:
    lake, root = context.lake, context.lake.mart(mart)
    # The stable name is a link to a version, and takes no room.
    files = [file for file in list_stored_files(lake, root) if file.path != STABLE_FILE]
    versions = choose_versions(mart, files)
    gone = {name: versions[name] for name in _expired_versions(context, mart, versions, settings)}
    left = _leftover_files(files, settings)
    ended = mart_leases.expired_leases(lake, mart)
    if not dry_run:
        days = settings.mart_days
        removed = {name: {"files": 1, "size_bytes": file.size, "retention_days": days} for name, file in gone.items()}
        record_removals(context, "marts", mart, removed)
        delete_stored_files(lake, root, [*gone.values(), *left])
        delete_empty_folders(lake, root, left)
        mart_leases.delete_leases(lake, mart, ended, gone)
    return removal_results("marts", f"marts/{mart}", files, [*gone.values(), *left])


def _expired_versions(context: RunContext, mart: str, versions: Iterable[str], settings: UpkeepSettings) -> list[str]:
    """Return the versions to delete, oldest first.

    Candidates are listed before the pointer, the leases and the pins are read, so a reader that opens a version in the
    meantime has the current one, or its lease is seen.
    """
    oldest_first = sorted(versions)
    before = datetime.now(UTC) - timedelta(days=settings.mart_days)
    candidates = [name for name in oldest_first[: -settings.mart_versions] if mart_pointer.version_time(name) <= before]
    if not candidates:
        return []
    current = mart_pointer.read_pointer(context.lake, mart)
    kept = mart_leases.leased_versions(context.lake, mart) | ({current.version} if current else set())
    # Not from the ledger of the run, which may have read the acts before somebody pinned a version.
    pinned = pinned_versions(Ledger(context.lake), mart)
    return [name for name in candidates if name not in kept and name not in pinned]


def _leftover_files(files: Iterable[StoredFile], settings: UpkeepSettings) -> list[StoredFile]:
    """Return old temporary files of unfinished versions and pointers."""
    before = datetime.now(UTC) - timedelta(days=settings.leftover_days)
    begun = (".making-", f"{POINTER_FILE}.", f"{STABLE_FILE}.")
    return [file for file in files if file.path.startswith(begun) and file.modified <= before]
