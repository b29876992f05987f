"""The rows of a block as Parquet of text, one folder per receipt, for what needs all rows of a receipt at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.blocks.arrow_arrays import arrow_table, numpy_to_arrow
from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS, Block

_SMALL_PART_ROWS = 20_000
"""Rows below which a part is written without its block's dictionaries."""


def write_texts(block: Block, folder: Path, number: int) -> list[str]:
    """Write a block's rows below ``folder``; ``number`` is its place among the blocks. Returns the paths."""
    written = []
    for receipt, rows in _receipt_slices(block):
        path = folder / receipt / f"part-{number:05d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        # The rows are read once, without a filter.
        pq.write_table(_text_table(block, rows), path, compression="zstd", write_statistics=False, store_schema=False)
        written.append(str(path))
    return written


def _text_table(block: Block, rows: slice) -> pa.Table:
    order = [*(name for name in block.columns if name not in PROVENANCE_COLUMNS), "_receipt", "_source", "_part"]
    coded = {name: block.columns[name].coded(rows) for name in order}
    whole = arrow_table({**coded, "_row": numpy_to_arrow(block.row[rows])})
    if whole.num_rows < _SMALL_PART_ROWS:
        return whole.cast(pa.schema([(name, pa.string()) for name in order] + [("_row", pa.int64())]))
    return whole


def _receipt_slices(block: Block) -> list[tuple[str, slice]]:
    """The receipts of a block, each with its rows, in order."""
    receipts = block.columns["_receipt"]
    ends = np.cumsum(np.bincount(receipts.at, minlength=len(receipts.values)))
    starts = [0, *ends[:-1].tolist()]
    names = receipts.values.to_pylist()
    return [(name, slice(start, int(end))) for name, start, end in zip(names, starts, ends, strict=True)]
