"""What a power cut must not take: files and their folders are synced to the disk before anything refers to them.

A file that was written is in the memory of the operating system for up to half a minute, and a new name in a folder is
too. Each step therefore syncs what it wrote before the next one records it (docs/decisions/0029-sync-order.md). An
object store acknowledges a write when it is durable, so there is nothing to do.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from citylake.pipelines.lake.lake_zones import Lake

SYNC_VARIABLE = "CITYLAKE_SYNC"
"""Environment variable; ``off``: nothing is synced, for tests and lakes that can be thrown away."""
_AT_ONCE = 8
"""Number of files synced at the same time: the disk writes them together."""
_FEW = 2
"""Number of files up to which threads cost more than they save."""
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP}
"""Errors of file systems that cannot sync a folder (some network file systems); they keep its names themselves."""
_ABOVE = {*_NO_FOLDER_SYNC, errno.EACCES, errno.EPERM, errno.EROFS}
"""The same for folders above others: those above the lake may belong to someone else."""
_known_folders: set[tuple[str, int]] = set()
"""Path and inode of folders whose own name is durable, so that each is synced once per process."""


def syncs(lake: Lake) -> bool:
    """Return whether files of the lake are synced: it is a lasting folder, and ``CITYLAKE_SYNC`` is not ``off``."""
    return lake.local and lake.durable and os.environ.get(SYNC_VARIABLE, "").lower() != "off"


def sync_files(lake: Lake, paths: Iterable[str]) -> None:
    """Make files of the lake durable, with their names and the folders above them. Raises OSError, as ``fsync`` does.

    ``paths``: full paths. A file that another process has deleted is skipped.
    """
    chosen = set(paths) if syncs(lake) else set[str]()
    _sync_all(chosen, {os.path.dirname(path) for path in chosen})


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
        _sync_all({part}, ())
    os.replace(part, path)
    if syncs(lake):
        _sync_all((), {os.path.dirname(path)})


def write_small_file(lake: Lake, path: str, content: bytes, *, sync: bool = True) -> None:
    """Write a file that readers, and a lake after a power cut, see as it was or whole.

    Without ``sync``, a new file that the caller makes durable later, together with others, before anything names it.
    """
    if not lake.local:
        lake.fs.pipe_file(path, content)
        return
    part = f"{path}.{uuid.uuid4().hex}.partial"
    with open(part, "wb") as file:
        file.write(content)
    if sync:
        replace_file(lake, part, path)
    else:
        os.replace(part, path)


def _sync_all(files: Collection[str], folders: Collection[str]) -> None:
    """Sync the files and folders, and the folders that name new folders, each once."""
    fresh = {key for folder in folders for key in _unknown_folders(folder)}
    above = {os.path.dirname(folder) for folder, _ in fresh} - {*folders}
    work = [*((path, ()) for path in files), *((path, _NO_FOLDER_SYNC) for path in folders)]
    work += [(path, _ABOVE) for path in above]
    if len(work) > _FEW:
        with ThreadPoolExecutor(min(_AT_ONCE, len(work)), "citylake-sync") as pool:
            list(pool.map(_sync, *zip(*work, strict=True)))
    else:
        for path, harmless in work:
            _sync(path, harmless)
    _known_folders.update(fresh)


def _unknown_folders(folder: str) -> Iterator[tuple[str, int]]:
    """Yield the folder and those above it whose names may not be durable yet, with their inodes."""
    while folder != os.path.dirname(folder):
        with suppress(FileNotFoundError):
            key = (folder, os.stat(folder).st_ino)
            if key in _known_folders:
                return
            yield key
        folder = os.path.dirname(folder)


def _sync(path: str, harmless: Collection[int]) -> None:
    """Sync a file or folder, unless another process has deleted it. ``harmless``: errors that are no failure."""
    try:
        place = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(place)
        finally:
            os.close(place)
    except OSError as error:
        if error.errno not in {errno.ENOENT, *harmless}:
            raise
