"""``files``: files by path, glob or fsspec URL, and members of zips, in natural order of their names."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import fsspec

from pipelines.pull import archive
from pipelines.pull.connector import Fetch, Part, Pulling, Tally, refused
from pipelines.pull.redact import shown_url
from schemas.faults import CitylakeError
from schemas.source import FilesSource

_CHUNK = 1 << 21
# What editors and file managers leave beside the files of a department.
_HIDDEN = (".", "~$")
_MAGIC = re.compile(r"[*?\[]")


class _File(NamedTuple):
    fs: Any
    path: str
    shown: str
    name: str


def fetches(source: FilesSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch a file, or a member; a pattern that matches nothing is a fetch that fails."""
    root = os.path.abspath(pulling.variables.get("WORKSPACE", "."))
    patterns = (source.path,) if isinstance(source.path, str) else source.path
    found: dict[str, _File] = {}
    for pattern in patterns:
        try:
            found |= {file.shown: file for file in _matching(pattern, root)}
        except CitylakeError as error:
            yield refused(shown_url(pattern), "", error)
    for file in sorted(found.values(), key=lambda file: (_natural(file.name), _natural(file.shown))):
        yield from _members(file, source) if source.member else (_whole(file, source),)


def _whole(file: _File, source: FilesSource) -> Fetch:
    return Fetch(file.shown, file.name, partial(_bytes, file, source.max_bytes))


def _matching(pattern: str, root: str) -> Iterator[_File]:
    """The files of one pattern; raises SOURCE_NO_FILE, SOURCE_IS_FOLDER or SOURCE_UNREADABLE."""
    shown = shown_url(pattern)
    try:
        fs, path = _located(pattern, root)
        # A file whose name holds a bracket is itself before it is a pattern.
        if fs.isdir(path):
            raise CitylakeError("SOURCE_IS_FOLDER", source=shown)
        paths = [path] if fs.exists(path) else _globbed(fs, pattern, root)
        folder = str(_located(_head(pattern), root)[1])
    except (OSError, ImportError, ValueError) as error:
        raise _unreadable(shown, error) from error
    if not paths:
        raise CitylakeError("SOURCE_NO_FILE", source=shown)
    for found in paths:
        yield _File(fs, found, _shown(pattern, found, root), found.removeprefix(folder).lstrip("/"))


def _globbed(fs: Any, pattern: str, root: str) -> list[str]:
    # The workspace's own path may hold characters that a glob would read.
    path = _located(pattern, glob.escape(root))[1]
    return [
        found for found in fs.glob(path) if not found.rsplit("/", 1)[-1].startswith(_HIDDEN) and not fs.isdir(found)
    ]


def _located(pattern: str, root: str) -> tuple[Any, str]:
    if "://" in pattern:
        fs, path = fsspec.url_to_fs(pattern)
        # What was listed in an earlier run of this process is not what there is now.
        fs.invalidate_cache()
        return fs, path
    return fsspec.filesystem("file"), os.path.normpath(os.path.join(root, pattern))


def _head(pattern: str) -> str:
    """The folder above the first wildcard: names below it tell same-named files apart."""
    magic = _MAGIC.search(pattern)
    return pattern[: pattern.rfind("/", 0, magic.start() if magic else len(pattern)) + 1]


def _shown(pattern: str, found: str, root: str) -> str:
    if "://" in pattern:
        return shown_url(f"{pattern.split('://', 1)[0]}://{found.lstrip('/')}")
    return os.path.relpath(found, root) if found.startswith(root + os.sep) else found


def _bytes(file: _File, max_bytes: int, _: Tally) -> Iterator[Part]:
    try:
        size = file.fs.size(file.path)
        if size is not None and size > max_bytes:
            raise CitylakeError("SOURCE_TOO_LARGE", source=file.shown, size=size, limit=max_bytes)
        with file.fs.open(file.path, "rb") as stream:
            yield Part(file.name, _chunks(stream, file.shown))
    except OSError as error:
        raise _unreadable(file.shown, error) from error


def _chunks(stream: Any, shown: str) -> Iterator[bytes]:
    try:
        yield from iter(partial(stream.read, _CHUNK), b"")
    except OSError as error:
        raise _unreadable(shown, error) from error


def _members(file: _File, source: FilesSource) -> Iterator[Fetch]:
    try:
        with file.fs.open(file.path, "rb") as stream, archive.opened(stream, file.shown) as zipped:
            names = [archive.member_name(info) for info in archive.members(zipped, source.member or "")]
        if not names:
            raise CitylakeError("SOURCE_NO_FILE", source=f"{file.shown}!{source.member}")
    except OSError as error:
        yield refused(file.shown, file.name, _unreadable(file.shown, error))
    except CitylakeError as error:
        yield refused(file.shown, file.name, error)
    else:
        # Zips of one series hold members of the same names: only the zip's own name tells them apart.
        series = not isinstance(source.path, str) or bool(_MAGIC.search(source.path))
        for name in sorted(names, key=_natural):
            told = f"{file.name}!{name}" if series else name
            yield Fetch(f"{file.shown}!{name}", told, partial(_member, file, name, source.max_bytes))


def _member(file: _File, name: str, max_bytes: int, _: Tally) -> Iterator[Part]:
    try:
        with file.fs.open(file.path, "rb") as stream, archive.opened(stream, file.shown) as zipped:
            info = next(info for info in zipped.infolist() if archive.member_name(info) == name)
            yield Part(name, archive.unpacked(zipped, info, file.shown, max_bytes))
    except OSError as error:
        raise _unreadable(file.shown, error) from error


def _unreadable(shown: str, error: Exception) -> CitylakeError:
    reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {shown_url(str(error))}"
    return CitylakeError("SOURCE_UNREADABLE", source=shown, reason=reason)


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Digits compare as numbers: ``day2`` before ``day10``."""
    return tuple((int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", name))
