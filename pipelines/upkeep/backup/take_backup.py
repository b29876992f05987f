"""Takes a backup: copies the files that are not stored yet, then writes the archive that completes the backup."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import IO

from citylake.pipelines.lake.digests.file_digest import FileDigest, digest_bytes, digest_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup import backup_archive
from citylake.pipelines.upkeep.backup.backup_archive import BackupEntry, BackupManifest
from citylake.pipelines.upkeep.backup.backup_digests import damaged_paths, lost_landed_files, pinned_digests
from citylake.pipelines.upkeep.backup.file_copy import copy_lake_file, is_file_complete, write_whole_file
from citylake.pipelines.upkeep.backup.pinned_lake import PinnedLake, list_file_sizes, pin_lake
from citylake.schemas.words.errors import CitylakeError

PARALLEL_COPIES = 8
_ID = "%Y%m%dT%H%M%S%fZ"
_ID_FORM = re.compile(r"\d{8}T\d{12}Z")


@dataclass(frozen=True, slots=True)
class BackupResult:
    """The result of a backup: all its files, those copied, and those that are damaged or lost in the lake."""

    id: str
    files: int
    size_bytes: int
    copied: int
    copied_bytes: int
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _BackupCopy:
    """One backup in progress. ``there``: stored file → size in bytes, from earlier backups.

    ``recorded``: digests of the lake's files; a stored file that differs from them is not used again.
    """

    lake: Lake
    place: Lake
    id: str
    before: BackupManifest | None
    there: dict[str, int]
    recorded: dict[str, FileDigest]

    def named(self, path: str, size: int) -> tuple[BackupEntry, bool]:
        """Store a file referenced by a log or pointer. Return its entry, and whether it was copied.

        Raises LAKE_FILE_UNLIKE if its size is not the recorded one.
        """
        entry, new = self._entry(path, size)
        if entry.size != size:
            raise CitylakeError("LAKE_FILE_UNLIKE", lake=self.lake.url, file=path, size=entry.size, told=size)
        return entry, new

    def beside(self, path: str, size: int) -> tuple[BackupEntry, bool] | None:
        """Store a file that nothing refers to. Return None if it was deleted or is not completely written."""
        with suppress(FileNotFoundError):
            return self._entry(path, size) if is_file_complete(self.lake, path) else None
        return None

    def _entry(self, path: str, size: int) -> tuple[BackupEntry, bool]:
        known, told = self.before.files.get(path) if self.before else None, self.recorded.get(path)
        if known and known.size == size == self.there.get(known.kept) and _agrees(known.sha256, told):
            return known, False
        if self.there.get(path) == size:  # stored by an interrupted backup
            sha256 = digest_file(self.place, self.place.path(f"{backup_archive.FILES_FOLDER}/{path}")).sha256
            if _agrees(sha256, told):
                return BackupEntry(size, sha256, path), False
        # A stored file with another size or content belongs to an older backup, and is not overwritten.
        name = f"{path}.{self.id}" if path in self.there else path
        return BackupEntry(
            *copy_lake_file(self.lake, path, self.place, f"{backup_archive.FILES_FOLDER}/{name}"), name
        ), True


def _agrees(sha256: str, told: FileDigest | None) -> bool:
    return told is None or told.sha256 == sha256


def back_up_lake(lake: Lake, place: Lake) -> BackupResult:
    """Back up ``lake`` to ``place``. Runs can continue. Every file that is read is compared with its recorded digest.

    A damaged or lost file does not stop the backup of the others: the result and the backup list it.
    Raises BACKUP_PLACE if one contains the other, BACKUP_NOTHING if the lake has no table, BACKUP_MOVED if a file was
    deleted during the backup, and LAKE_FILE_UNLIKE.
    """
    _check_place(lake, place)
    started = datetime.now(UTC)
    try:
        pinned = pin_lake(lake)
        if not pinned.tables:
            raise CitylakeError("BACKUP_NOTHING", lake=lake.url)
        copying = _BackupCopy(
            lake,
            place,
            _next_id(place, started),
            backup_archive.read_last_manifest(place),
            _existing_sizes(place),
            pinned_digests(lake, pinned),
        )
        found = _copy_files(copying, pinned)
        entries = {path: entry for path, (entry, _) in found.items()}
        damaged = damaged_paths(copying.recorded, {path: entry.sha256 for path, entry in entries.items()})
        damaged += lost_landed_files(lake, entries)
        manifest = BackupManifest(copying.id, lake.url, started.isoformat(), _now(), pinned.tables, entries, damaged)
        damaged = _write_archive(copying, pinned, manifest)
    except FileNotFoundError as error:
        raise CitylakeError("BACKUP_MOVED", lake=lake.url, file=str(error.filename or error)) from error
    copied = [entry.size for entry, new in found.values() if new]
    size = sum(each.size for each in entries.values())
    return BackupResult(copying.id, len(found), size, len(copied), sum(copied), damaged)


def _next_id(place: Lake, now: datetime) -> str:
    """The UTC time, but after all existing backups, also if the clock was set back: the newest has the greatest id."""
    known = [each for each in backup_archive.list_backups(place) if _ID_FORM.fullmatch(each)]
    identity, last = f"{now:{_ID}}", max(known, default="")
    if identity > last:
        return identity
    return f"{datetime.strptime(last, _ID).replace(tzinfo=UTC) + timedelta(microseconds=1):{_ID}}"


def _check_place(lake: Lake, place: Lake) -> None:
    one, other = f"{lake.url}/", f"{place.url}/"
    if one.startswith(other) or other.startswith(one):
        raise CitylakeError("BACKUP_PLACE", lake=lake.url, place=place.url)


def _existing_sizes(place: Lake) -> dict[str, int]:
    return {
        path.removeprefix(f"{backup_archive.FILES_FOLDER}/"): size
        for path, size in list_file_sizes(place, backup_archive.FILES_FOLDER).items()
    }


def _copy_files(copying: _BackupCopy, pinned: PinnedLake) -> dict[str, tuple[BackupEntry, bool]]:
    beside = {path: size for path, size in pinned.beside.items() if path not in pinned.files}
    with ThreadPoolExecutor(PARALLEL_COPIES, "citylake-backup") as pool:
        named = pool.map(copying.named, pinned.files, pinned.files.values())
        others = pool.map(copying.beside, beside, beside.values())
        found = dict(zip(pinned.files, named, strict=True))
        return found | {path: entry for path, entry in zip(beside, others, strict=True) if entry}


def _write_archive(copying: _BackupCopy, pinned: PinnedLake, manifest: BackupManifest) -> tuple[str, ...]:
    """Write the archive atomically. The backup is complete from then on. Return its damaged files."""
    read: dict[str, str] = {}
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as found:
            for path, content in (*pinned.pointers.items(), *_read(copying.lake, pinned.small)):
                found.writestr(f"{backup_archive.SMALL_FILES_PREFIX}{path}", content)
                read[path] = digest_bytes(content).sha256
            damaged = (*manifest.damaged, *damaged_paths(copying.recorded, read))
            found.writestr(backup_archive.MANIFEST_FILE, replace(manifest, damaged=damaged).text())
        file.seek(0)
        write_whole_file(copying.place, backup_archive.archive_path(copying.id), _chunks(file))
    return damaged


def _read(lake: Lake, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield paths and contents of small files, read 256 at a time, so that a long log needs little memory."""
    waiting = list(paths)
    with ThreadPoolExecutor(PARALLEL_COPIES, "citylake-log") as pool:
        for start in range(0, len(waiting), 256):
            part = waiting[start : start + 256]
            yield from zip(part, pool.map(lambda path: lake.fs.cat_file(lake.path(path)), part), strict=True)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(1 << 20):
        yield chunk


def _now() -> str:
    return datetime.now(UTC).isoformat()
