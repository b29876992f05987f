"""Bytes to the landing zone, hashed on their way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from pipelines.lake import Lake
from pipelines.pull.connector import Part
from schemas.faults import CitylakeError

_LARGE = 1 << 19
"""Bytes from which a chunk is worth a thread."""


@dataclass(slots=True)
class Landing:
    """A receipt's folder while it fills: the stored files in order, and the SHA-256 of them all, joined."""

    lake: Lake
    folder: str
    paths: list[str] = field(default_factory=list)
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def store(self, parts: Iterator[Part]) -> None:
        """Store every part; what was stored before a fault stays, whole files only."""
        for part in parts:
            self._store(part)

    def remove(self) -> None:
        """Leave nothing behind."""
        if self.lake.fs.exists(self.folder):
            self.lake.fs.rm(self.folder, recursive=True)
        self.paths.clear()

    def _store(self, part: Part) -> None:
        name = _file_name(part.name)
        path, partial = f"{self.folder}/{name}", f"{self.folder}/.{name}.partial"
        digest = self.digest.copy()
        self.lake.makedirs(self.folder)
        try:
            size = _write(self.lake.fs, partial, part.chunks, digest)
        except BaseException:
            if self.lake.fs.exists(partial):
                self.lake.remove(partial)
            raise
        self.lake.rename(partial, path)
        self.paths.append(path)
        self.size, self.digest = self.size + size, digest


def _write(fs: Any, path: str, chunks: Iterator[bytes], digest: Any) -> int:
    """The bytes written. A large chunk is hashed while it is written and the next one read."""
    size, hashed = 0, Future[None]()
    hashed.set_result(None)
    with fs.open(path, "wb") as file, ThreadPoolExecutor(1, "citylake-digest") as beside:
        for chunk in chunks:
            hashed.result()
            if len(chunk) < _LARGE:
                digest.update(chunk)
            else:
                hashed = beside.submit(digest.update, chunk)
            size += len(chunk)
            try:
                file.write(chunk)
            except OSError as error:
                raise CitylakeError("LANDING_UNWRITABLE", path=path, reason=error.strerror or str(error)) from error
        hashed.result()
    return size


def _file_name(name: str) -> str:
    """The last part of ``name``, safe as a file's name on every store."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r'[\x00-\x1f<>:"|?*]', "_", last).strip(". ") or "data"
