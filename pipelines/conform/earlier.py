"""Rows that the pass has written, found again by the hashes of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import BinaryIO

import numpy as np
import polars as pl

from pipelines.conform.seen import marked
from pipelines.conform.writer import Group, Writer


class Earlier:
    """What the workers have written; their files are closed."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        self._writers = writers

    def rows(self, wanted: np.ndarray, columns: Sequence[str]) -> list[pl.DataFrame]:
        """The rows whose keys have one of the ``wanted`` hashes."""
        sought, writers = np.unique(wanted), [writer for writer in self._writers if writer.groups]

        def found(writer: Writer) -> list[pl.DataFrame]:
            files = groupby(sorted(writer.groups, key=_place), lambda group: group.path)
            with open(writer.remembered, "rb") as keys:
                chosen = [(path, np.concatenate(list(_places(groups, keys, sought)))) for path, groups in files]
            plans = [_chosen(writer, path, rows, columns) for path, rows in chosen if len(rows)]
            return pl.collect_all(plans, engine="streaming")

        with ThreadPoolExecutor(len(writers) or 1, "citylake") as threads:
            return [frame for frames in threads.map(found, writers) for frame in frames]


def _place(group: Group) -> tuple[str, int]:
    return group.path, group.number


def _places(groups: Iterator[Group], keys: BinaryIO, sought: np.ndarray) -> Iterator[np.ndarray]:
    """The places in their file of the rows of each group that have one of the hashes."""
    first = 0
    for group in groups:
        keys.seek(group.first * 8)
        held = np.fromfile(keys, np.uint64, group.rows)
        maybe = np.flatnonzero(marked(sought, held))
        yield maybe[np.isin(held[maybe], sought)] + first
        first += group.rows


def _chosen(writer: Writer, path: str, rows: np.ndarray, columns: Sequence[str]) -> pl.LazyFrame:
    scanned = pl.scan_parquet(
        path,
        storage_options=writer.to.lake.storage_options,
        hive_partitioning=False,
        glob=False,
        row_index_name="_place",
    )
    return scanned.filter(pl.col("_place").is_in(pl.Series(rows).implode())).select(columns)
