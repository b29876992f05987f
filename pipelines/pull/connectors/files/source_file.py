"""One file of a store, and reading it over connections that may be lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from citylake.pipelines.pull.connectors.files.file_store import FileStore
from citylake.pipelines.pull.connectors.files.file_version import FileVersion, read_file_version
from citylake.pipelines.pull.connectors.files.local_files import (
    check_local_file,
    file_identity,
    is_local,
    open_local_file,
    wait_for_tick,
)
from citylake.schemas.words.errors import CitylakeError

_CHUNK = 1 << 18
"""Bytes read at once: they are hashed and written while they are in the processor's cache."""
_STORE_CHUNK = 1 << 21
"""The same from a remote store, where every read is a call with a time limit of its own."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file: its path in the store, its path for messages, its name, and its version when it was listed."""

    store: FileStore
    path: str
    shown: str
    name: str
    marks: FileVersion
    bounds: str | None = None
    """The folder, as a real path, that a local file must be in; None if links may lead anywhere."""

    @property
    def folder(self) -> str:
        """The path of its folder."""
        above, slash, _ = self.path.rpartition("/")
        return above or slash

    def marks_now(self) -> FileVersion:
        """Its current version, read from the store."""

        def look(fs: Any) -> FileVersion:
            fs.invalidate_cache()
            found = read_file_version(fs.info(self.path))
            return replace(found, identity=file_identity(os.stat(self.path))) if is_local(fs) else found

        return self.store.ask(self.shown, look)

    def marks_at_rest(self) -> FileVersion:
        """The same, such that any later change of a local file is seen in it."""

        def wait(fs: Any) -> None:
            if is_local(fs):
                check_local_file(self.path, self.shown, self.bounds)
                wait_for_tick(self.path)

        self.store.ask(self.shown, wait)
        return self.marks_now()


class FileReader:
    """A file opened for reading; if the connection is lost, it is opened again at the same position.

    ``expected``: the version that a local file must have when it is opened, else FILE_REPLACED is raised.
    """

    def __init__(self, file: SourceFile, expected: FileVersion | None = None) -> None:
        self._file, self._at = file, 0
        self._expected = expected
        self._open: tuple[Any, Any] = (None, None)
        """The file system and its stream: replaced together, because a call past its time limit may still go on."""

    def __enter__(self) -> FileReader:
        return self

    def __exit__(self, *_: object) -> None:
        # A lost connection cannot be closed.
        fs, stream = self._open
        if stream is not None and self._file.store.uses(fs):
            self._file.store.close_stream(stream)

    def chunks(self, most: int | None) -> Iterator[bytes]:
        """The bytes in bounded chunks, at most ``most``: a growing file would have no end."""
        size = _STORE_CHUNK if self._file.store.url else _CHUNK
        left = size if most is None else most
        while left and (chunk := self.read(min(left, size))):
            left -= 0 if most is None else len(chunk)
            yield chunk

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes from the current position; empty at the end."""
        chunk = self._file.store.ask(self._file.shown, lambda fs: bytes(self._opened(fs).read(size)))
        self._at += len(chunk)
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        """Set the position, as ``io.IOBase.seek``; raises OSError if it is before the beginning."""
        place = offset + (self._at if whence == os.SEEK_CUR else self._seek(0, whence) if whence else 0)
        if place < 0:
            # zipfile does this for a short file, and handles the error.
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = self._seek(place)
        return self._at

    def _seek(self, offset: int, whence: int = 0) -> int:
        return self._file.store.ask(self._file.shown, lambda fs: int(self._opened(fs).seek(offset, whence)))

    def _opened(self, fs: Any) -> Any:
        known, stream = self._open
        if known is not fs:
            stream = self._opened_local() if is_local(fs) else fs.open(self._file.path, "rb")
            if self._at:
                stream.seek(self._at)
            self._open = (fs, stream)
        return stream

    def _opened_local(self) -> Any:
        stream = open_local_file(self._file.path, self._file.shown, self._file.bounds)
        expected = self._expected.identity if self._expected else None
        if expected is not None and file_identity(os.fstat(stream.fileno())) != expected:
            stream.close()
            raise CitylakeError("FILE_REPLACED", source=self._file.shown)
        return stream

    def tell(self) -> int:
        """The current position."""
        return self._at

    def seekable(self) -> bool:
        """True: zipfile needs it."""
        return True


def require_unchanged(file: SourceFile, before: FileVersion, read: int | None = None) -> None:
    """Raise FILE_GROWING if the version is not ``before`` any more, STORE_BROKE_OFF if fewer bytes were ``read``.

    FILE_REPLACED, if its size and its time of change are the same.
    """
    after = file.marks_now()
    if after != before and (after.size, after.changed_at) == (before.size, before.changed_at):
        raise CitylakeError("FILE_REPLACED", source=file.shown)
    if after != before:
        reason = f"{before.size} → {after.size}"
        raise CitylakeError("FILE_GROWING", source=file.shown, reason=reason)
    if read is not None and before.size is not None and read != before.size:
        raise CitylakeError("STORE_BROKE_OFF", source=file.shown, reason=f"{read} < {before.size}")
