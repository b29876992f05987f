"""What a power cut must not take: files and their folders are synced to the disk before anything refers to them.

A file that was written is in the memory of the operating system for up to half a minute, and a new name in a folder is
too. Each step therefore syncs what it wrote before the next one records it (docs/decisions/0029-sync-order.md). An
object store acknowledges a write when it is durable, so there is nothing to do.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from citylake.pipelines.lake.lake_zones import Lake

SYNC_VARIABLE = "CITYLAKE_SYNC"
"""Environment variable; ``off``: nothing is synced, for tests and lakes that can be thrown away."""
_AT_ONCE = 8
"""Number of files synced at the same time: the disk writes them together."""
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP}
"""Errors of file systems that cannot sync a folder (some network file systems); they keep its names themselves."""
_known_folders: set[tuple[str, int]] = set()
"""Path and inode of folders whose own name is durable, so that each is synced once per process."""


def syncs(lake: Lake) -> bool:
    """Return whether files of the lake are synced: it is a folder, and ``CITYLAKE_SYNC`` is not ``off``."""
    return lake.local and os.environ.get(SYNC_VARIABLE, "").lower() != "off"


def sync_files(lake: Lake, paths: Iterable[str]) -> None:
    """Make files of the lake durable, with their names and the folders above them. Raises OSError, as ``fsync`` does.

    ``paths``: full paths. A file that another process has deleted is skipped.
    """
    chosen = sorted(set(paths)) if syncs(lake) else []
    if len(chosen) > 1:
        with ThreadPoolExecutor(min(_AT_ONCE, len(chosen)), "citylake-sync") as pool:
            list(pool.map(_sync_file, chosen))
    else:
        list(map(_sync_file, chosen))
    _sync_folders({os.path.dirname(path) for path in chosen})


def sync_trees(lake: Lake, folders: Iterable[str]) -> None:
    """Make every file below the folders durable. A folder that does not exist is skipped."""
    found = [
        f"{where}/{name}"
        for folder in (set(folders) if syncs(lake) else ())
        for where, _, names in os.walk(folder)
        for name in names
    ]
    sync_files(lake, found)


def replace_file(lake: Lake, part: str, path: str) -> None:
    """Give a complete local file its name, so that after a power cut the name has the whole content or the old one."""
    if syncs(lake):
        _sync_file(part)
    os.replace(part, path)
    if syncs(lake):
        _sync_folders({os.path.dirname(path)})


def _sync_file(path: str) -> None:
    with suppress(FileNotFoundError):
        _sync(path, ())


def _sync_folders(folders: Collection[str]) -> None:
    for folder in sorted(folders):
        with suppress(FileNotFoundError):
            _sync(folder, _NO_FOLDER_SYNC)
    # Outermost first: a folder that is known has only known ones above it.
    for key in dict.fromkeys(key for folder in sorted(folders) for key in _unknown_folders(folder)):
        # Folders above the lake may belong to others, and need not be readable.
        with suppress(PermissionError, FileNotFoundError):
            _sync(os.path.dirname(key[0]), {*_NO_FOLDER_SYNC, errno.EROFS})
        _known_folders.add(key)


def _unknown_folders(folder: str) -> list[tuple[str, int]]:
    """Return the folder and those above it whose names may not be durable yet, outermost first, with their inodes."""
    found: list[tuple[str, int]] = []
    while folder != os.path.dirname(folder):
        with suppress(FileNotFoundError):
            key = (folder, os.stat(folder).st_ino)
            if key in _known_folders:
                break
            found.append(key)
        folder = os.path.dirname(folder)
    return found[::-1]


def _sync(path: str, harmless: Collection[int]) -> None:
    place = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(place)
    except OSError as error:
        if error.errno not in harmless:
            raise
    finally:
        os.close(place)
