"""Combines the small files of a ledger table if they are many: a flush does it, without waiting for the upkeep.

Opening a file costs as much as reading a thousand rows. The new file has the rows of the old ones, each dataset's in
the order of the ledger, and takes their place in one transaction. The old ones stay, for readers that still name them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
from deltalake.transaction import RemoveAction

from citylake.pipelines.lake.conflict_retry import conflict_attempts
from citylake.pipelines.lake.delta_log import shorten_log
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_append import DATASET, LedgerFile, rearrange_ledger_files, write_ledger_file
from citylake.pipelines.lake.ledger.ledger_order import in_written_order
from citylake.pipelines.lake.ledger.ledger_upgrade import scan_ledger_files
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from deltalake import DeltaTable

log = logging.getLogger(__name__)
MOST_FILES = 64
"""The number of small files that a ledger table may have; with more, they are combined."""
SMALL_BYTES, SMALL_ROWS = 8_000_000, 250_000
"""A file of this size stays as it is, so that each row is written again only a few times."""
ROWS_AT_ONCE = 2 * SMALL_ROWS
"""The most rows that are combined at a time, which are in memory; the other files wait for the next time."""


def compact_on_the_way(lake: Lake, name: str, schema: pl.Schema, table: DeltaTable) -> bool:
    """The same as :func:`compact_ledger_table`, after a commit that must not fail because of it."""
    try:
        return compact_ledger_table(lake, name, schema, table)
    except Exception:
        log.exception("ledger/%s could not be compacted; a later flush tries it again", name)
        return False


def compact_ledger_table(lake: Lake, name: str, schema: pl.Schema, table: DeltaTable, most: int | None = None) -> bool:
    """Combine the small files of an open table if they are more than ``most`` (``MOST_FILES``), and shorten its log.

    Returns whether the table has changed. If another process has removed one of the files in the meantime, nothing
    changes. A conflict with a commit that adds rows leads to another attempt. Raises ROWS_NOT_KEPT.
    """
    small = _small_files(table)
    if small.height <= (MOST_FILES if most is None else most):
        return False
    root, chosen = lake.ledger(name), _chosen_files(small)
    file = write_ledger_file(lake, root, _combined_rows(lake, name, schema, chosen), data_change=False)
    if not _take_place(lake, root, table, file, chosen):
        return False
    shorten_log(lake, root, table)
    log.info("ledger/%s: %d small files are one now", name, chosen.height)
    return True


def _small_files(table: DeltaTable) -> pl.DataFrame:
    """The small files in the order of the log: ``path``, ``size_bytes``, ``num_records``."""
    files = pl.DataFrame(table.get_add_actions()).select("path", "size_bytes", "num_records")
    return files.filter(pl.col("size_bytes") < SMALL_BYTES, pl.col("num_records") < SMALL_ROWS)


def _chosen_files(small: pl.DataFrame) -> pl.DataFrame:
    """As many files as the limit allows, at least two, in the same order."""
    fewest = small.with_row_index("place").sort("num_records", maintain_order=True)
    return fewest.filter(pl.col("num_records").cum_sum() <= ROWS_AT_ONCE).sort("place")


def _combined_rows(lake: Lake, name: str, schema: pl.Schema, chosen: pl.DataFrame) -> pl.DataFrame:
    root, expected = lake.ledger(name), chosen["num_records"].sum()
    rows = scan_ledger_files(lake, name, schema, [f"{root}/{path}" for path in chosen["path"]])
    found = pl.DataFrame(schema=schema) if rows is None else _grouped(rows.collect(engine="streaming"))
    if found.height != expected:
        raise CitylakeError("ROWS_NOT_KEPT", table=root, before=expected, after=found.height)
    return found


def _grouped(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a dataset next to each other, in written order: a question about one reads few row groups."""
    ordered = in_written_order(rows)
    return ordered.sort(DATASET, maintain_order=True) if DATASET in rows.columns else ordered


def _take_place(lake: Lake, root: str, table: DeltaTable, file: LedgerFile, chosen: pl.DataFrame) -> bool:
    """Return whether the file is in the table in the place of the chosen ones; if not, it is deleted."""
    sources = list(_remove_actions(chosen))
    for attempt in conflict_attempts():
        with attempt:
            active = _active_paths(table)
            # It can be there already: a store can accept a commit whose response is lost, and reject the retry.
            if file.add.path not in active and active.issuperset(chosen["path"]):
                rearrange_ledger_files(lake, root, table, file, sources)
            break
    if file.add.path in _active_paths(table):
        return True
    lake.remove(f"{root}/{file.add.path}")
    return False


def _active_paths(table: DeltaTable) -> set[str]:
    table.update_incremental()
    return set(pl.DataFrame(table.get_add_actions())["path"])


def _remove_actions(files: pl.DataFrame) -> Iterator[RemoveAction]:
    now = time.time_ns() // 1_000_000
    for path, size in files.select("path", "size_bytes").iter_rows():
        yield RemoveAction(path, False, now, size, {})  # noqa: FBT003
