"""Copies files between stores atomically, and computes their SHA-256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

from citylake.pipelines.lake.durable_files import replace_file
from citylake.pipelines.lake.lake_zones import Lake

_CHUNK = 8 * 2**20
_END_MARKERS = {".parquet": b"PAR1", ".html": b"</html>"}
"""The last bytes of a completely written file, by suffix."""


def copy_lake_file(source: Lake, path: str, target: Lake, to: str) -> tuple[int, str]:
    """Copy one file. Return its size in bytes and its SHA-256. Raises FileNotFoundError."""
    with source.fs.open(source.path(path), "rb") as file:
        return write_whole_file(target, to, _chunks(file))


def write_whole_file(target: Lake, to: str, chunks: Iterator[bytes]) -> tuple[int, str]:
    """Write one file atomically: it gets its name when it is complete and synced. Return its size and SHA-256."""
    whole = target.path(to)
    target.makedirs(whole.rpartition("/")[0])
    if not target.local:
        with target.fs.open(whole, "wb") as file:
            return _write_chunks(file, chunks)
    part = f"{whole}.{os.getpid()}.partial"
    try:
        with open(part, "wb") as file:
            written = _write_chunks(file, chunks)
        replace_file(target, part, whole)
    except BaseException:
        if os.path.exists(part):
            os.remove(part)
        raise
    return written


def is_file_complete(lake: Lake, path: str) -> bool:
    """Return whether a file is completely written, by its last bytes. Always true on an object store."""
    end = next((end for suffix, end in _END_MARKERS.items() if path.endswith(suffix)), None)
    if end is None or not lake.local:
        return True
    with open(lake.path(path), "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 2 * len(end)))
        return file.read().rstrip().endswith(end)


def _chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _write_chunks(file: Any, chunks: Iterator[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        file.write(chunk)
        size += len(chunk)
    return size, digest.hexdigest()
