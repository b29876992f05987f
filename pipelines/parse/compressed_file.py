"""Compressed files (gzip, bzip2, xz, Zstandard), recognised by their first bytes and unpacked within a limit."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from citylake.pipelines.parse.parse_limits import expansion_limit
from citylake.schemas.words.errors import CitylakeError

_CHUNK = 1 << 20
_MAGIC = ((b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"))
_BLOCK_MAGIC = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
"""What follows ``BZh`` and a digit: the first block, or the end of an empty file."""
DEFAULT_UNPACKED_BYTES = 50_000_000_000
"""The limit for sources that state none."""


def compression_of(head: bytes) -> str | None:
    """The compression whose signature ``head`` begins with."""
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), None)
    return None if found == "bzip2" and not head[4:].startswith(_BLOCK_MAGIC) else found


def unpack_file(path: Path, target: Path, shown: str, limit: int, *, sure: bool = True) -> Path:
    """``path``, or ``target`` with what it contains; raises COMPRESSED_BROKEN or COMPRESSED_TOO_LARGE.

    Raises FILE_EXPANDS for what only a compression bomb does, unless ``sure``: a contract states the limit.
    """
    with path.open("rb") as file:
        kind = compression_of(file.read(16))
    if kind is None:
        return path
    size = path.stat().st_size
    most = limit if sure else expansion_limit(size)
    try:
        with target.open("wb") as out:
            for chunk in _unpacked(path, kind):
                if out.tell() > most:
                    raise CitylakeError("FILE_EXPANDS", file=shown, size=size, limit=most)
                if out.tell() + len(chunk) > limit:
                    raise CitylakeError("COMPRESSED_TOO_LARGE", file=shown, compression=kind, limit=limit)
                out.write(chunk)
    except (EOFError, zlib.error, lzma.LZMAError, ValueError, gzip.BadGzipFile) as error:
        raise _broken(shown, kind, error) from error
    except OSError as error:
        # The libraries' faults have no number; those of the disk have one.
        if error.errno is not None:
            raise
        raise _broken(shown, kind, error) from error
    return target


def unpack_head(head: bytes, most: int = _CHUNK) -> bytes:
    """The first bytes of what a compressed file contains, by its own first bytes; ``head`` itself if it is none."""
    kind = compression_of(head)
    if kind is None:
        return head
    from io import BytesIO

    found = b""
    try:
        with closing(_openers()[kind](BytesIO(head))) as stream:
            while len(found) < most and (chunk := stream.read(1 << 12)):
                found += chunk
    except (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError):
        return found or head
    return found


def _unpacked(path: Path, kind: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from unpacked_chunks(file, kind)


def unpacked_chunks(file: IO[bytes], kind: str) -> Iterator[bytes]:
    """What a file with the compression ``kind`` contains; raises the errors of its library."""
    with closing(_openers()[kind](file)) as stream:
        while chunk := stream.read(_CHUNK):
            yield bytes(chunk)


def _openers() -> dict[str, Callable[[IO[bytes]], Any]]:
    def open_zstd(file: IO[bytes]) -> Any:
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")

    return {
        "gzip": lambda file: gzip.GzipFile(fileobj=file, mode="rb"),
        "bzip2": bz2.BZ2File,
        "xz": lzma.LZMAFile,
        "zstd": open_zstd,
    }


def _broken(shown: str, kind: str, error: Exception) -> CitylakeError:
    return CitylakeError("COMPRESSED_BROKEN", file=shown, compression=kind, reason=str(error) or type(error).__name__)
