"""Rows that the pass has written, found again by the hashes of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import BinaryIO

import numpy as np
import polars as pl

from pipelines.conform.aside import KEY, Aside
from pipelines.conform.seen import Marks
from pipelines.conform.writer import Group, Writer

PLACE = "_place"


def earlier(writers: Sequence[Writer], wanted: np.ndarray, columns: Sequence[str], to: Aside) -> None:
    """Put aside ``columns`` of the written rows whose keys have one of the ``wanted`` hashes; files are closed."""
    sought = np.unique(wanted)
    if not len(sought):
        return
    marks = Marks(sought)

    def look(file: tuple[Writer, str, list[Group]]) -> None:
        writer, path, groups = file
        with open(writer.remembered, "rb") as keys:
            found = pl.concat(list(_places(groups, keys, sought, marks)))
        if found.height:
            to.add(_chosen(writer, path, found, columns).to_arrow())

    files = [
        (writer, path, list(groups))
        for writer in writers
        for path, groups in groupby(sorted(writer.groups, key=_place), lambda group: group.path)
    ]
    # Two for each that wrote: one reads hashes while the other reads rows.
    with ThreadPoolExecutor(2 * len(writers), "citylake") as threads:
        list(threads.map(look, files))


def _place(group: Group) -> tuple[str, int]:
    return group.path, group.number


def _places(groups: Sequence[Group], keys: BinaryIO, sought: np.ndarray, marks: Marks) -> Iterator[pl.DataFrame]:
    """The places in their file of the rows of each group that have one of the hashes, with their hashes."""
    first = 0
    for group in groups:
        keys.seek(group.first * 8)
        held = np.fromfile(keys, np.uint64, group.rows)
        maybe = np.flatnonzero(marks.look(held))
        # Not isin, which would put all that is sought in order again for every group.
        nearest = np.searchsorted(sought, held[maybe])
        rows = maybe[sought[np.minimum(nearest, len(sought) - 1)] == held[maybe]]
        yield pl.DataFrame({PLACE: (rows + first).astype(np.uint32), KEY: held[rows]})
        first += group.rows


def _chosen(writer: Writer, path: str, found: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    scanned = pl.scan_parquet(
        path,
        storage_options=writer.to.lake.storage_options,
        hive_partitioning=False,
        glob=False,
        row_index_name=PLACE,
    )
    chosen = scanned.filter(pl.col(PLACE).is_in(found[PLACE].implode())).select(PLACE, *columns)
    # They were all written before those put aside, and their part of a source is asked for by nobody.
    rows = chosen.collect(engine="streaming").join(found, on=PLACE, how="left", maintain_order="left")
    return rows.drop(PLACE).with_columns(_index=pl.lit(-1, pl.Int64), _part=pl.lit(""))
