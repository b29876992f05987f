"""The layout of a backup location: data files shared by all backups, and one archive per backup.

``files/<path in the lake>`` is stored once for all backups. ``backups/<id>.zip`` is written last and atomically; a
backup without it is incomplete and ignored. It contains the entries of the tables' logs, the marts' pointers, and
``manifest.json``.
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
    """One file of the lake: its size in bytes, its SHA-256, and its name (``kept``) below ``files/``."""

    size: int
    sha256: str
    kept: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """The content of a backup. Paths are relative to the lake; ``tables``: table → Delta version."""

    id: str
    lake: str
    started_at: str
    finished_at: str
    tables: Mapping[str, int]
    files: Mapping[str, BackupEntry]
    damaged: tuple[str, ...] = ()
    """Files that were not as the lake had recorded them."""

    def text(self) -> str:
        """Return the manifest as JSON; without damaged files, as earlier revisions read it."""
        document = asdict(self)
        if not self.damaged:
            del document["damaged"]
        return json.dumps({"format": BACKUP_FORMAT, **document}, ensure_ascii=False)


def archive_path(identity: str) -> str:
    """Return the path of a backup's archive, relative to the backup location."""
    return f"{BACKUPS_FOLDER}/{identity}.zip"


def list_backups(place: Lake) -> list[str]:
    """Return the ids of the complete backups, oldest first."""
    return [name.removesuffix(".zip") for name in list_lake_folder(place, BACKUPS_FOLDER) if name.endswith(".zip")]


def read_last_manifest(place: Lake) -> BackupManifest | None:
    """Return the manifest of the newest readable backup, or None."""
    for identity in reversed(list_backups(place)):
        try:
            with open_backup(place, identity) as found:
                return read_manifest(place, identity, found)
        except CitylakeError:
            continue
    return None


@contextmanager
def open_backup(place: Lake, identity: str) -> Iterator[zipfile.ZipFile]:
    """Open a backup's archive. Raises BACKUP_DAMAGED if it is not a valid archive, also during the block."""
    path = archive_path(identity)
    try:
        with place.fs.open(place.path(path), "rb") as file, zipfile.ZipFile(file) as found:
            yield found
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise CitylakeError("BACKUP_DAMAGED", place=place.url, file=path, why=str(error)) from error


def read_manifest(place: Lake, identity: str, found: zipfile.ZipFile) -> BackupManifest:
    """Read the manifest of an archive. Raises BACKUP_NEWER if its format is not ``BACKUP_FORMAT``."""
    document: dict[str, Any] = json.loads(found.read(MANIFEST_FILE))
    if document.pop("format") != BACKUP_FORMAT:
        raise CitylakeError("BACKUP_NEWER", place=place.url, backup=identity)
    files = {path: BackupEntry(**entry) for path, entry in document.pop("files").items()}
    return BackupManifest(files=files, damaged=tuple(document.pop("damaged", ())), **document)
