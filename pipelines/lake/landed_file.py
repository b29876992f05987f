"""Landed files, which the lake may store compressed by zstd or sealed by age; who reads them gets the bytes received.

The stored name says it: ``NAME.landed.zst``, ``NAME.landed.age`` and ``NAME.landed.zst.age`` hold the received file
``NAME``. No received file keeps a name with such an ending
(:func:`citylake.pipelines.pull.landing_names.landing_name`), so a received ``.zst`` file is never taken for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, Any, cast

from citylake.pipelines.lake.age_stream import SealingStream
from citylake.pipelines.lake.digests.file_digest import open_whole_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.seal_keys import seal_keys
from citylake.pipelines.lake.sealed_file import SEAL_SUFFIX, open_sealed

STORED_SUFFIX = ".landed.zst"
SEALED_ENDINGS = (".landed.age", ".landed.zst.age")
STORED_ENDINGS = (STORED_SUFFIX, *SEALED_ENDINGS)
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1", b"7z\xbc\xaf\x27\x1c")
"""Signatures of gzip, bzip2, xz, zstd, zip (also XLSX and GTFS), Parquet and 7z: nothing to gain."""


def is_stored_compressed(path: str) -> bool:
    """Whether the lake has compressed the landed file at ``path``."""
    return path.removesuffix(SEAL_SUFFIX).endswith(STORED_SUFFIX)


def is_landed_sealed(path: str) -> bool:
    """Whether the landed file at ``path`` is sealed."""
    return path.endswith(SEALED_ENDINGS)


def is_stored_as_received(path: str) -> bool:
    """Whether the bytes at ``path`` are those that were received: neither compressed nor sealed."""
    return not path.endswith(STORED_ENDINGS)


def received_path(path: str) -> str:
    """The path of a landed file without what the lake added to its name."""
    ending = next((each for each in sorted(STORED_ENDINGS, key=len, reverse=True) if path.endswith(each)), "")
    return path.removesuffix(ending)


def stored_name(name: str, head: bytes, *, compress: bool, seal: bool = False) -> str:
    """The name by which a received file is stored. ``head``: its first bytes; a compressed file stays as it is."""
    stored = f"{name}{STORED_SUFFIX}" if compress and head and not head.startswith(_COMPRESSED) else name
    return sealed_name(stored) if seal else stored


def sealed_name(stored: str) -> str:
    """The name or path under which a stored file lies once it is sealed."""
    if is_landed_sealed(stored):
        return stored
    return f"{stored}{SEAL_SUFFIX}" if is_stored_compressed(stored) else f"{stored}{SEALED_ENDINGS[0]}"


def landed_place(exists: Callable[[str], bool], path: str) -> str:
    """Where a landed file lies: at ``path``, as its receipt says, or sealed since then (``citylake keys reseal``)."""
    sealed = sealed_name(path)
    return sealed if sealed != path and not exists(path) and exists(sealed) else path


@contextmanager
def open_landed(lake: Lake, path: str) -> Iterator[IO[bytes]]:
    """Open the bytes as received, to be read to their end.

    Raises FileNotFoundError; KEY_UNSET or SEAL_KEY_WRONG if the file is sealed; reading a damaged file raises OSError
    without a number, or gives other bytes (zstd streams have no check of their own): compare them with the receipt's
    SHA-256.
    """
    with ExitStack() as stack:
        opened = open_sealed(lake, path) if is_landed_sealed(path) else open_whole_file(lake, path)
        stored = stack.enter_context(opened)
        if not is_stored_compressed(path):
            yield stored
            return
        import pyarrow as pa

        yield cast("IO[bytes]", stack.enter_context(pa.CompressedInputStream(pa.PythonFile(stored, mode="r"), "zstd")))


@contextmanager
def create_landed(fs: Any, path: str, *, compress: bool, seal: bool = False) -> Iterator[IO[bytes]]:
    """Create the file at ``path``; what is written to the stream is compressed and sealed if so. Raises OSError."""
    keys = seal_keys() if seal else None
    with fs.open(path, "wb") as file, ExitStack() as stack:
        stored: Any = SealingStream(file, keys) if keys else file
        if keys:
            stack.callback(stored.close)
        if not compress:
            yield cast("IO[bytes]", stored)
            return
        import pyarrow as pa

        packed = pa.CompressedOutputStream(pa.PythonFile(stored, mode="w"), "zstd")
        try:
            yield cast("IO[bytes]", packed)
        except BaseException:
            # The first fault counts: closing writes what is left, which fails again on a full disk.
            with suppress(OSError):
                packed.close()
            raise
        packed.close()
