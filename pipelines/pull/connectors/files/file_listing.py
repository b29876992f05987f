"""Listing of the files that match a path, pattern or URL."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from fsspec.utils import glob_translate

from citylake.pipelines.pull.connectors.files.file_names import readable_name
from citylake.pipelines.pull.connectors.files.file_store import FileStore
from citylake.pipelines.pull.connectors.files.file_version import read_file_version
from citylake.pipelines.pull.connectors.files.local_files import is_local
from citylake.pipelines.pull.connectors.files.source_file import SourceFile
from citylake.pipelines.pull.connectors.files.store_limits import StoreLimits
from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError

# Temporary files of editors and file managers.
_HIDDEN = (".", "~$")
_MAGIC = re.compile(r"[*?\[]")
_OBJECTS = ("s3", "s3a", "gs", "gcs", "abfs", "az")
"""Object stores: they have no folders, and the bucket may not exist."""
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
FileInfos = dict[str, Mapping[str, Any]]


class FileListing:
    """Lists files below ``root``, or at URLs; each store is opened once."""

    def __init__(
        self,
        root: str,
        access: Credentials,
        attempts: int,
        limits: StoreLimits | None = None,
        *,
        follow_links: bool = False,
    ) -> None:
        self._root, self._access, self._attempts = root, access, attempts
        self._limits, self._follow_links = limits or StoreLimits(), follow_links
        self._stores: dict[str, FileStore] = {}
        self._folders: dict[tuple[int, str], FileInfos] = {}

    def matching(self, pattern: str) -> Iterator[SourceFile]:
        """The files of one pattern; raises SOURCE_NO_FILE, SOURCE_IS_FOLDER, or the store's fault."""
        store, shown = self._store(pattern), redact_url(pattern)
        found = store.ask(shown, lambda fs: self._found(fs, pattern, shown))
        folder = store.ask(shown, lambda fs: self._path(fs, glob_root(pattern), self._root))
        if not found:
            raise CitylakeError("SOURCE_NO_FILE", source=shown)
        bounds = store.ask(shown, lambda fs: self._bounds(fs, folder))
        for path, info in found.items():
            name = readable_name(path.removeprefix(folder).lstrip("/"))
            yield SourceFile(store, path, self._shown(pattern, path), name, read_file_version(info), bounds)

    def _bounds(self, fs: Any, folder: str) -> str | None:
        return os.path.realpath(folder) if is_local(fs) and not self._follow_links else None

    def folder(self, file: SourceFile) -> FileInfos:
        """The files in the folder of ``file``, by path; each folder is listed once."""
        key = id(file.store), file.folder
        if key not in self._folders:
            listed = file.store.ask(file.shown, lambda fs: fs.ls(file.folder, detail=True))
            self._folders[key] = {str(info["name"]): info for info in listed}
        return self._folders[key]

    def _store(self, pattern: str) -> FileStore:
        parts = urlsplit(pattern) if "://" in pattern else None
        key = f"{parts.scheme}://{parts.netloc}" if parts else ""
        url = pattern if parts else ""
        return self._stores.setdefault(key, FileStore(url, self._access, self._attempts, self._limits))

    def _found(self, fs: Any, pattern: str, shown: str) -> FileInfos:
        # A listing of an earlier pull may be outdated.
        fs.invalidate_cache()
        path = self._path(fs, pattern, self._root)
        try:
            # A file whose name contains a bracket is preferred to the pattern.
            info = fs.info(path)
        except FileNotFoundError:
            return self._globbed(fs, pattern, shown)
        if info["type"] == "directory":
            raise CitylakeError("SOURCE_IS_FOLDER", source=shown)
        return {path: info}

    def _globbed(self, fs: Any, pattern: str, shown: str) -> FileInfos:
        if not is_glob(pattern):
            found = {}
        elif _url_protocol(pattern) in _OBJECTS and "/" in pattern[_first_protocol_path(pattern) :]:
            found = _list_objects(fs, self._path(fs, pattern, ""), self._path(fs, glob_root(pattern), ""))
        elif _url_protocol(pattern) in _OBJECTS:
            found = fs.glob(self._path(fs, pattern, ""), detail=True)
        else:
            # The workspace's path may contain glob characters.
            found = fs.glob(self._path(fs, pattern, glob.escape(self._root)), detail=True, on_error=_raise_unlisted)
        if not found:
            _explain_empty(fs, pattern, shown)
        return {
            path: info
            for path, info in found.items()
            if not path.rsplit("/", 1)[-1].startswith(_HIDDEN)
            and info["type"] != "directory"
            and not (info.get("islink") and self._is_linked_folder_inside(fs, path, pattern))
        }

    def _is_linked_folder_inside(self, fs: Any, path: str, pattern: str) -> bool:
        """Whether the link leads to a folder that is searched anyway; any other link is judged when it is read."""
        if not is_local(fs) or not os.path.isdir(path):
            return False
        bounds = os.path.realpath(self._path(fs, glob_root(pattern), self._root))
        return self._follow_links or os.path.commonpath([os.path.realpath(path), bounds]) == bounds

    def _path(self, fs: Any, pattern: str, root: str) -> str:
        if "://" in pattern:
            return str(fs._strip_protocol(pattern))
        return os.path.normpath(os.path.join(root, pattern))

    def _shown(self, pattern: str, path: str) -> str:
        if "://" in pattern:
            protocol, _, rest = pattern.partition("://")
            # The path on an SSH server does not contain the host.
            host = urlsplit(f"//{rest}").hostname if path.startswith("/") and protocol in ("sftp", "ssh") else ""
            return readable_name(redact_url(f"{protocol}://{host}{path if host else path.lstrip('/')}"))
        return readable_name(os.path.relpath(path, self._root) if path.startswith(self._root + os.sep) else path)


def _list_objects(fs: Any, path: str, folder: str) -> FileInfos:
    """The objects below ``folder`` that match ``path``; unlike a glob, this raises if the listing fails."""
    matches = re.compile(glob_translate(path)).match
    return {name: info for name, info in fs.find(folder, detail=True).items() if matches(name)}


def _raise_unlisted(error: OSError) -> None:
    """Raise if a folder cannot be listed: fsspec would skip its files without notice."""
    if not isinstance(error, FileNotFoundError):
        raise error


def glob_root(pattern: str) -> str:
    """The folder above the first wildcard; file names are relative to it."""
    return pattern[: pattern.rfind("/", 0, _first_protocol_path(pattern)) + 1]


def is_glob(path: str) -> bool:
    """Whether ``path`` is a pattern."""
    return bool(_MAGIC.search(path))


def _first_protocol_path(pattern: str) -> int:
    magic = _MAGIC.search(pattern)
    return magic.start() if magic else len(pattern)


def natural_sort_key(name: str) -> tuple[tuple[int, str], ...]:
    """Digits compare as numbers: ``day2`` before ``day10``."""
    return tuple((int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", name))


def _explain_empty(fs: Any, pattern: str, shown: str) -> None:
    """Raise the reason if nothing was found because the bucket does not exist or cannot be read."""
    if _url_protocol(pattern) not in _OBJECTS:
        return
    bucket = pattern.partition("://")[2].split("/", 1)[0]
    try:
        fs.ls(bucket)
    except FileNotFoundError:
        raise CitylakeError("STORE_MISSING", source=shown, bucket=bucket) from None


def delivery_order(name: str) -> tuple[object, ...]:
    """The order in which files of one listing count as received: natural, and without the ending.

    So ``2024-03-corrected.csv`` and ``2024-03 (1).csv`` come after ``2024-03.csv``, which they replace.
    """
    stem, ending = os.path.splitext(name)
    if ending.lower() in _COMPRESSED:
        stem = os.path.splitext(stem)[0]
    return natural_sort_key(stem), natural_sort_key(name)


def _url_protocol(pattern: str) -> str:
    return pattern.partition("://")[0] if "://" in pattern else ""
