"""A memo of evaluated texts of one source field, so that only new texts are evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from citylake.pipelines.blocks.arrow_arrays import indices_to_numpy, null_mask

MEMO_LIMIT = 100_000
"""Texts in a memo; a memo with more of them is cleared."""


@dataclass(slots=True)
class TextMemo:
    """``texts`` are distinct; ``worked`` has arrays of the same length for each unit of the field."""

    texts: pa.Array = field(default_factory=lambda: pa.nulls(0, pa.string()))
    worked: dict[str, dict[str, pa.Array]] = field(default_factory=dict)

    def ask(self, values: pa.Array) -> tuple[np.ndarray, pa.Array]:
        """The index of each value among the texts, and the new texts, which must be added by :meth:`learn`."""
        if len(self.texts) + len(values) > MEMO_LIMIT:
            self.texts, self.worked = pa.nulls(0, pa.string()), {}
        found = pc.index_in(values, options=pc.SetLookupOptions(value_set=self.texts))
        at = indices_to_numpy(found, -1).copy()
        unknown = null_mask(found)
        at[unknown] = np.arange(len(self.texts), len(self.texts) + int(unknown.sum()), dtype=np.int32)
        return at, values.filter(found.is_null())

    def learn(self, new: pa.Array, worked: Mapping[str, dict[str, pa.Array]]) -> None:
        """Add new texts and their evaluated values."""
        self.texts = pa.concat_arrays([self.texts, new]) if len(self.texts) else new
        for unit, arrays in worked.items():
            held = self.worked.get(unit)
            self.worked[unit] = (
                {name: pa.concat_arrays([held[name], new]) for name, new in arrays.items()} if held else arrays
            )
