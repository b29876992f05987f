"""What of a lake belongs to one backup, such that runs that go on meanwhile do not matter.

What was written last is looked at first: the ledger of batches before the tables that it tells of, these before the
receipts and bytes that they name. So nothing that is kept names anything that is not. A table may be ahead of the
ledger: that is how a crash leaves a lake, and the next run completes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from citylake.pipelines.commit.table_files import list_active_files
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import duplicates_table, receipts_table, snapshots_table, states_table
from citylake.pipelines.marts.publish import mart_pointer

_LOG = re.compile(r"(\d{20})\.")
_WRITTEN_BEFORE = (receipts_table.TABLE, snapshots_table.TABLE, duplicates_table.TABLE)
"""Tables of the ledger that a run writes before or with the standard tables, not after them."""
_AS_THEY_LIE = ("landing", "raw", "reports")


@dataclass(slots=True)
class PinnedLake:
    """Paths are relative to the lake."""

    tables: dict[str, int] = field(default_factory=dict)
    """Delta version by table."""
    small: list[str] = field(default_factory=list)
    """Entries of the tables' logs, up to that version."""
    pointers: dict[str, bytes] = field(default_factory=dict)
    """What each mart's pointer says."""
    files: dict[str, int] = field(default_factory=dict)
    """Bytes by file that a log or a pointer names; it is never changed, and its name never used for another."""
    beside: dict[str, int] = field(default_factory=dict)
    """Bytes by file that nothing names: it may be in the making, or go."""


def pin_lake(lake: Lake) -> PinnedLake:
    """The lake as it is now."""
    found = PinnedLake()
    for table in _after_standard(lake):
        _pin_table(lake, found, table)
    for mart in list_lake_folder(lake, "marts"):
        _pin_mart(lake, found, mart)
    for table in _up_to_standard(lake):
        _pin_table(lake, found, table)
    for zone in _AS_THEY_LIE:
        _pin_folder(lake, found, zone)
    # Rows that lost against a table are in a file before the table's commit, and in this log after it.
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
    """The names in a folder of the lake; none where there is no such folder."""
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
    # Not _last_checkpoint: it may name one after this version, and readers find the checkpoints without it.
    for path, size in list_active_files(opened).select("path", "size_bytes").iter_rows():
        found.files[f"{table}/{path}"] = size


def _pin_mart(lake: Lake, found: PinnedLake, mart: str) -> None:
    """The version that readers have now."""
    path = f"marts/{mart}/{mart_pointer.POINTER_FILE}"
    try:
        told = lake.fs.cat_file(lake.path(path))
    except FileNotFoundError:
        return
    found.pointers[path] = told
    file = f"marts/{mart}/{json.loads(told)['file']}"
    found.files[file] = int(lake.fs.size(lake.path(file)))


def _pin_folder(lake: Lake, found: PinnedLake, folder: str, ending: str = "") -> None:
    for path, size in list_file_sizes(lake, folder).items():
        if path.endswith(ending) and not path.endswith(".partial") and "/_delta_log/" not in path:
            found.beside[path] = size


def list_file_sizes(lake: Lake, folder: str) -> dict[str, int]:
    """Bytes by file below a folder of the lake."""
    root = lake.fs_path(lake.url).rstrip("/") + "/"
    found = lake.fs.find(lake.path(folder), detail=True)
    return {path.removeprefix(root): int(told["size"]) for path, told in found.items()}
