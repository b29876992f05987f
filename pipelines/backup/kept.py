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

from pipelines.backup.pinned import children
from pipelines.lake import Lake
from schemas.faults import CitylakeError

FILES, BACKUPS = "files", "backups"
MANIFEST, SMALL = "manifest.json", "lake/"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the lake: its size, its SHA-256, and its name below ``files/``."""

    size: int
    sha256: str
    kept: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup consists of. Paths are relative to the lake."""

    id: str
    lake: str
    started_at: str
    finished_at: str
    tables: Mapping[str, int]
    files: Mapping[str, Entry]

    def text(self) -> str:
        """As JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False)


def archive(identity: str) -> str:
    """Where a backup's archive is."""
    return f"{BACKUPS}/{identity}.zip"


def identities(place: Lake) -> list[str]:
    """The backups that are whole, oldest first."""
    return [name.removesuffix(".zip") for name in children(place, BACKUPS) if name.endswith(".zip")]


def last(place: Lake) -> Manifest | None:
    """The newest backup, if there is one that can be read."""
    for identity in reversed(identities(place)):
        try:
            with opened(place, identity) as found:
                return manifest(place, identity, found)
        except CitylakeError:
            continue
    return None


@contextmanager
def opened(place: Lake, identity: str) -> Iterator[zipfile.ZipFile]:
    """A backup's archive. Raises BACKUP_DAMAGED where it is not one, there or while it is read."""
    path = archive(identity)
    try:
        with place.fs.open(place.path(path), "rb") as file, zipfile.ZipFile(file) as found:
            yield found
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise CitylakeError("BACKUP_DAMAGED", place=place.url, file=path, why=str(error)) from error


def manifest(place: Lake, identity: str, found: zipfile.ZipFile) -> Manifest:
    """What the archive says of itself. Raises BACKUP_NEWER, BACKUP_DAMAGED."""
    told: dict[str, Any] = json.loads(found.read(MANIFEST))
    if told.pop("format") != FORMAT:
        raise CitylakeError("BACKUP_NEWER", place=place.url, backup=identity)
    files = {path: Entry(**entry) for path, entry in told.pop("files").items()}
    return Manifest(files=files, **told)
