"""Folders in the shared temporary folder that no other user can read, plant or replace."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from citylake.schemas.words.errors import CitylakeError

SCRATCH_DAYS = 3
"""Days after which an unused temporary folder was left by a process that was killed."""
_NAMED = re.compile(r"citylake-(\d+)-\w+")
_DAY_S = 86_400


def private_folder(name: str) -> Path:
    """The folder ``name`` in the temporary folder (``TMPDIR``), which only its owner can open.

    Raises FOLDER_NOT_PRIVATE if the name is taken by a link, by another user's folder, or by one that others can open:
    what is in it may be planted.
    """
    folder = Path(tempfile.gettempdir()) / name
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not _is_private(folder.lstat()):
        raise CitylakeError("FOLDER_NOT_PRIVATE", folder=str(folder))
    return folder


def _is_private(found: os.stat_result) -> bool:
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A new temporary folder (mode 0700); its name has the process that removes it at the end."""
    return tempfile.TemporaryDirectory(prefix=f"citylake-{os.getpid()}-")


def remove_old_scratch(days: float = SCRATCH_DAYS) -> list[Path]:
    """Delete this user's temporary folders in which nothing was written for ``days``; returns them.

    A process that is killed cannot delete its own. Those of a process that runs are left, whatever the clock says, and
    so are those of other users and those that others can open.
    """
    limit, removed = time.time() - days * _DAY_S, []
    for folder in Path(tempfile.gettempdir()).glob("citylake-*"):
        named = _NAMED.fullmatch(folder.name)
        if named is None or _runs(int(named[1])):
            continue
        try:
            found = folder.lstat()
            if _is_private(found) and found.st_mtime < limit and _last_change(folder) < limit:
                shutil.rmtree(folder)
                removed.append(folder)
        except OSError:
            # Another process deletes it, or is writing into it.
            continue
    return removed


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _last_change(folder: Path) -> float:
    """The time of the newest entry, in seconds since 1970."""
    return max(os.lstat(path).st_mtime for path in (folder, *folder.rglob("*")))
