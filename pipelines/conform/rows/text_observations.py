"""What is odd about the texts of a batch, by column: counted on the distinct texts of each block, for its notices."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag

import numpy as np
import polars as pl

from citylake.pipelines.blocks.arrow_arrays import arrow_to_numpy
from citylake.pipelines.blocks.block import Block
from citylake.pipelines.blocks.damaged_texts import DAMAGED_TEXTS, MISREAD_UTF8
from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.elementwise import map_elementwise
from citylake.pipelines.conform.bind.identifier_texts import is_padded_number, is_perhaps_scientific
from citylake.pipelines.conform.bind.invisible_characters import has_invisible, is_ascii
from citylake.pipelines.conform.bind.source_texts import source_text_expr
from citylake.pipelines.conform.rows.typed_column import TypedColumn


class TextOddity(IntFlag):
    """What a text can have that is reported and does not refuse its row."""

    INVISIBLE = 1
    PADDED = 2
    PERHAPS_SCIENTIFIC = 4
    DAMAGED = 8


def text_oddities(bound: BoundColumn) -> pl.Expr:
    """The :class:`TextOddity` of each text, as Int32."""
    source, tests = source_text_expr(bound), {TextOddity.DAMAGED: _is_damaged(source_text_expr(bound))}
    if bound.invisible != "refuse":
        tests[TextOddity.INVISIBLE] = has_invisible(source, identifier=bound.identifies)
    if bound.identifies and not bound.codes and not bound.binding.lookup:
        tests[TextOddity.PERHAPS_SCIENTIFIC] = is_perhaps_scientific(pl.col(bound.text))
        if bound.pad is None:
            tests[TextOddity.PADDED] = is_padded_number(pl.col(bound.text))
    return pl.sum_horizontal(
        test.fill_null(value=False).cast(pl.Int32) * int(oddity) for oddity, test in tests.items()
    ).cast(pl.Int32)


def _is_damaged(text: pl.Expr) -> pl.Expr:
    def work(values: pl.Series) -> pl.Series:
        if is_ascii(values):
            return pl.repeat(value=False, n=len(values), dtype=pl.Boolean, eager=True).alias(values.name)
        return values.str.contains_any([*DAMAGED_TEXTS, *MISREAD_UTF8])

    return map_elementwise(text, work, pl.Boolean)


@dataclass(frozen=True, slots=True)
class OddTexts:
    """Rows of one column whose texts have an oddity, and where the first of them is."""

    column: str
    oddity: TextOddity
    rows: int
    example: str
    source: str
    row: int


@dataclass(slots=True)
class TextObserver:
    """Adds up the odd texts of all blocks; the example is the one with the lowest row."""

    found: dict[tuple[str, TextOddity], OddTexts] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, block: Block, odd: Mapping[str, TypedColumn], fields: Mapping[str, Sequence[str]]) -> None:
        """Add a block whose rows are numbered. ``odd``: by column, its oddities; ``fields``: its source fields."""
        for column, flags in odd.items():
            values = arrow_to_numpy(flags.values)
            for oddity in TextOddity:
                rows = np.flatnonzero((values & int(oddity)).astype(np.bool_)[flags.at])
                if len(rows):
                    self._count(_odd_texts(block, column, oddity, rows, fields[column]))

    def _count(self, new: OddTexts) -> None:
        with self._lock:
            known = self.found.get((new.column, new.oddity))
            rows = new.rows + (known.rows if known else 0)
            first = known if known and (known.source, known.row) <= (new.source, new.row) else new
            self.found[new.column, new.oddity] = OddTexts(
                new.column, new.oddity, rows, first.example, first.source, first.row
            )

    def __iter__(self) -> Iterator[OddTexts]:
        return iter(sorted(self.found.values(), key=lambda odd: (odd.column, odd.oddity)))


def _odd_texts(block: Block, column: str, oddity: TextOddity, rows: np.ndarray, fields: Sequence[str]) -> OddTexts:
    first = rows[:1]
    texts = [block.columns[name].texts(first)[0].as_py() for name in fields if name in block.columns]
    (source,) = block.columns["_source"].texts(first).to_pylist()
    return OddTexts(column, oddity, len(rows), " ".join(filter(None, texts)), str(source), int(block.row[first[0]]))
