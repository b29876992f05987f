"""Keeping only the newest backups at a place."""

from __future__ import annotations

from pipelines.backup import kept
from pipelines.backup.pinned import sizes
from pipelines.lake import Lake


def thin(place: Lake, keep: int) -> int:
    """Remove all but the ``keep`` newest backups, and the files that none of these names; how many backups went.

    Raises BACKUP_DAMAGED, and removes nothing, where one that stays cannot be read. No backup to the same place may be
    at work meanwhile: its files are named by none yet.
    """
    known = kept.identities(place)
    stay, go = known[-keep:], known[:-keep]
    named: set[str] = set()
    for identity in stay:
        with kept.opened(place, identity) as archive:
            told = kept.manifest(place, identity, archive)
        named |= {f"{kept.FILES}/{entry.kept}" for entry in told.files.values()}
    for identity in go:  # first, so that what remains of one is never taken for whole
        place.remove(place.path(kept.archive(identity)))
    for path in sizes(place, kept.FILES).keys() - named:
        place.remove(place.path(path))
    return len(go)
