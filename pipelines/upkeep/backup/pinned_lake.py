"""Selects a consistent set of versions and files of a lake for a backup, while runs continue.

What runs write last is pinned first: the ledger of batches before the tables it refers to, and these before the
receipts and bytes they refer to. So everything that is pinned refers only to what is pinned. A table can be ahead of
the ledger; that is the same state as after a crash, and the next run completes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from citylake.pipelines.commit.table_files import list_active_files
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_format import FORMAT_FILE
from citylake.pipelines.lake.lake_zones import POINTER_FILE, Lake
from citylake.pipelines.lake.ledger import Ledger, duplicates_table, receipts_table, snapshots_table, states_table
from citylake.pipelines.lake.stored_files import list_mart_names
from citylake.pipelines.marts.versions.mart_pins import pinned_versions
from citylake.pipelines.marts.versions.published_files import published_files

_LOG = re.compile(r"(\d{20})\.")
_WRITTEN_BEFORE = (receipts_table.TABLE, snapshots_table.TABLE, duplicates_table.TABLE)
"""Ledger tables that a run writes before or with the standard tables, not after them."""
_AS_THEY_LIE = ("landing", "raw", "reports")


@dataclass(slots=True)
class PinnedLake:
    """The content of one backup. Paths are relative to the lake."""

    tables: dict[str, int] = field(default_factory=dict)
    """Table → Delta version."""
    small: list[str] = field(default_factory=list)
    """Entries of the tables' logs, up to that version."""
    pointers: dict[str, bytes] = field(default_factory=dict)
    """Path of a mart's pointer, or of the lake's format → its content."""
    files: dict[str, int] = field(default_factory=dict)
    """File referenced by a log or pointer → size in bytes. It never changes, and its name is never reused."""
    beside: dict[str, int] = field(default_factory=dict)
    """Other file → size in bytes. It may still be written, or be deleted."""


def pin_lake(lake: Lake) -> PinnedLake:
    """Pin the current state of the lake."""
    found = PinnedLake()
    with suppress(FileNotFoundError):
        found.pointers[FORMAT_FILE] = lake.fs.cat_file(lake.path(FORMAT_FILE))
    for table in _after_standard(lake):
        _pin_table(lake, found, table)
    for mart in list_mart_names(lake):
        _pin_mart(lake, found, mart)
    for table in _up_to_standard(lake):
        _pin_table(lake, found, table)
    for zone in _AS_THEY_LIE:
        _pin_folder(lake, found, zone)
    # Files of lost rows are written before the commit of their table, and added to this log after it.
    _pin_folder(lake, found, f"ledger/{duplicates_table.TABLE}", ".parquet")
    return found


def _after_standard(lake: Lake) -> Iterator[str]:
    names = [name for name in list_lake_folder(lake, "ledger") if name not in _WRITTEN_BEFORE]
    for name in sorted(names, key=lambda name: name != states_table.TABLE):
        yield f"ledger/{name}"


def _up_to_standard(lake: Lake) -> Iterator[str]:
    for mart in list_lake_folder(lake, "curated"):
        yield from (f"curated/{mart}/{table}" for table in list_lake_folder(lake, "curated", mart))
    yield f"ledger/{duplicates_table.TABLE}"
    for zone in ("quarantine", "standard"):
        yield from (f"{zone}/{dataset}" for dataset in list_lake_folder(lake, zone))
    yield f"ledger/{snapshots_table.TABLE}"
    yield f"ledger/{receipts_table.TABLE}"


def list_lake_folder(lake: Lake, *parts: str) -> list[str]:
    """Return the names in a folder of the lake, sorted. Empty if the folder does not exist."""
    try:
        found = lake.fs.ls(lake.path(*parts), detail=False)
    except FileNotFoundError:
        return []
    return sorted({path.rstrip("/").rsplit("/", 1)[-1] for path in found})


def _pin_table(lake: Lake, found: PinnedLake, table: str) -> None:
    opened = open_delta_if_exists(lake, lake.path(table))
    if opened is None:
        return
    version = found.tables[table] = opened.version()
    entries = [(_LOG.match(name), name) for name in list_lake_folder(lake, table, "_delta_log")]
    found.small += [f"{table}/_delta_log/{name}" for of, name in entries if of and int(of[1]) <= version]
    # Without _last_checkpoint: it can refer to a later version, and readers find checkpoints without it.
    for path, size in list_active_files(opened).select("path", "size_bytes").iter_rows():
        found.files[f"{table}/{path}"] = size


def _pin_mart(lake: Lake, found: PinnedLake, mart: str) -> None:
    """Pin the published version of a mart, and those that a person has pinned."""
    path = f"marts/{mart}/{POINTER_FILE}"
    try:
        pointer = lake.fs.cat_file(lake.path(path))
    except FileNotFoundError:
        return
    found.pointers[path] = pointer
    file = f"marts/{mart}/{json.loads(pointer)['file']}"
    found.files[file] = int(lake.fs.size(lake.path(file)))
    kept = pinned_versions(Ledger(lake), mart)
    for version, stored in (published_files(lake, mart) if kept else {}).items():
        if version in kept:
            found.files[f"marts/{mart}/{stored.path}"] = stored.size


def _pin_folder(lake: Lake, found: PinnedLake, folder: str, ending: str = "") -> None:
    for path, size in list_file_sizes(lake, folder).items():
        if path.endswith(ending) and not path.endswith(".partial") and "/_delta_log/" not in path:
            found.beside[path] = size


def list_file_sizes(lake: Lake, folder: str) -> dict[str, int]:
    """Return path → size in bytes of all files below a folder of the lake. Paths are relative to the lake."""
    root = lake.fs_path(lake.url).rstrip("/") + "/"
    found = lake.fs.find(lake.path(folder), detail=True)
    return {path.removeprefix(root): int(info["size"]) for path, info in found.items()}
