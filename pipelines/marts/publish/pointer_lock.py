"""Lets one process at a time choose which version of a mart is current, and delete the others."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from citylake.pipelines.lake.lake_zones import Lake


@contextmanager
def pointer_lock(lake: Lake, mart: str) -> Iterator[None]:
    """Hold the lock of the mart's folder. On an object store, and where a folder cannot be locked, nothing is locked.

    Whoever replaces the pointer reads it again within the lock, and who deletes versions lists what is kept within it:
    so no version is deleted while a rollback makes it current, and no publication undoes a rollback that it overlaps.
    """
    folder = lake.mart(mart)
    if not lake.local or not os.path.isdir(folder):
        yield
        return
    place = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)
