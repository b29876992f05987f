"""Rows that the pass has written, found again by the hashes of their keys."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.blocks.arrays import arrow
from pipelines.blocks.budget import Budget
from pipelines.blocks.parallel import Pool
from pipelines.conform.seen import marked
from pipelines.conform.writer import Group, Writer


class Earlier:
    """What the workers have written; their files are closed."""

    def __init__(self, writers: Sequence[Writer], budget: Budget) -> None:
        self._writers, self._budget = writers, budget

    def rows(self, wanted: np.ndarray, columns: Sequence[str]) -> list[pl.DataFrame]:
        """The rows whose keys have one of the ``wanted`` hashes."""
        sought, found, lock = np.unique(wanted), list[pl.DataFrame](), threading.Lock()
        files = [(writer, list(some)) for writer in self._writers for _, some in groupby(_sorted(writer), _path)]

        def work(_: int, __: int, file: tuple[Writer, list[Group]]) -> None:
            frames = self._in_file(*file, sought, columns)
            with lock:
                found.extend(frames)

        Pool(iter(files), self._budget.workers).run(work)
        return found

    def _in_file(
        self, writer: Writer, groups: Sequence[Group], sought: np.ndarray, columns: Sequence[str]
    ) -> list[pl.DataFrame]:
        keys = np.memmap(writer.remembered, np.uint64, "r")
        hits = [(group, _hits(keys[group.first : group.first + group.rows], sought)) for group in groups]
        hits = [(group, rows) for group, rows in hits if len(rows)]
        if not hits:
            return []
        frames = []
        with writer.to.lake.fs.open(groups[0].path, "rb") as stream:
            texts = [entry.name for entry in pq.read_schema(stream) if entry.type == pa.string()]
            file = pq.ParquetFile(stream, read_dictionary=texts)
            for group, rows in hits:
                table = file.read_row_group(group.number, columns=list(columns), use_threads=False)
                frames.append(_plain(table.take(arrow(rows))))
        return frames


def _sorted(writer: Writer) -> list[Group]:
    return sorted(writer.groups, key=_path)


def _path(group: Group) -> str:
    return group.path


def _hits(keys: np.ndarray, sought: np.ndarray) -> np.ndarray:
    maybe = np.flatnonzero(marked(sought, keys))
    return np.asarray(maybe[np.isin(keys[maybe], sought)])


def _plain(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
