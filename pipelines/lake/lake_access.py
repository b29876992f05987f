"""Checks that a lake can be used, made before anything else so that a failure is reported in one clear sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from citylake.pipelines.lake.lake_format import read_format, state_format_of_new_lake
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError

LAKE_MARKER = ".citylake"
"""The object that tests conditional writes."""
RESTORING_MARKER = ".restoring"
"""The object that marks a lake whose restore is not finished."""
_USAGE = (FileNotFoundError, FileExistsError, NotADirectoryError, PermissionError, ValueError)
"""Errors of configuration, which a retry does not fix. Others (network, server, expired credentials) may pass."""


def check_readable(lake: Lake) -> Lake:
    """Return the lake if its storage answers; it may be empty.

    Raises LAKE_UNUSABLE, LAKE_UNREACHABLE, LAKE_NEEDS_EXTRA, LAKE_PERCENT, LAKE_TOO_NEW, LAKE_FORMAT_UNREADABLE, and
    LAKE_RESTORING during a restore.
    """
    with _explain_errors(lake):
        _list_root(lake)
        _refuse_restoring(lake)
        read_format(lake)
    return lake


def check_reachable(place: Lake) -> Lake:
    """Return the location of a lake or a backup if it answers. Raises LAKE_UNUSABLE, LAKE_UNREACHABLE and the like."""
    with _explain_errors(place):
        _list_root(place)
    return place


def check_writable(lake: Lake) -> Lake:
    """Return the lake if it is writable and concurrent runs are safe. A new one gets its format.

    Raises as :func:`check_readable`, and LAKE_OVERWRITES if the store ignores conditional writes.
    """
    with _explain_errors(lake):
        if lake.local:
            os.makedirs(lake.url, exist_ok=True)
            if not os.access(lake.url, os.W_OK | os.X_OK):
                raise PermissionError(f"no permission to write to {lake.url}")
        else:
            _check_conditional_put(lake)
        _refuse_restoring(lake)
        state_format_of_new_lake(lake)
    return lake


@contextmanager
def _explain_errors(lake: Lake) -> Iterator[None]:
    if "%" in lake.url:
        # deltalake decodes it as the start of an encoded byte and writes to another path.
        raise CitylakeError("LAKE_PERCENT", lake=lake.url)
    if lake.url.endswith("://"):
        raise CitylakeError("LAKE_UNUSABLE", lake=lake.url, why="the URL names no bucket")
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
    """A missing folder or prefix is an empty lake; a missing bucket is an error."""
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
    """Check that a write with ``mode="create"`` fails if the object exists: Delta commits depend on it."""
    for _ in range(2):
        try:
            lake.fs.pipe_file(lake.path(LAKE_MARKER), b"", mode="create")
        except FileExistsError:
            return
    raise CitylakeError("LAKE_OVERWRITES", lake=lake.url)
