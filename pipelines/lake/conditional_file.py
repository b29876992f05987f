"""Replaces a small file only if it is still what this process has read: on an object store a write with ``If-Match``.

In a folder, a lock does this (``pointer_lock``), and files are replaced in any case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from citylake.pipelines.lake.durable_files import write_small_file
from citylake.pipelines.lake.lake_access import LAKE_MARKER
from citylake.pipelines.lake.lake_zones import Lake

_NO_FILE = '"00000000000000000000000000000000"'
"""An ETag that no file has."""
_OVERTAKEN = {404, 409, 412}
"""Answers to a write whose condition is not met: deleted meanwhile, written in this moment, another content."""
_UNKNOWN = {400, 405, 501}
"""Answers of a store that does not know the condition."""


@dataclass(frozen=True, slots=True)
class SeenFile:
    """What a file held when it was read."""

    content: bytes | None
    """None: there was none."""
    tag: str = ""
    """Its ETag; empty where files have none."""


def see_file(lake: Lake, path: str) -> SeenFile:
    """Read a small file, for ``replace_seen``."""
    if lake.local:
        return SeenFile(lake.fs.cat_file(path) if lake.fs.exists(path) else None)
    try:
        # The tag first: if the file is replaced before its content is read, the condition fails, and it is read again.
        tag = str(lake.fs.info(path).get("ETag") or "")
        return SeenFile(lake.fs.cat_file(path), tag)
    except FileNotFoundError:
        return SeenFile(None)


def replace_seen(lake: Lake, path: str, content: bytes, seen: SeenFile) -> bool:
    """Write the file, unless another process has written it since it was ``seen``. Return whether it holds ``content``.

    Where ``keeps_condition`` says no, and in a folder, it is written in any case.
    """
    if lake.local or not keeps_condition(lake):
        write_small_file(lake, path, content)
        return True
    condition = {"IfNoneMatch": "*"} if seen.content is None else {"IfMatch": seen.tag}
    try:
        lake.fs.pipe_file(path, content, **condition)
    except OSError as error:
        if _status(error) not in _OVERTAKEN:
            raise
        # A write whose answer was lost is made again by the client, and then meets itself.
        return see_file(lake, path).content == content
    return True


@lru_cache(maxsize=8)
def keeps_condition(lake: Lake) -> bool:
    """Return whether the object store replaces a file only on condition: it is asked once, with ``.citylake``.

    Stores that are not reached by S3's protocol are not asked: False. Raises OSError if the store does not answer.
    """
    if lake.url.partition("://")[0] not in ("s3", "s3a"):
        return False
    try:
        lake.fs.pipe_file(lake.path(LAKE_MARKER), b"", IfMatch=_NO_FILE)
    except OSError as error:
        if _status(error) in _UNKNOWN:
            return False
        if _status(error) not in _OVERTAKEN:
            raise
        return True
    return False


def _status(error: OSError) -> int | None:
    """The HTTP status that the store answered with; None: it did not answer, or there is no such bucket."""
    answer = getattr(error.__cause__, "response", None) or {}
    if answer.get("Error", {}).get("Code") == "NoSuchBucket":
        return None
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return int(status) if status else None
