"""Standard columns of a block: the distinct values, and for every row the index of its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from citylake.pipelines.blocks.arrow_arrays import indices_to_numpy, null_mask, numpy_to_arrow, single_array

_WIDTHS: dict[int, np.dtype[Any]] = {8: np.dtype(np.int64), 4: np.dtype(np.int32)}


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """``values`` may contain repeats; ``at``: int32, the index into ``values`` for each row."""

    values: pa.Array
    at: np.ndarray

    def array(self, rows: np.ndarray | None = None) -> pa.Array:
        """The values of every row, or of the chosen ones; text is of dictionary type, for Parquet."""
        at = self.at if rows is None else self.at.take(rows)
        if self.values.type == pa.string():
            return _dictionary_encode(self.values, at)
        kind = _numpy_type(self.values.type)
        if kind is None:
            return self.values.take(numpy_to_arrow(at))
        held = np.frombuffer(self.values.buffers()[1], kind)[self.values.offset :]
        nulls = null_mask(self.values) if self.values.null_count else None
        mask = None if nulls is None else pa.py_buffer(np.packbits(~nulls[at], bitorder="little"))
        return pa.Array.from_buffers(self.values.type, len(at), [mask, pa.py_buffer(held[at])])

    def series(self) -> pl.Series:
        """The value of every row."""
        text = self.values.type == pa.string()
        return pl.Series(self.values.take(numpy_to_arrow(self.at)) if text else self.array())

    def without(self, rows: np.ndarray) -> TypedColumn:
        """The same, with null in the rows where ``rows`` is true."""
        if not rows.any():
            return self
        values = pa.concat_arrays([self.values, pa.nulls(1, self.values.type)])
        return TypedColumn(values, np.where(rows, np.int32(len(self.values)), self.at))

    def distinct(self) -> TypedColumn:
        """The same with each value once, null among them."""
        found = self.values.dictionary_encode("encode")
        return TypedColumn(found.dictionary, indices_to_numpy(found.indices, 0).take(self.at))


def _dictionary_encode(values: pa.Array, at: np.ndarray) -> pa.Array:
    found = values.dictionary_encode()
    indices = indices_to_numpy(found.indices, -1).take(at)
    coded = numpy_to_arrow(np.maximum(indices, 0), indices < 0) if found.null_count else numpy_to_arrow(indices)
    return pa.DictionaryArray.from_arrays(coded, found.dictionary)


def _numpy_type(kind: pa.DataType) -> np.dtype[Any] | None:
    """The NumPy type of the same width, for types with one number per value."""
    fixed = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind)
    return _WIDTHS.get(kind.bit_width // 8) if fixed else None


def frame_to_arrays(frame: pl.DataFrame) -> dict[str, pa.Array]:
    """The columns of a frame as arrays; text as plain Arrow strings."""
    whole = frame.to_arrow()
    text = [name for name, kind in frame.schema.items() if kind == pl.String]
    return {
        name: single_array(whole[name]).cast(pa.string()) if name in text else single_array(whole[name])
        for name in frame.columns
    }
