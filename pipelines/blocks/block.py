"""A block of rows: each column as its distinct texts and, for every row, the index of its text.

Columns of city data repeat themselves (devices, districts, speeds to one decimal), so each distinct text is evaluated
once per block and the result is looked up for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from citylake.pipelines.blocks.arrow_arrays import (
    arrow_table,
    indices_to_numpy,
    null_mask,
    numpy_to_arrow,
    string_array,
)

DICTIONARY_TYPE = pa.dictionary(pa.int32(), pa.string())
PROVENANCE_COLUMNS = ("_receipt", "_source", "_part", "_row")


@dataclass(frozen=True, slots=True)
class EncodedColumn:
    """``values``: distinct texts, and null if rows have none; ``at``: int32, the index into ``values`` of each row."""

    values: pa.Array
    at: np.ndarray

    @classmethod
    def of(cls, array: pa.DictionaryArray) -> EncodedColumn:
        """The column of an Arrow array of dictionary type."""
        values, at = array.dictionary, indices_to_numpy(array.indices, len(array.dictionary))
        if array.indices.null_count:
            values = pa.concat_arrays([values, pa.nulls(1, values.type)])
        return cls(values, at)

    @classmethod
    def constant(cls, value: str | None, rows: int) -> EncodedColumn:
        """The same text in every row."""
        return cls(string_array([value]), np.zeros(rows, np.int32))

    @classmethod
    def runs(cls, values: Sequence[str | None], lengths: Sequence[int]) -> EncodedColumn:
        """``values[i]`` in ``lengths[i]`` rows, one after another."""
        return cls(string_array(values), np.repeat(np.arange(len(values), dtype=np.int32), lengths))

    def texts(self, rows: np.ndarray | None = None) -> pa.Array:
        """The text of every row, or of ``rows``."""
        return self.values.take(numpy_to_arrow(self.at if rows is None else self.at[rows]))

    def coded(self, rows: slice | np.ndarray | None = None) -> pa.DictionaryArray:
        """Every row, or ``rows``, as an Arrow array of dictionary type."""
        at = self.at[rows] if isinstance(rows, slice) else self.at if rows is None else self.at.take(rows)
        if not self.values.null_count:
            return pa.DictionaryArray.from_arrays(numpy_to_arrow(at), self.values)
        # Parquet marks nulls per row, not in the dictionary.
        nulls = null_mask(self.values)
        left = np.cumsum(~nulls, dtype=np.int32) - np.int32(1)
        return pa.DictionaryArray.from_arrays(
            numpy_to_arrow(np.maximum(left, 0)[at], nulls[at]), self.values.drop_null()
        )


@dataclass(slots=True)
class Block:
    """``columns``: source fields and ``_receipt``, ``_source``, ``_part``.

    ``numbers`` returns the records' numbers (int64). It is called once, and in the order of the blocks.
    """

    columns: Mapping[str, EncodedColumn]
    rows: int
    numbers: Callable[[], np.ndarray]
    fault: np.ndarray | None = None
    """What reshaping found wrong with each row (int8): 0 is nothing."""
    row: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    """The records' numbers, set from ``numbers``."""
    decided: Mapping[str, EncodedColumn] = field(default_factory=dict)
    """What people decided about the rows, and the texts as they were sent, if the batch has corrections."""

    def texts(self, rows: np.ndarray) -> pa.Table:
        """``rows`` as text columns, with their provenance."""
        named = {name: column.texts(rows) for name, column in self.columns.items()}
        return arrow_table({**named, "_row": numpy_to_arrow(self.row[rows])})
