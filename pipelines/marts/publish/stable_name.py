"""``current.duckdb``: one name for the published file of a mart, for tools that cannot ask the pointer.

A link, so that nothing is stored twice. It is replaced atomically: who has the old file open keeps it. A symbolic link,
because DuckDB knows an open file by the path behind the link: a process that opens the name again gets the new version
also while it has the old one open (docs/decisions/0057-stable-names.md). An object store has no links: there the
pointer names the file.
"""

from __future__ import annotations

import os
import uuid

from citylake.pipelines.lake.durable_files import replace_file
from citylake.pipelines.lake.lake_zones import STABLE_FILE, Lake
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.marts.publish.pointer_lock import pointer_lock


def stable_path(lake: Lake, mart: str) -> str | None:
    """Return the path of the stable name; None on an object store."""
    return f"{lake.mart(mart)}/{STABLE_FILE}" if lake.local else None


def name_current_file(lake: Lake, mart: str, file: str) -> bool:
    """Let ``current.duckdb`` be the file of this name in the mart's folder. Return whether that changed anything.

    Where the file system has no symbolic links, it is a second name of the file (a hard link). Raises OSError.
    """
    path, folder = stable_path(lake, mart), lake.mart(mart)
    if path is None or not os.path.exists(f"{folder}/{file}") or _names(path, f"{folder}/{file}"):
        return False
    part = f"{path}.{uuid.uuid4().hex}.partial"
    try:
        os.symlink(file, part)
    except OSError:
        os.link(f"{folder}/{file}", part)
    replace_file(lake, part, path)
    return True


def name_published_file(lake: Lake, mart: str) -> None:
    """Let ``current.duckdb`` be the file that the pointer names in this moment: a crash may have come between the two.

    Takes ``pointer_lock``: without it, the name could go back to a version that another run is just replacing.
    """
    if not lake.local:
        return
    with pointer_lock(lake, mart):
        if pointer := read_pointer(lake, mart):
            name_current_file(lake, mart, pointer.file)


def _names(path: str, file: str) -> bool:
    return os.path.exists(path) and os.path.samefile(path, file)
