"""Lists the files below a folder of the lake, with size and time of modification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file. ``path``: relative to the listed folder; ``size``: bytes; ``modified``: UTC."""

    path: str
    size: int
    modified: datetime


def list_folder_names(lake: Lake, folder: str) -> list[str]:
    """Return the names in a folder, sorted. Empty if the folder does not exist."""
    if not lake.fs.exists(folder):
        return []
    found = lake.fs.ls(folder, detail=False)
    return sorted({path.rstrip("/").rsplit("/", 1)[-1] for path in found} - {folder.rsplit("/", 1)[-1], ""})


def list_mart_names(lake: Lake) -> list[str]:
    """Return the names of the marts that have a folder, sorted. Beside the folders lie files, as ``attach.sql``."""
    return [name for name in list_folder_names(lake, lake.path("marts")) if "." not in name]


def list_stored_files(lake: Lake, folder: str) -> list[StoredFile]:
    """Return every file below a folder. Empty if the folder does not exist."""
    root = lake.fs_path(folder).rstrip("/")
    found: Mapping[str, Mapping[str, Any]] = lake.fs.find(folder, detail=True) if lake.fs.exists(folder) else {}
    return [
        StoredFile(path.removeprefix(root).lstrip("/"), int(info["size"] or 0), _modified(info))
        for path, info in sorted(found.items())
        if info["type"] == "file"
    ]


def _modified(info: Mapping[str, Any]) -> datetime:
    at = info.get("mtime") or info.get("LastModified")
    if isinstance(at, datetime):
        return at.astimezone(UTC)
    return datetime.fromtimestamp(float(at or 0), UTC)
