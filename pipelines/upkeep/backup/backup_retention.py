"""Keeping only the newest backups at a place."""

from __future__ import annotations

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup import backup_archive
from citylake.pipelines.upkeep.backup.pinned_lake import list_file_sizes


def delete_old_backups(place: Lake, keep: int) -> int:
    """Remove all but the ``keep`` newest backups, and the files that none of these names; how many backups went.

    Raises BACKUP_DAMAGED, and removes nothing, where one that stays cannot be read. No backup to the same place may be
    at work meanwhile: its files are named by none yet.
    """
    known = backup_archive.list_backups(place)
    stay, go = known[-keep:], known[:-keep]
    named: set[str] = set()
    for identity in stay:
        with backup_archive.open_backup(place, identity) as archive:
            told = backup_archive.read_manifest(place, identity, archive)
        named |= {f"{backup_archive.FILES_FOLDER}/{entry.kept}" for entry in told.files.values()}
    for identity in go:  # first, so that what remains of one is never taken for whole
        place.remove(place.path(backup_archive.archive_path(identity)))
    for path in list_file_sizes(place, backup_archive.FILES_FOLDER).keys() - named:
        place.remove(place.path(path))
    return len(go)
