"""Making a lake again from a backup, in an empty place."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipelines.backup import kept
from pipelines.backup.copying import copy, put
from pipelines.backup.kept import Entry, Manifest
from pipelines.backup.pinned import children
from pipelines.backup.step import AT_ONCE
from pipelines.lake import Lake
from pipelines.usable import MARKER, RESTORING
from schemas.faults import CitylakeError


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    id: str
    lake: str
    taken_at: str
    files: int
    size_bytes: int
    tables: int


def restore(place: Lake, lake: Lake, identity: str | None = None) -> Restored:
    """Make ``lake`` what it was at a backup (the last one, where none is named); what broke off is begun again.

    Every file is checked against its SHA-256. Raises LAKE_NOT_EMPTY, BACKUP_UNKNOWN and BACKUP_DAMAGED.
    """
    chosen = _chosen(place, identity)
    with kept.opened(place, chosen) as archive:
        told = kept.manifest(place, chosen, archive)
        _begin(lake, chosen)
        _files(place, lake, told)
        for path in _in_order(archive):
            put(lake, path, iter([archive.read(kept.SMALL + path)]))
    lake.remove(lake.path(RESTORING))
    size = sum(entry.size for entry in told.files.values())
    return Restored(chosen, lake.url, told.started_at, len(told.files), size, len(told.tables))


def _chosen(place: Lake, identity: str | None) -> str:
    known = kept.identities(place)
    if not known or (identity or known[-1]) not in known:
        raise CitylakeError("BACKUP_UNKNOWN", place=place.url, backup=identity or "—", known=", ".join(known) or "—")
    return identity or known[-1]


def _begin(lake: Lake, identity: str) -> None:
    """Mark the lake as one that nobody may use yet. Raises LAKE_NOT_EMPTY."""
    names = set(children(lake)) - {MARKER}
    if names and not (RESTORING in names and _of(lake) == identity):
        raise CitylakeError("LAKE_NOT_EMPTY", lake=lake.url, names=", ".join(sorted(names)[:3]))
    put(lake, RESTORING, iter([json.dumps({"backup": identity}).encode()]))


def _of(lake: Lake) -> str | None:
    told: str | None = json.loads(lake.fs.cat_file(lake.path(RESTORING))).get("backup")
    return told


def _files(place: Lake, lake: Lake, told: Manifest) -> None:
    def one(path: str, entry: Entry) -> None:
        name = f"{kept.FILES}/{entry.kept}"
        try:
            came = copy(place, name, lake, path)
        except FileNotFoundError as error:
            raise CitylakeError("BACKUP_DAMAGED", place=place.url, file=name, why="—") from error
        if came != (entry.size, entry.sha256):
            raise CitylakeError("BACKUP_DAMAGED", place=place.url, file=name, why=f"SHA-256 {came[1]}, {came[0]} B")

    with ThreadPoolExecutor(AT_ONCE, "citylake-restore") as pool:
        list(pool.map(one, told.files, told.files.values()))


def _in_order(archive: zipfile.ZipFile) -> Iterator[str]:
    """Logs in the order of their versions, and pointers last: what is there is right at every moment."""
    names = [name.removeprefix(kept.SMALL) for name in archive.namelist() if name.startswith(kept.SMALL)]
    yield from sorted(names, key=lambda name: (name.startswith("marts/"), name))
