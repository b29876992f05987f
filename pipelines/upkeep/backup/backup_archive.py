"""The place where backups are: files that all of them share, and one archive for each that says what it consists of.

``files/<path in the lake>`` is copied once, whatever number of backups name it. ``backups/<id>.zip`` comes last, in one
step: a backup without it is none. It holds the entries of the tables' logs, the marts' pointers, and ``manifest.json``.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup.pinned_lake import list_lake_folder
from citylake.schemas.words.errors import CitylakeError

FILES_FOLDER, BACKUPS_FOLDER = "files", "backups"
MANIFEST_FILE, SMALL_FILES_PREFIX = "manifest.json", "lake/"
BACKUP_FORMAT = 1


@dataclass(frozen=True, slots=True)
class BackupEntry:
    """One file of the lake: its size, its SHA-256, and its name below ``files/``."""

    size: int
    sha256: str
    kept: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup consists of. Paths are relative to the lake."""

    id: str
    lake: str
    started_at: str
    finished_at: str
    tables: Mapping[str, int]
    files: Mapping[str, BackupEntry]

    def text(self) -> str:
        """As JSON."""
        return json.dumps({"format": BACKUP_FORMAT, **asdict(self)}, ensure_ascii=False)


def archive_path(identity: str) -> str:
    """Where a backup's archive is."""
    return f"{BACKUPS_FOLDER}/{identity}.zip"


def list_backups(place: Lake) -> list[str]:
    """The backups that are whole, oldest first."""
    return [name.removesuffix(".zip") for name in list_lake_folder(place, BACKUPS_FOLDER) if name.endswith(".zip")]


def read_last_manifest(place: Lake) -> BackupManifest | None:
    """The newest backup, if there is one that can be read."""
    for identity in reversed(list_backups(place)):
        try:
            with open_backup(place, identity) as found:
                return read_manifest(place, identity, found)
        except CitylakeError:
            continue
    return None


@contextmanager
def open_backup(place: Lake, identity: str) -> Iterator[zipfile.ZipFile]:
    """A backup's archive. Raises BACKUP_DAMAGED where it is not one, there or while it is read."""
    path = archive_path(identity)
    try:
        with place.fs.open(place.path(path), "rb") as file, zipfile.ZipFile(file) as found:
            yield found
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise CitylakeError("BACKUP_DAMAGED", place=place.url, file=path, why=str(error)) from error


def read_manifest(place: Lake, identity: str, found: zipfile.ZipFile) -> BackupManifest:
    """What the archive says of itself. Raises BACKUP_NEWER, BACKUP_DAMAGED."""
    told: dict[str, Any] = json.loads(found.read(MANIFEST_FILE))
    if told.pop("format") != BACKUP_FORMAT:
        raise CitylakeError("BACKUP_NEWER", place=place.url, backup=identity)
    files = {path: BackupEntry(**entry) for path, entry in told.pop("files").items()}
    return BackupManifest(files=files, **told)
