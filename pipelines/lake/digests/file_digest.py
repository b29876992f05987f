"""The SHA-256 of files, computed in threads: hashing does not hold Python's lock."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TypeVar

from citylake.pipelines.lake.lake_zones import Lake

Item = TypeVar("Item")
Result = TypeVar("Result")
HASHED_AT_ONCE = 4
_CHUNK = 1 << 20
_WHOLE = 16 << 20
"""Files of an object store up to this size are fetched by one request, bytes."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """The size of a file in bytes and its SHA-256 in hexadecimal."""

    size_bytes: int
    sha256: str

    @property
    def short(self) -> str:
        """The digest for people: size and the first digits."""
        return f"{self.size_bytes:,} B, SHA-256 {self.sha256[:12]}…"


def digest_bytes(content: bytes) -> FileDigest:
    """Return the digest of bytes in memory."""
    return FileDigest(len(content), hashlib.sha256(content).hexdigest())


def digest_file(lake: Lake, path: str) -> FileDigest:
    """Return the digest of the file at ``path`` (a full path). Raises FileNotFoundError."""
    with open_whole_file(lake, path) as stream:
        return digest_stream(stream)


def digest_stream(*streams: IO[bytes]) -> FileDigest:
    """Return the digest of the concatenation of ``streams``, read to their ends."""
    digest, size = hashlib.sha256(), 0
    for chunk in (chunk for stream in streams for chunk in _chunks(stream)):
        digest.update(chunk)
        size += len(chunk)
    return FileDigest(size, digest.hexdigest())


@contextmanager
def open_whole_file(lake: Lake, path: str) -> Iterator[IO[bytes]]:
    """Open a file that is read to its end, with few requests on an object store. Raises FileNotFoundError."""
    if lake.local:
        with open(path, "rb") as stream:
            yield stream
    elif lake.fs.size(path) <= _WHOLE:
        yield io.BytesIO(lake.fs.cat_file(path))
    else:
        with lake.fs.open(path, "rb") as stream:
            yield stream


def digest_files(lake: Lake, paths: Collection[str]) -> dict[str, FileDigest]:
    """Return the digests of files by full path, computed in threads; files that do not exist are left out."""

    def one(path: str) -> FileDigest | None:
        try:
            return digest_file(lake, path)
        except FileNotFoundError:
            return None

    found = zip(paths, in_threads(one, paths), strict=True)
    return {path: digest for path, digest in found if digest}


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return ``work`` of each item, in order, with ``HASHED_AT_ONCE`` threads if there are several."""
    many = list(items)
    if len(many) < 2:
        return [work(item) for item in many]
    with ThreadPoolExecutor(min(HASHED_AT_ONCE, len(many)), "citylake-digest") as pool:
        return list(pool.map(work, many))


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk
