"""Copying a file from one store to another, whole or not at all, with its SHA-256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake

_CHUNK = 8 * 2**20
_END_MARKERS = {".parquet": b"PAR1", ".html": b"</html>"}
"""How a file ends that is written to its end."""


def copy_lake_file(source: Lake, path: str, target: Lake, to: str) -> tuple[int, str]:
    """Copy one file; its size and SHA-256. Raises FileNotFoundError where it is gone."""
    with source.fs.open(source.path(path), "rb") as file:
        return write_whole_file(target, to, _chunks(file))


def write_whole_file(target: Lake, to: str, chunks: Iterator[bytes]) -> tuple[int, str]:
    """Write one file, which has its name only once it is whole and stored; its size and SHA-256."""
    whole = target.path(to)
    target.makedirs(whole.rpartition("/")[0])
    if not target.local:
        with target.fs.open(whole, "wb") as file:
            return _write_chunks(file, chunks)
    part = f"{whole}.{os.getpid()}.partial"
    try:
        with open(part, "wb") as file:
            told = _write_chunks(file, chunks)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, whole)
    except BaseException:
        if os.path.exists(part):
            os.remove(part)
        raise
    return told


def file_sha256(lake: Lake, path: str) -> str:
    """The SHA-256 of a file."""
    told = hashlib.sha256()
    with lake.fs.open(lake.path(path), "rb") as file:
        for chunk in _chunks(file):
            told.update(chunk)
    return told.hexdigest()


def is_file_complete(lake: Lake, path: str) -> bool:
    """Whether nobody is still writing the file. An object has its name only when it is whole."""
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
    told, size = hashlib.sha256(), 0
    for chunk in chunks:
        told.update(chunk)
        file.write(chunk)
        size += len(chunk)
    return size, told.hexdigest()
