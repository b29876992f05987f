"""Lists and deletes files below a folder of the lake."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file. ``path``: relative to the listed folder; ``size``: bytes; ``modified``: UTC."""

    path: str
    size: int
    modified: datetime


@dataclass(slots=True)
class FileGroup:
    """Files that are deleted together."""

    files: list[StoredFile] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Total size in bytes."""
        return sum(file.size for file in self.files)

    @property
    def newest(self) -> datetime:
        """Time of the last modification of any of the files."""
        return max(file.modified for file in self.files)


def list_folder_names(lake: Lake, folder: str) -> list[str]:
    """Return the names in a folder, sorted. Empty if the folder does not exist."""
    if not lake.fs.exists(folder):
        return []
    found = lake.fs.ls(folder, detail=False)
    return sorted({path.rstrip("/").rsplit("/", 1)[-1] for path in found} - {folder.rsplit("/", 1)[-1], ""})


def list_stored_files(lake: Lake, folder: str) -> list[StoredFile]:
    """Return every file below a folder. Empty if the folder does not exist."""
    root = lake.fs_path(folder).rstrip("/")
    found: Mapping[str, Mapping[str, Any]] = lake.fs.find(folder, detail=True) if lake.fs.exists(folder) else {}
    return [
        StoredFile(path.removeprefix(root).lstrip("/"), int(info["size"] or 0), _modified(info))
        for path, info in sorted(found.items())
        if info["type"] == "file"
    ]


def group_files(files: Iterable[StoredFile], depth: int) -> dict[str, FileGroup]:
    """Group files by the first ``depth`` parts of their path. Files that are less deep are left out."""
    groups: dict[str, FileGroup] = {}
    for file in files:
        parts = file.path.split("/")
        if len(parts) > depth:
            groups.setdefault("/".join(parts[:depth]), FileGroup()).files.append(file)
    return groups


def delete_stored_files(lake: Lake, folder: str, files: Collection[StoredFile]) -> None:
    """Delete files. A file that no longer exists is skipped."""
    for file in files:
        try:
            lake.remove(f"{folder}/{file.path}")
        except FileNotFoundError:
            continue


def delete_empty_folders(lake: Lake, folder: str, files: Iterable[StoredFile]) -> None:
    """Delete the folders of ``files`` that are empty. Use only for folders that are never written to again."""
    for path in sorted({file.path.rpartition("/")[0] for file in files}) if lake.local else ():
        with suppress(OSError):
            os.rmdir(f"{folder}/{path}")


def _modified(info: Mapping[str, Any]) -> datetime:
    at = info.get("mtime") or info.get("LastModified")
    if isinstance(at, datetime):
        return at.astimezone(UTC)
    return datetime.fromtimestamp(float(at or 0), UTC)
