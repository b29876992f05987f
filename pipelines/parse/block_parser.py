"""What reads the bytes of a block of plain CSV: one interface, for whichever reader is the quickest here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from citylake.pipelines.blocks.block import EncodedColumn
from citylake.pipelines.parse.plain_csv import PlainCsvFile
from citylake.pipelines.parse.read_record import ROW_OFFSET_STEP as ROW_OFFSET_STEP

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """``columns``: texts as bytes, by name. For each part: its ``rows``, and its ``row_offsets``.

    These are the first bytes (int64, from the part's start) of every ROW_OFFSET_STEP-th row, beginning with the first.
    """

    columns: Mapping[str, EncodedColumn]
    rows: Sequence[int]
    row_offsets: Sequence[np.ndarray]


class BlockParser(Protocol):
    """Parses one block after another; used by one thread."""

    def buffer(self, file: PlainCsvFile, size: int) -> memoryview:
        """``size`` bytes for the text of the next block."""

    def parse(self, file: PlainCsvFile, ends: Sequence[int], rich: Set[str]) -> ParsedBlock:
        """The text in the buffer: parts of whole lines that are like ``file``, and the end of each.

        ``rich``: columns in which most texts are distinct. Raises NotPlainCsvError.
        """
