"""Restores a lake from a backup into an empty location."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from citylake.pipelines.lake.lake_access import LAKE_MARKER, RESTORING_MARKER
from citylake.pipelines.lake.lake_format import FORMAT_FILE, parse_format
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import list_mart_names
from citylake.pipelines.marts.publish.attach_files import write_attach_files
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.marts.publish.stable_name import name_current_file
from citylake.pipelines.upkeep.backup import backup_archive
from citylake.pipelines.upkeep.backup.backup_archive import BackupEntry, BackupManifest
from citylake.pipelines.upkeep.backup.file_copy import copy_lake_file, write_whole_file
from citylake.pipelines.upkeep.backup.pinned_lake import list_lake_folder
from citylake.pipelines.upkeep.backup.take_backup import PARALLEL_COPIES
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The result of a restore."""

    id: str
    lake: str
    taken_at: str
    files: int
    size_bytes: int
    tables: int
    damaged: tuple[str, ...] = ()
    """Files that were damaged before the backup."""


def restore_lake(place: Lake, lake: Lake, identity: str | None = None) -> RestoreResult:
    """Restore a backup (``identity``; None: the newest) into ``lake``. An interrupted restore can be repeated.

    Every file is verified by its SHA-256. Raises LAKE_NOT_EMPTY, BACKUP_UNKNOWN, BACKUP_NEWER, BACKUP_DAMAGED, and
    LAKE_TOO_NEW if the lake in the backup has a newer format.
    """
    chosen = _choose_backup(place, identity)
    with backup_archive.open_backup(place, chosen) as archive:
        manifest = backup_archive.read_manifest(place, chosen, archive)
        _check_format(place, archive)
        _mark_restoring(lake, chosen)
        _restore_files(place, lake, manifest)
        for path in _restore_order(archive):
            write_whole_file(lake, path, iter([archive.read(backup_archive.SMALL_FILES_PREFIX + path)]))
    for mart in list_mart_names(lake):
        # Links are in no backup: they are made from the pointers.
        if pointer := read_pointer(lake, mart):
            name_current_file(lake, mart, pointer.file)
    write_attach_files(lake)
    lake.remove(lake.path(RESTORING_MARKER))
    size = sum(entry.size for entry in manifest.files.values())
    counts = (len(manifest.files), size, len(manifest.tables))
    return RestoreResult(chosen, lake.url, manifest.started_at, *counts, manifest.damaged)


def _choose_backup(place: Lake, identity: str | None) -> str:
    known = backup_archive.list_backups(place)
    if not known or (identity or known[-1]) not in known:
        raise CitylakeError("BACKUP_UNKNOWN", place=place.url, backup=identity or "—", known=", ".join(known) or "—")
    return identity or known[-1]


def _check_format(place: Lake, archive: zipfile.ZipFile) -> None:
    name = f"{backup_archive.SMALL_FILES_PREFIX}{FORMAT_FILE}"
    if name in archive.namelist():
        parse_format(place, archive.read(name))


def _mark_restoring(lake: Lake, identity: str) -> None:
    """Mark the lake as being restored, so that no command uses it. Raises LAKE_NOT_EMPTY."""
    names = set(list_lake_folder(lake)) - {LAKE_MARKER, FORMAT_FILE}
    if names and not (RESTORING_MARKER in names and _restoring_identity(lake) == identity):
        raise CitylakeError("LAKE_NOT_EMPTY", lake=lake.url, names=", ".join(sorted(names)[:3]))
    write_whole_file(lake, RESTORING_MARKER, iter([json.dumps({"backup": identity}).encode()]))
    if lake.fs.exists(lake.path(FORMAT_FILE)):
        # Of an empty lake. The restored one has its own, or none if it is of format 1.
        lake.remove(lake.path(FORMAT_FILE))


def _restoring_identity(lake: Lake) -> str | None:
    identity: str | None = json.loads(lake.fs.cat_file(lake.path(RESTORING_MARKER))).get("backup")
    return identity


def _restore_files(place: Lake, lake: Lake, manifest: BackupManifest) -> None:
    def one(path: str, entry: BackupEntry) -> None:
        name = f"{backup_archive.FILES_FOLDER}/{entry.kept}"
        try:
            came = copy_lake_file(place, name, lake, path)
        except FileNotFoundError as error:
            raise CitylakeError("BACKUP_DAMAGED", place=place.url, file=name, why="—") from error
        if came != (entry.size, entry.sha256):
            raise CitylakeError("BACKUP_DAMAGED", place=place.url, file=name, why=f"SHA-256 {came[1]}, {came[0]} B")

    with ThreadPoolExecutor(PARALLEL_COPIES, "citylake-restore") as pool:
        list(pool.map(one, manifest.files, manifest.files.values()))


def _restore_order(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield log entries by version, then pointers, so that the lake is consistent at every moment."""
    names = [
        name.removeprefix(backup_archive.SMALL_FILES_PREFIX)
        for name in archive.namelist()
        if name.startswith(backup_archive.SMALL_FILES_PREFIX)
    ]
    yield from sorted(names, key=lambda name: (name.startswith("marts/"), name))
