"""NumPy to Arrow without a copy, and without the import of pandas that ``pa.array`` and ``pa.table`` begin with.

If pandas is installed, that import alone costs half a second per process.
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
    """The array as an Arrow array over the same memory; null where ``nulls`` is true."""
    values = np.ascontiguousarray(values)
    mask = None
    if nulls is not None:
        mask = pa.py_buffer(np.packbits(~nulls, bitorder="little"))
    return pa.Array.from_buffers(_ARROW_TYPES[values.dtype], len(values), [mask, pa.py_buffer(values)])


def arrow_table(columns: Mapping[str, pa.Array]) -> pa.Table:
    """A table of these columns."""
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def single_array(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array."""
    return column.combine_chunks()


def indices_to_numpy(indices: pa.Array, null: int) -> np.ndarray:
    """Indices (int32) as a NumPy array, with ``null`` in place of nulls."""
    found = np.frombuffer(indices.buffers()[1], np.int32)[indices.offset : indices.offset + len(indices)]
    if not indices.null_count:
        return found
    return np.where(null_mask(indices), np.int32(null), found)


def arrow_to_numpy(array: pa.Array) -> np.ndarray:
    """An array of numbers without nulls as a NumPy array over the same memory."""
    kind = next(kind for kind, arrow_type in _ARROW_TYPES.items() if arrow_type == array.type)
    held = np.frombuffer(array.buffers()[1], kind)
    return held[array.offset : array.offset + len(array)]


def null_mask(array: pa.Array) -> np.ndarray:
    """A boolean mask: true where the value is null."""
    valid = array.buffers()[0]
    if valid is None or not array.null_count:
        return np.full(len(array), array.type == pa.null())
    bits = np.unpackbits(np.frombuffer(valid, np.uint8), count=array.offset + len(array), bitorder="little")
    return np.asarray(bits[array.offset :] == 0)


def string_array(values: Sequence[str | None]) -> pa.Array:
    """Texts as an array."""
    return pl.Series(values, dtype=pl.String).to_arrow().cast(pa.string())
