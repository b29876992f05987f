"""Whole files that are sealed: ``NAME.age`` is the age file of what ``NAME`` would hold."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from citylake.pipelines.lake.age_stream import OpeningStream, SealingStream, WrongKeyError
from citylake.pipelines.lake.digests.file_digest import open_whole_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.seal_keys import SealKeys, seal_keys
from citylake.schemas.words.errors import CitylakeError

SEAL_SUFFIX: Final = ".age"
_CHUNK = 1 << 20


def is_sealed_file(path: str) -> bool:
    """Whether the file at ``path``, in the zones landing or raw, is sealed by its name."""
    return path.endswith(SEAL_SUFFIX)


@contextmanager
def open_sealed(lake: Lake, path: str, keys: SealKeys | None = None) -> Iterator[IO[bytes]]:
    """Open what a sealed file holds. ``keys``: default is those of this process.

    Raises FileNotFoundError, KEY_UNSET and SEAL_KEY_WRONG; reading a damaged file raises OSError without a number.
    """
    held = keys or seal_keys()
    try:
        with open_whole_file(lake, path) as stored, OpeningStream(stored, held) as raw:
            yield cast("IO[bytes]", io.BufferedReader(raw, _CHUNK))
    except WrongKeyError as error:
        raise CitylakeError("SEAL_KEY_WRONG", file=path, tried=", ".join(held.names)) from error


def seal_file(lake: Lake, source: Path, path: str) -> None:
    """Write the local file ``source`` to ``path`` in the lake, sealed; what was there is replaced at the end."""
    with source.open("rb") as plain:
        seal_stream(lake, plain, path)


def seal_stream(lake: Lake, plain: IO[bytes], path: str) -> None:
    """Write ``plain`` to ``path`` in the lake, sealed; what was there is replaced at the end. Raises KEY_UNSET."""
    keys = seal_keys()
    folder, _, name = path.rpartition("/")
    partial = f"{folder}/.{name}.partial"
    with lake.fs.open(partial, "wb") as file, SealingStream(file, keys) as sealed:
        shutil.copyfileobj(plain, cast("IO[bytes]", sealed), _CHUNK)
    lake.rename(partial, path)


def plain_copies(lake: Lake, paths: Sequence[str], folder: Path) -> tuple[str, ...]:
    """The paths, with a decrypted copy in ``folder`` (which no other user can open) in place of each sealed file.

    Raises as :func:`open_sealed`; SEALED_DAMAGED if a sealed file is damaged.
    """
    return tuple(_plain_copy(lake, path, folder) if is_sealed_file(path) else path for path in paths)


def _plain_copy(lake: Lake, path: str, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem, _, name = path.removesuffix(SEAL_SUFFIX).rpartition("/")
    copy = folder / f"{stem.rpartition('/')[2]}-{name}"
    try:
        with open_sealed(lake, path) as plain, open(copy, "wb", opener=_private) as file:
            shutil.copyfileobj(plain, file, _CHUNK)
    except OSError as error:
        if error.errno is None:
            raise CitylakeError("SEALED_DAMAGED", file=path, reason=str(error)) from error
        raise
    return str(copy)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
