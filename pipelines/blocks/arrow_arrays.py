"""NumPy to Arrow without a copy, and without the look for pandas that ``pa.array`` and ``pa.table`` begin with.

Where pandas is installed, that look alone would cost half a second a process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

_ARROW_TYPES: dict[np.dtype[Any], pa.DataType] = {
    np.dtype(np.int32): pa.int32(),
    np.dtype(np.int64): pa.int64(),
    np.dtype(np.uint64): pa.uint64(),
}


def numpy_to_arrow(values: np.ndarray, nulls: np.ndarray | None = None) -> pa.Array:
    """The array as Arrow's, over the same memory; null where ``nulls``."""
    values = np.ascontiguousarray(values)
    mask = None
    if nulls is not None:
        mask = pa.py_buffer(np.packbits(~nulls, bitorder="little"))
    return pa.Array.from_buffers(_ARROW_TYPES[values.dtype], len(values), [mask, pa.py_buffer(values)])


def arrow_table(columns: Mapping[str, pa.Array]) -> pa.Table:
    """A table of these columns."""
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def single_array(column: pa.ChunkedArray) -> pa.Array:
    """A column of one array."""
    return column.combine_chunks()


def indices_to_numpy(indices: pa.Array, null: int) -> np.ndarray:
    """Indices (int32) as NumPy's, with ``null`` for those that are null."""
    found = np.frombuffer(indices.buffers()[1], np.int32)[indices.offset : indices.offset + len(indices)]
    if not indices.null_count:
        return found
    return np.where(null_mask(indices), np.int32(null), found)


def arrow_to_numpy(array: pa.Array) -> np.ndarray:
    """An array of numbers without nulls as NumPy's, over the same memory."""
    kind = next(kind for kind, arrow_type in _ARROW_TYPES.items() if arrow_type == array.type)
    held = np.frombuffer(array.buffers()[1], kind)
    return held[array.offset : array.offset + len(array)]


def null_mask(array: pa.Array) -> np.ndarray:
    """Which values are null."""
    valid = array.buffers()[0]
    if valid is None or not array.null_count:
        return np.full(len(array), array.type == pa.null())
    bits = np.unpackbits(np.frombuffer(valid, np.uint8), count=array.offset + len(array), bitorder="little")
    return np.asarray(bits[array.offset :] == 0)


def string_array(values: Sequence[str | None]) -> pa.Array:
    """Texts as an array."""
    return pl.Series(values, dtype=pl.String).to_arrow().cast(pa.string())
