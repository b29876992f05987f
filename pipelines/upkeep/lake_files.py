"""Groups and deletes files below a folder of the lake."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import StoredFile


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
