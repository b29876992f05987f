"""Landed files, which may be stored compressed by zstd; who reads them gets the bytes as received.

The stored name says it: ``NAME.landed.zst`` holds the received file ``NAME``. No received file keeps a name with this
ending (:func:`citylake.pipelines.pull.landing_names.landing_name`), so a received ``.zst`` file is never taken for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, cast

from citylake.pipelines.lake.digests.file_digest import open_whole_file
from citylake.pipelines.lake.lake_zones import Lake

STORED_SUFFIX = ".landed.zst"
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1", b"7z\xbc\xaf\x27\x1c")
"""Signatures of gzip, bzip2, xz, zstd, zip (also XLSX and GTFS), Parquet and 7z: nothing to gain."""


def is_stored_compressed(path: str) -> bool:
    """Whether the lake has compressed the landed file at ``path``."""
    return path.endswith(STORED_SUFFIX)


def received_path(path: str) -> str:
    """The path of a landed file without what the lake added to its name."""
    return path.removesuffix(STORED_SUFFIX)


def stored_name(name: str, head: bytes, *, compress: bool) -> str:
    """The name by which a received file is stored. ``head``: its first bytes; a compressed file stays as it is."""
    return f"{name}{STORED_SUFFIX}" if compress and head and not head.startswith(_COMPRESSED) else name


@contextmanager
def open_landed(lake: Lake, path: str) -> Iterator[IO[bytes]]:
    """Open the bytes as received, to be read to their end.

    Raises FileNotFoundError; reading a damaged file raises OSError without a number, or gives other bytes (zstd streams
    have no check of their own): compare them with the receipt's SHA-256.
    """
    with open_whole_file(lake, path) as stored:
        if not is_stored_compressed(path):
            yield stored
            return
        import pyarrow as pa

        with pa.CompressedInputStream(pa.PythonFile(stored, mode="r"), "zstd") as plain:
            yield cast("IO[bytes]", plain)


@contextmanager
def create_landed(fs: Any, path: str, *, compress: bool) -> Iterator[IO[bytes]]:
    """Create the file at ``path``; what is written to the stream is compressed if ``compress``. Raises OSError."""
    with fs.open(path, "wb") as file:
        if not compress:
            yield file
            return
        import pyarrow as pa

        packed = pa.CompressedOutputStream(pa.PythonFile(file, mode="w"), "zstd")
        try:
            yield cast("IO[bytes]", packed)
        except BaseException:
            # The first fault counts: closing writes what is left, which fails again on a full disk.
            with suppress(OSError):
                packed.close()
            raise
        packed.close()
