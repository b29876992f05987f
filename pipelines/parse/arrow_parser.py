"""Blocks of plain CSV read by Arrow; what Arrow would read otherwise than other readers is found before."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from citylake.pipelines.blocks.arrow_arrays import single_array
from citylake.pipelines.blocks.block import EncodedColumn
from citylake.pipelines.parse.block_parser import ROW_OFFSET_STEP, ParsedBlock
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile

_CODED, _PLAIN = pa.dictionary(pa.int32(), pa.binary()), pa.binary()
_SCAN_LIMIT = 4096
"""Quotes up to which they are searched one by one; beyond that, all at once."""


class ArrowBlockParser:
    """Parses one block after another in the same buffer; used by one thread."""

    def __init__(self) -> None:
        self._text = bytearray()

    def buffer(self, file: PlainCsvFile, size: int) -> memoryview:
        """``size`` bytes for the text of the next block."""
        if len(self._text) < size:
            self._text = bytearray(size)
        return memoryview(self._text)[:size]

    def parse(self, file: PlainCsvFile, ends: Sequence[int], rich: Set[str]) -> ParsedBlock:
        """The text in the buffer: parts of whole lines that are like ``file``, and the end of each.

        ``rich``: columns in which most texts are distinct. Raises NotPlainCsvError.
        """
        text, end, dialect = self._text, ends[-1], file.layout.dialect
        _check_line_ends(file, text, end)
        if not quotes_enclose_fields(text, end, dialect.quote, dialect.delimiter):
            raise NotPlainCsvError(file, "quote in a field")
        table = _read_csv_bytes(file, text, end, rich)
        line_ends = np.flatnonzero(np.frombuffer(text, np.uint8, end) == ord("\n")) + 1
        if len(line_ends) != table.num_rows:
            raise NotPlainCsvError(file, "row count")
        starts = [0, *ends[:-1]]
        places = np.searchsorted(line_ends, [0, *ends], side="right")
        offsets = [
            np.concatenate([[0], line_ends[first + ROW_OFFSET_STEP - 1 : last - 1 : ROW_OFFSET_STEP] - start])
            for start, first, last in zip(starts, places[:-1], places[1:], strict=True)
        ]
        columns = {name: _encoded(table[name]) for name in table.column_names}
        return ParsedBlock(columns, np.diff(places).tolist(), offsets)


def _encoded(column: pa.ChunkedArray) -> EncodedColumn:
    array = single_array(column)
    if isinstance(array, pa.DictionaryArray):
        return EncodedColumn.of(array)
    return EncodedColumn(array, np.arange(len(array), dtype=np.int32))


def _check_line_ends(file: PlainCsvFile, text: bytearray, end: int) -> None:
    returns = text.count(b"\r", 0, end)
    if not file.carriage and returns:
        raise NotPlainCsvError(file, "line ends")
    if file.carriage and not returns == text.count(b"\r\n", 0, end) == text.count(b"\n", 0, end):
        raise NotPlainCsvError(file, "line ends")


def _read_csv_bytes(file: PlainCsvFile, text: bytearray, end: int, rich: Set[str]) -> pa.Table:
    """``text[:end]`` as columns of bytes, of dictionary type except for the ``rich`` ones; raises NotPlainCsvError."""
    dialect, names = file.layout.dialect, list(file.layout.columns)
    try:
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(memoryview(text)[:end])),
            read_options=csv.ReadOptions(block_size=end + 1, use_threads=False, column_names=names),
            parse_options=csv.ParseOptions(
                delimiter=dialect.delimiter, quote_char=dialect.quote or False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types={name: _PLAIN if name in rich else _CODED for name in names},
                # An empty field has no value, a quoted one is an empty text.
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise NotPlainCsvError(file, str(error).splitlines()[0][:80]) from error


def quotes_enclose_fields(text: bytearray, end: int, quote: str, delimiter: str) -> bool:
    """Whether every quote in ``text[:end]`` opens or closes a field, or is doubled inside one.

    The text starts outside quotes. Line ends inside quotes are not checked.
    """
    places = _quote_positions(text, end, quote.encode()) if quote else np.zeros(0, np.int64)
    if len(places) % 2:
        return False
    every = np.frombuffer(text, np.uint8, end)
    opening, closing = places[::2], places[1::2]
    structure = np.frombuffer(f"{delimiter}\n\r".encode(), np.uint8)
    doubled = opening[1:] == closing[:-1] + 1
    starts = np.isin(every[np.maximum(opening - 1, 0)], structure[:2]) | (opening == 0)
    ends = np.isin(every[np.minimum(closing + 1, end - 1)], structure) | (closing == end - 1)
    return bool(np.all(starts[1:] | doubled) and np.all(ends[:-1] | doubled) and _outer_quotes_single(starts, ends))


def _outer_quotes_single(starts: np.ndarray, ends: np.ndarray) -> bool:
    """The first quote must open a field and the last must close one."""
    return not len(starts) or bool(starts[0] and ends[-1])


def _quote_positions(text: bytearray, end: int, quote: bytes) -> np.ndarray:
    found: list[int] = []
    place = text.find(quote, 0, end)
    while place >= 0 and len(found) < _SCAN_LIMIT:
        found.append(place)
        place = text.find(quote, place + 1, end)
    if place >= 0:
        return np.flatnonzero(np.frombuffer(text, np.uint8, end) == quote[0])
    return np.array(found, np.int64)
