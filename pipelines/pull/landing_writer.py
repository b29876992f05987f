"""Writing to the landing zone, with the SHA-256 of what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import create_landed, is_stored_compressed, stored_name
from citylake.pipelines.pull.connector_api import LandedPart
from citylake.pipelines.pull.landing_names import landing_name
from citylake.schemas.words.errors import CitylakeError

_HELD = 1 << 20
"""Limit for small files that are kept in memory, bytes: if their content is known already, nothing is written."""


@dataclass(slots=True)
class LandingWriter:
    """The folder of a receipt: its files in order, and the SHA-256 of their concatenation.

    ``place`` names the folder; it is called before the first file is written, and by no receipt that stores nothing.
    ``compress``: files that are not compressed as received are stored compressed; ``seal``: all are stored sealed. Size
    and SHA-256 are of the received bytes.
    """

    lake: Lake
    place: Callable[[], str]
    compress: bool = False
    seal: bool = False
    names: list[str] = field(default_factory=list)
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    _held: dict[str, bytes] = field(default_factory=dict)
    _room: int = _HELD
    _names: set[str] = field(default_factory=set)
    _stored: dict[str, str] = field(default_factory=dict)
    """By name, the name in the folder."""
    _begun: bool = False
    """Whether anything was written."""

    @property
    def folder(self) -> str:
        """The folder of the files."""
        return self.place()

    @property
    def paths(self) -> list[str]:
        """The paths of the files, in order."""
        return [f"{self.folder}/{self._stored.get(name, name)}" for name in self.names]

    def take(self, parts: Iterator[LandedPart]) -> None:
        """Receive every part; after a fault the complete files before it stay. :meth:`keep` writes buffered ones."""
        for part in parts:
            self._take(part)

    def keep(self) -> None:
        """Write the buffered small files; raises LANDING_UNWRITABLE."""
        self._room = 0
        while self._held:
            name, whole = next(iter(self._held.items()))
            # The digest contains them already.
            self._store(name, iter([whole]), hashlib.sha256())
            del self._held[name]

    def remove(self) -> None:
        """Remove everything that was written."""
        if self._begun and self.lake.fs.exists(self.folder):
            self.lake.fs.rm(self.folder, recursive=True)
        self.names.clear()
        self._held.clear()

    def _take(self, part: LandedPart) -> None:
        name, digest = self._new_name(part.name), self.digest.copy()
        small, chunks = _read_small(part.chunks, self._room)
        if small is None:
            self.keep()
            size = self._store(name, chunks, digest)
        else:
            digest.update(small)
            self._held[name], size = small, len(small)
            self._room -= size
        self.names.append(name)
        self.size, self.digest = self.size + size, digest

    def _new_name(self, name: str) -> str:
        """A name that no part of this receipt has; a pull that is continued begins with the parts of the earlier."""
        if len(self._names) != len(self.names):
            self._names = {each.casefold() for each in self.names}
        found = landing_name(name, self._names)
        self._names.add(found.casefold())
        return found

    def _store(self, name: str, chunks: Iterator[bytes], digest: Any) -> int:
        first = next(chunks, b"")
        folder, stored = self.folder, stored_name(name, first, compress=self.compress, seal=self.seal)
        path, partial = f"{folder}/{stored}", f"{folder}/.{stored}.partial"
        self._begun = True
        self.lake.makedirs(folder)
        try:
            whole, compress = chain([first], chunks), is_stored_compressed(stored)
            size = _write_hashed(self.lake.fs, partial, whole, digest, compress=compress, seal=self.seal)
        except BaseException:
            if self.lake.fs.exists(partial):
                self.lake.remove(partial)
            raise
        self.lake.rename(partial, path)
        self._stored[name] = stored
        return size


def _read_small(chunks: Iterator[bytes], most: int) -> tuple[bytes | None, Iterator[bytes]]:
    """The content of ``chunks`` if it is shorter than ``most`` bytes; else None, and an iterator over all chunks."""
    held: list[bytes] = []
    left = most
    while left > 0:
        chunk = next(chunks, None)
        if chunk is None:
            return b"".join(held), iter(())
        held.append(chunk)
        left -= len(chunk)
    return None, chain(held, chunks)


def _write_hashed(fs: Any, path: str, chunks: Iterator[bytes], digest: Any, *, compress: bool, seal: bool) -> int:
    """Write ``chunks``; returns the number of their bytes as received. Raises LANDING_UNWRITABLE."""
    size = 0
    with create_landed(fs, path, compress=compress, seal=seal) as file:
        for chunk in chunks:
            # Not in another thread: the chunk is still in this core's cache.
            digest.update(chunk)
            size += len(chunk)
            with _unwritable(path):
                file.write(chunk)
        with _unwritable(path):
            # A compressed stream writes its last bytes here.
            file.close()
    return size


@contextmanager
def _unwritable(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CitylakeError("LANDING_UNWRITABLE", path=path, reason=error.strerror or str(error)) from error
