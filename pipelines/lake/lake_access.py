"""Whether a lake can be used at all: asked before anything else, so that the answer is one clear sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError

LAKE_MARKER = ".citylake"
"""The object by which every run tries its store."""
RESTORING_MARKER = ".restoring"
"""What lies in a lake while it is being made again from a backup."""
_USAGE = (FileNotFoundError, FileExistsError, NotADirectoryError, PermissionError, ValueError)
"""What asking again would not mend; anything else (a network, a server, credentials that expired) may pass."""


def check_readable(lake: Lake) -> Lake:
    """The lake, if its place answers; it may be empty.

    Raises LAKE_UNUSABLE, LAKE_UNREACHABLE, LAKE_NEEDS_EXTRA, and LAKE_RESTORING while it is made again from a backup.
    """
    with _explain_errors(lake):
        _list_root(lake)
        _refuse_restoring(lake)
    return lake


def check_reachable(place: Lake) -> Lake:
    """A lake, or another place, if it answers; it may be empty. Raises LAKE_UNUSABLE and the like."""
    with _explain_errors(place):
        _list_root(place)
    return place


def check_writable(lake: Lake) -> Lake:
    """The lake, if a run can write to it and two runs at once are safe. Raises LAKE_OVERWRITES, too."""
    with _explain_errors(lake):
        if lake.local:
            os.makedirs(lake.url, exist_ok=True)
            if not os.access(lake.url, os.W_OK | os.X_OK):
                raise PermissionError(f"no permission to write to {lake.url}")
        else:
            _check_conditional_put(lake)
        _refuse_restoring(lake)
    return lake


@contextmanager
def _explain_errors(lake: Lake) -> Iterator[None]:
    if "%" in lake.url:
        # deltalake takes it for the beginning of an encoded byte, and writes to another place.
        raise CitylakeError("LAKE_PERCENT", lake=lake.url)
    try:
        yield
    except CitylakeError:
        raise
    except ImportError as error:
        raise CitylakeError("LAKE_NEEDS_EXTRA", lake=lake.url, why=str(error)) from error
    except Exception as error:
        code = "LAKE_UNUSABLE" if isinstance(error, _USAGE) else "LAKE_UNREACHABLE"
        raise CitylakeError(code, lake=lake.url, why=str(error) or type(error).__name__) from error


def _list_root(lake: Lake) -> None:
    """An empty lake is not there yet, and neither is a bucket that does not exist; only the first is right."""
    if lake.local:
        if os.path.exists(lake.url):
            os.scandir(lake.url).close()
        return
    try:
        lake.fs.ls(lake.url, detail=False)
    except FileNotFoundError:
        bucket = lake.fs_path(lake.url).partition("/")[0]
        if bucket and not lake.fs.exists(bucket):
            raise


def _refuse_restoring(lake: Lake) -> None:
    path = lake.path(RESTORING_MARKER)
    if os.path.exists(path) if lake.local else lake.fs.exists(path):
        raise CitylakeError("LAKE_RESTORING", lake=lake.url)


def _check_conditional_put(lake: Lake) -> None:
    """Delta's commits are writes that must fail where the object is there already: see that they do."""
    for _ in range(2):
        try:
            lake.fs.pipe_file(lake.path(LAKE_MARKER), b"", mode="create")
        except FileExistsError:
            return
    raise CitylakeError("LAKE_OVERWRITES", lake=lake.url)
