"""Taking a backup: what is not there yet is copied, and only then it is said what the backup consists of."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from pipelines.backup import kept
from pipelines.backup.copying import copy, digest, finished, put
from pipelines.backup.kept import Entry, Manifest
from pipelines.backup.pinned import Pinned, pin, sizes
from pipelines.lake import Lake
from schemas.faults import CitylakeError

AT_ONCE = 8
_ID = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup did: of its files, how many and how many bytes had to be copied."""

    id: str
    files: int
    size_bytes: int
    copied: int
    copied_bytes: int


@dataclass(frozen=True, slots=True)
class _Copying:
    """One backup while it is taken. ``there`` are the sizes of files that earlier ones brought."""

    lake: Lake
    place: Lake
    id: str
    before: Manifest | None
    there: dict[str, int]

    def named(self, path: str, size: int) -> tuple[Entry, bool]:
        """A file that a log or a pointer names, and whether it had to be copied. Raises LAKE_FILE_UNLIKE."""
        entry, new = self._entry(path, size)
        if entry.size != size:
            raise CitylakeError("LAKE_FILE_UNLIKE", lake=self.lake.url, file=path, size=entry.size, told=size)
        return entry, new

    def beside(self, path: str, size: int) -> tuple[Entry, bool] | None:
        """A file that nothing names; None where it is gone, or somebody is still writing it."""
        with suppress(FileNotFoundError):
            return self._entry(path, size) if finished(self.lake, path) else None
        return None

    def _entry(self, path: str, size: int) -> tuple[Entry, bool]:
        known = self.before.files.get(path) if self.before else None
        if known and known.size == size == self.there.get(known.kept):
            return known, False
        if self.there.get(path) == size:  # brought by a backup that broke off
            return Entry(size, digest(self.place, f"{kept.FILES}/{path}"), path), False
        # A file that is there and has another size belongs to an older backup, and stays.
        name = f"{path}.{self.id}" if path in self.there else path
        return Entry(*copy(self.lake, path, self.place, f"{kept.FILES}/{name}"), name), True


def backup(lake: Lake, place: Lake) -> BackedUp:
    """Take a backup of ``lake`` at ``place``, also while runs go on.

    Raises BACKUP_PLACE where one lies within the other, BACKUP_NOTHING, BACKUP_MOVED where a file was removed
    meanwhile, and LAKE_FILE_UNLIKE.
    """
    _apart(lake, place)
    started = datetime.now(UTC)
    try:
        pinned = pin(lake)
        if not pinned.tables:
            raise CitylakeError("BACKUP_NOTHING", lake=lake.url)
        copying = _Copying(lake, place, f"{started:{_ID}}", kept.last(place), _there(place))
        found = _copied(copying, pinned)
        entries = {path: entry for path, (entry, _) in found.items()}
        told = Manifest(copying.id, lake.url, started.isoformat(), _now(), pinned.tables, entries)
        _close(copying, pinned, told)
    except FileNotFoundError as error:
        raise CitylakeError("BACKUP_MOVED", lake=lake.url, file=str(error.filename or error)) from error
    copied = [entry.size for entry, new in found.values() if new]
    return BackedUp(copying.id, len(found), sum(each.size for each in entries.values()), len(copied), sum(copied))


def _apart(lake: Lake, place: Lake) -> None:
    one, other = f"{lake.url}/", f"{place.url}/"
    if one.startswith(other) or other.startswith(one):
        raise CitylakeError("BACKUP_PLACE", lake=lake.url, place=place.url)


def _there(place: Lake) -> dict[str, int]:
    return {path.removeprefix(f"{kept.FILES}/"): size for path, size in sizes(place, kept.FILES).items()}


def _copied(copying: _Copying, pinned: Pinned) -> dict[str, tuple[Entry, bool]]:
    beside = {path: size for path, size in pinned.beside.items() if path not in pinned.files}
    with ThreadPoolExecutor(AT_ONCE, "citylake-backup") as pool:
        named = pool.map(copying.named, pinned.files, pinned.files.values())
        others = pool.map(copying.beside, beside, beside.values())
        found = dict(zip(pinned.files, named, strict=True))
        return found | {path: entry for path, entry in zip(beside, others, strict=True) if entry}


def _close(copying: _Copying, pinned: Pinned, told: Manifest) -> None:
    """The archive, in one step: from now on the backup is one."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as found:
            for path, content in (*pinned.pointers.items(), *_read(copying.lake, pinned.small)):
                found.writestr(f"{kept.SMALL}{path}", content)
            found.writestr(kept.MANIFEST, told.text())
        file.seek(0)
        put(copying.place, kept.archive(copying.id), _chunks(file))


def _read(lake: Lake, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Many small files, some at a time, so that a log of any length needs little memory."""
    waiting = list(paths)
    with ThreadPoolExecutor(AT_ONCE, "citylake-log") as pool:
        for start in range(0, len(waiting), 256):
            part = waiting[start : start + 256]
            yield from zip(part, pool.map(lambda path: lake.fs.cat_file(lake.path(path)), part), strict=True)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(1 << 20):
        yield chunk


def _now() -> str:
    return datetime.now(UTC).isoformat()
