"""Local files of a source: regular files only, inside the folder that the contract names, and opened once."""

from __future__ import annotations

import os
import stat
import time
from typing import IO, Any

from fsspec.implementations.local import LocalFileSystem

from citylake.schemas.words.errors import CitylakeError

_TICK_S = 0.02
"""Resolution of a file system's clock, s: two changes within it may leave the same times."""
_KINDS = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
    stat.S_IFDIR: "folder",
}


def is_local(fs: Any) -> bool:
    """Whether ``fs`` is the local file system."""
    return isinstance(fs, LocalFileSystem)


def check_local_file(path: str, shown: str, bounds: str | None) -> None:
    """Raise FILE_SPECIAL unless ``path`` is a regular file, SYMLINK_OUTSIDE unless it is inside ``bounds``.

    ``bounds``: the real path of a folder; None: links may lead anywhere. Nothing is opened: a FIFO would wait.
    """
    if bounds is not None:
        _require_inside(os.path.realpath(path), shown, bounds)
    _require_regular(os.stat(path).st_mode, shown)


def open_local_file(path: str, shown: str, bounds: str | None) -> IO[bytes]:
    """Open ``path`` after the same checks, which hold for the file that is open: a name may change meanwhile."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        opened = os.fstat(descriptor)
        _require_regular(opened.st_mode, shown)
        if bounds is not None:
            real = os.path.realpath(path)
            _require_inside(real, shown, bounds)
            if not os.path.samestat(os.stat(real, follow_symlinks=False), opened):
                raise CitylakeError("FILE_REPLACED", source=shown)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def file_identity(state: os.stat_result) -> str:
    """What changes with every write to a file and every replacement of it, also if size and time of change do not."""
    return f"{state.st_dev}:{state.st_ino}:{state.st_size}:{state.st_mtime_ns}:{state.st_ctime_ns}"


def wait_for_tick(path: str) -> None:
    """Wait until a change of ``path`` cannot have the time of the last one."""
    age_s = time.time() - os.stat(path).st_ctime
    if 0 <= age_s < _TICK_S:
        time.sleep(_TICK_S - age_s)


def _require_regular(mode: int, shown: str) -> None:
    if not stat.S_ISREG(mode):
        raise CitylakeError("FILE_SPECIAL", source=shown, kind=_KINDS.get(stat.S_IFMT(mode), "special file"))


def _require_inside(real: str, shown: str, bounds: str) -> None:
    if os.path.commonpath([real, bounds]) != bounds:
        raise CitylakeError("SYMLINK_OUTSIDE", source=shown, target=real, folder=bounds)
