"""Retention of backups: deletes all but the newest ones."""

from __future__ import annotations

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup import backup_archive
from citylake.pipelines.upkeep.backup.pinned_lake import list_file_sizes


def delete_old_backups(place: Lake, keep: int) -> int:
    """Delete all but the ``keep`` newest backups, and the files that these do not use. Return the number deleted.

    Raises BACKUP_DAMAGED, before anything is deleted, if a backup to keep cannot be read. Must not run at the same time
    as a backup to the same location, whose files no archive names yet.
    """
    known = backup_archive.list_backups(place)
    stay, go = known[-keep:], known[:-keep]
    named: set[str] = set()
    for identity in stay:
        with backup_archive.open_backup(place, identity) as archive:
            manifest = backup_archive.read_manifest(place, identity, archive)
        named |= {f"{backup_archive.FILES_FOLDER}/{entry.kept}" for entry in manifest.files.values()}
    for identity in go:  # archives first, so that a partly deleted backup never looks complete
        place.remove(place.path(backup_archive.archive_path(identity)))
    for path in list_file_sizes(place, backup_archive.FILES_FOLDER).keys() - named:
        place.remove(place.path(path))
    return len(go)
