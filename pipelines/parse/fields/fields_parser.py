"""Blocks of plain CSV read by ``fields.c``."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from citylake.pipelines.parse.arrow_parser import ArrowBlockParser
from citylake.pipelines.parse.block_parser import ROW_OFFSET_STEP, ParsedBlock
from citylake.pipelines.parse.fields.field_memory import FieldMemory
from citylake.pipelines.parse.fields.split_fields import FieldDialect, FieldSplitter, NotPlainFieldsError
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile


class FieldsBlockParser:
    """Parses one block after another in the same memory; used by one thread."""

    def __init__(self, memory: FieldMemory) -> None:
        self.kind = type(memory).__name__
        self._splitter = FieldSplitter(memory)
        self._text = memoryview(b"")

    def buffer(self, file: PlainCsvFile, size: int) -> memoryview:
        """``size`` bytes for the text of the next block."""
        self._text = self._splitter.buffer(size, len(file.layout.columns))
        return self._text

    def parse(self, file: PlainCsvFile, ends: Sequence[int], rich: Set[str]) -> ParsedBlock:
        """The text in the buffer: parts of whole lines that are like ``file``, and the end of each.

        ``rich``: columns in which most texts are distinct. Raises NotPlainCsvError.
        """
        names, dialect = file.layout.columns, file.layout.dialect
        form = FieldDialect(dialect.delimiter.encode(), dialect.quote.encode(), file.carriage)
        try:
            found = self._splitter.split(ends[-1], form, [name in rich for name in names])
        except NotPlainFieldsError as error:
            raise NotPlainCsvError(file, error.why) from error
        except MemoryError:
            return self._parse_with_arrow(file, ends, rich)
        places = np.searchsorted(found.row_starts, [0, *ends])
        offsets = [
            found.row_starts[first:last:ROW_OFFSET_STEP].astype(np.int64) - start
            for start, first, last in zip([0, *ends], places[:-1], places[1:], strict=False)
        ]
        columns = dict(zip(names, found.columns, strict=True))
        return ParsedBlock(columns, np.diff(places).tolist(), offsets)

    def _parse_with_arrow(self, file: PlainCsvFile, ends: Sequence[int], rich: Set[str]) -> ParsedBlock:
        """The same, where so many texts are distinct that their hashes do not fit the memory."""
        other = ArrowBlockParser()
        other.buffer(file, ends[-1])[:] = self._text[: ends[-1]]
        return other.parse(file, ends, rich)
