"""What the distinct contents of cells mean: each is read once, however often it stands in a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

Sort = tuple[int, int]
"""The style and the kind of a cell."""
_MEANING = {"bytes": pl.Int64, "text": pl.String, "kind": pl.Int8, "note": pl.String}


def _no_cell() -> pl.DataFrame:
    return pl.DataFrame([{"bytes": 0, "text": None, "kind": None, "note": None}], schema=_MEANING)


@dataclass(slots=True)
class Contents:
    """Contents by their numbers, from 1 on; number 0 stands for no cell."""

    known: pl.DataFrame = field(default_factory=_no_cell)
    """``bytes``, ``text``, ``kind`` and ``note`` of each; no ``text`` if it is no cell."""
    sort: npt.NDArray[np.uint32] = field(default_factory=lambda: np.zeros(1, np.uint32))
    """The place in ``sorts`` of each; 0 if it is no cell."""
    sorts: list[Sort] = field(default_factory=lambda: [(-1, -1)])
    """Styles and kinds; the first one stands for no cell."""

    @property
    def bytes(self) -> npt.NDArray[np.int64]:
        """The bytes of each text."""
        return self.known["bytes"].to_numpy()

    def add(self, sizes: pl.Series, read: pl.DataFrame) -> None:
        """Add as many contents as ``sizes`` has: their bytes, and their cells (``column``: the content's place)."""
        numbers = sizes.to_frame("bytes").with_columns(column=pl.int_range(pl.len(), dtype=pl.Int64))
        found = numbers.join(read, on="column", how="left", maintain_order="left")
        self.known = pl.concat([self.known, found.select(*_MEANING)], rechunk=True)
        pairs = found.filter(pl.col("text").is_not_null()).select("style", "kind").unique()
        numbered = {pair: place for place, pair in enumerate(self.sorts)}
        for pair in pairs.iter_rows():
            if numbered.setdefault(pair, len(self.sorts)) == len(self.sorts):
                self.sorts.append(pair)
        places = pairs.with_columns(sort=pl.Series([numbered[pair] for pair in pairs.iter_rows()], dtype=pl.UInt32))
        sort = found.join(places, on=["style", "kind"], how="left", maintain_order="left")["sort"].fill_null(0)
        self.sort = np.concatenate([self.sort, sort.to_numpy()])
