"""Rows that the pass has written, found by the hashes of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import BinaryIO

import numpy as np
import polars as pl

from citylake.pipelines.conform.rows.bloom_filter import HashPrefilter
from citylake.pipelines.conform.rows.spill_buffer import KEY_HASH, SpillBuffer
from citylake.pipelines.conform.rows.standard_writer import StandardWriter, WrittenRowGroup

PLACE_COLUMN = "_place"


def find_written_rows(
    writers: Sequence[StandardWriter], wanted: np.ndarray, columns: Sequence[str], to: SpillBuffer
) -> None:
    """Spill ``columns`` of the written rows whose keys have one of the ``wanted`` hashes; files must be closed."""
    sought = np.unique(wanted)
    if not len(sought):
        return
    marks = HashPrefilter(sought)

    def look(file: tuple[StandardWriter, str, list[WrittenRowGroup]]) -> None:
        writer, path, groups = file
        with open(writer.remembered, "rb") as keys:
            found = pl.concat(list(_match_hashes(groups, keys, sought, marks)))
        if found.height:
            to.add(_read_written_rows(writer, path, found, columns).to_arrow())

    files = [
        (writer, path, list(groups))
        for writer in writers
        for path, groups in groupby(sorted(writer.groups, key=_group_position), lambda group: group.path)
    ]
    # Two threads per writer: one reads hashes while the other reads rows.
    with ThreadPoolExecutor(2 * len(writers), "citylake") as threads:
        list(threads.map(look, files))


def _group_position(group: WrittenRowGroup) -> tuple[str, int]:
    return group.path, group.number


def _match_hashes(
    groups: Sequence[WrittenRowGroup], keys: BinaryIO, sought: np.ndarray, marks: HashPrefilter
) -> Iterator[pl.DataFrame]:
    """The positions, in their file, of the rows of each group that have one of the hashes, with their hashes."""
    first = 0
    for group in groups:
        keys.seek(group.first * 8)
        held = np.fromfile(keys, np.uint64, group.rows)
        maybe = np.flatnonzero(marks.look(held))
        # Not ``isin``, which would sort the wanted hashes again for every group.
        nearest = np.searchsorted(sought, held[maybe])
        rows = maybe[sought[np.minimum(nearest, len(sought) - 1)] == held[maybe]]
        yield pl.DataFrame({PLACE_COLUMN: (rows + first).astype(np.uint32), KEY_HASH: held[rows]})
        first += group.rows


def _read_written_rows(writer: StandardWriter, path: str, found: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    scanned = pl.scan_parquet(
        path,
        storage_options=writer.to.lake.storage_options,
        hive_partitioning=False,
        glob=False,
        row_index_name=PLACE_COLUMN,
    )
    # Polars decodes only the chosen rows of a file's other columns if the filter reads one of them.
    chosen = scanned.filter(
        pl.col("_receipt").is_not_null() & pl.col(PLACE_COLUMN).is_in(found[PLACE_COLUMN].implode())
    ).select(PLACE_COLUMN, *columns)
    # They were all written before the spilled rows, and their ``_part`` is not used.
    rows = chosen.collect(engine="streaming").join(found, on=PLACE_COLUMN, how="left", maintain_order="left")
    return rows.drop(PLACE_COLUMN).with_columns(_index=pl.lit(-1, pl.Int64), _part=pl.lit(""))
