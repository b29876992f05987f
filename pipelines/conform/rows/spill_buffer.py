"""Rows spilled by the pass, as text: in memory up to a limit, then in scratch files."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.blocks.arrow_arrays import numpy_to_arrow
from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS, Block
from citylake.pipelines.blocks.parquet_blocks import FAULT_COLUMN
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.schemas.read.contract_columns import REFUSED_COLUMN

KEY_HASH = "_hash"
"""The hash of the row's key."""

_SPILL_GROUP_ROWS = 4096
"""Rows of a row group of a scratch file."""


def text_rows(
    block: Block, rows: np.ndarray, first: int, keys: np.ndarray, refused: pl.Series | None = None
) -> pa.Table:
    """The chosen rows as input of the full plan; ``first`` is the ``_index`` of the block's first row.

    ``refused``: the columns whose values were refused, for every row of the block.
    """
    table = block.texts(rows)
    named = [name if name in PROVENANCE_COLUMNS else RAW_PREFIX + name for name in table.column_names]
    table = table.rename_columns(named).append_column("_index", numpy_to_arrow(rows.astype(np.int64) + first))
    if block.fault is not None:
        table = table.append_column(FAULT_COLUMN, pa.array(block.fault[rows]))
    for name, column in block.decided.items():
        table = table.append_column(name, column.texts(rows))
    if refused is not None:
        table = table.append_column(REFUSED_COLUMN, refused.gather(rows).to_arrow().cast(pa.string()))
    return table.append_column(KEY_HASH, numpy_to_arrow(keys))


@dataclass(slots=True)
class SpillBuffer:
    """Waiting rows, in the order of ``_index`` within each piece."""

    most: int
    scratch: str | None = None
    """The folder for rows beyond ``most``; without one, the caller empties the buffer when it is :meth:`full`."""
    rows: int = 0
    _names: list[str] = field(default_factory=list)
    _held: list[pa.Table] = field(default_factory=list)
    _files: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, table: pa.Table) -> None:
        """Add rows, with the same columns in any order: files of one batch need not agree on it."""
        with self._lock:
            self._names = self._names or table.column_names
            self._held.append(table.select(self._names))
            self.rows += len(table)
            if self.scratch and sum(map(len, self._held)) > self.most:
                self._spill()

    def full(self) -> pl.DataFrame | None:
        """All rows, removed from the buffer, if it is full; otherwise None."""
        with self._lock:
            return self._taken() if self._held and sum(map(len, self._held)) >= self.most else None

    def rest(self) -> pl.DataFrame | None:
        """All rows in memory, removed from the buffer."""
        with self._lock:
            return self._taken() if self._held else None

    def shares(self) -> int:
        """The number of shares (by key hash) such that each share fits into memory."""
        return self.rows // self.most + 1

    def share(self, number: int, of: int) -> pl.DataFrame | None:
        """The rows of one share, by ``_index``; None if nothing was spilled."""
        first, last = (pl.lit(2**64 * edge // of - (edge == of), pl.UInt64) for edge in (number, number + 1))
        chosen = (pl.col(KEY_HASH) >= first) & (
            (pl.col(KEY_HASH) <= last) if number + 1 == of else (pl.col(KEY_HASH) < last)
        )
        plans = [_table_to_frame(table).lazy() for table in self._held] + [
            pl.scan_parquet(path) for path in self._files
        ]
        found = pl.concat([plan.filter(chosen) for plan in plans]).collect(engine="streaming") if plans else None
        return found.sort("_index", maintain_order=True) if found is not None else None

    def keys(self) -> np.ndarray:
        """The hash of every row's key."""
        held = [_table_to_frame(table.select([KEY_HASH])) for table in self._held]
        spilled = [pl.read_parquet(path, columns=[KEY_HASH]) for path in self._files]
        return pl.concat([*held, *spilled])[KEY_HASH].to_numpy() if held or spilled else np.zeros(0, np.uint64)

    def _spill(self) -> None:
        path = f"{self.scratch}/aside-{id(self)}-{len(self._files)}.parquet"
        # Sorted by key hash, so that a share is found without reading the others.
        rows = pa.concat_tables(self._held).sort_by(KEY_HASH)
        pq.write_table(rows, path, compression="lz4", row_group_size=_SPILL_GROUP_ROWS)
        self._files.append(path)
        self._held.clear()

    def _taken(self) -> pl.DataFrame:
        table = pa.concat_tables(self._held)
        self._held.clear()
        self.rows -= len(table)
        return _table_to_frame(table).sort("_index")


def _table_to_frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
