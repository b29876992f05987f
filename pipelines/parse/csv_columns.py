"""Delimited bytes to columns, each distinct text decoded once; anything unusual raises NotPlainCsvError."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from citylake.pipelines.blocks.arrow_arrays import null_mask, single_array, string_array
from citylake.pipelines.blocks.block import EncodedColumn
from citylake.pipelines.blocks.damaged_texts import DAMAGED_TEXTS
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile
from citylake.pipelines.parse.utf8_scan import ESCAPE, HZ_SHIFT

_CODED, _PLAIN = pa.dictionary(pa.int32(), pa.binary()), pa.binary()
_SCAN_LIMIT = 4096
"""Quotes up to which they are searched one by one; beyond that, all at once."""
_SUSPECT_BYTES = (b"\0", b"\x1a", b"\n", b"\xef\xbb\xbf", ESCAPE, HZ_SHIFT, *(text.encode() for text in DAMAGED_TEXTS))


def read_csv_bytes(file: PlainCsvFile, text: bytearray, end: int, rich: set[str]) -> pa.Table:
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


def decode_csv_columns(file: PlainCsvFile, table: pa.Table) -> dict[str, EncodedColumn]:
    """The columns as text, without those that repeat another; raises NotPlainCsvError."""
    columns = {}
    for name in table.column_names:
        array = single_array(table[name])
        if isinstance(array, pa.DictionaryArray):
            column = EncodedColumn.of(array)
        else:
            column = EncodedColumn(array, np.arange(len(array), dtype=np.int32))
        columns[name] = replace(column, values=_decode_values(file, column.values))
    if _has_blank_row(columns):
        raise NotPlainCsvError(file, "blank line")
    _drop_repeats(file, columns)
    return columns


def _decode_values(file: PlainCsvFile, values: pa.Array) -> pa.Array:
    """Decode each distinct value once."""
    whole = values.buffers()[2]
    held = whole.to_pybytes() if whole else b""
    found = next((mark for mark in _SUSPECT_BYTES if mark in held), None)
    if found or (pc.max(pc.binary_length(values)).as_py() or 0) > file.fmt.max_field_bytes:
        raise NotPlainCsvError(file, f"{found!r} in a field" if found else "long field")
    try:
        if file.encoding == "utf-8":
            return values.cast(pa.string())
        words = [None if value is None else value.decode(file.encoding) for value in values.to_pylist()]
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise NotPlainCsvError(file, f"not {file.encoding}", decoding=True) from error
    return string_array(words)


def _drop_repeats(file: PlainCsvFile, columns: dict[str, EncodedColumn]) -> None:
    """Drop the columns that repeat another; raises NotPlainCsvError if their values differ."""
    for name, first in file.layout.repeats.items():
        if not columns.pop(name).texts().equals(columns[first].texts()):
            raise NotPlainCsvError(file, "repeated columns differ")


def _has_blank_row(columns: Mapping[str, EncodedColumn]) -> bool:
    """Whether a row has no value at all, as from a blank line."""
    rows: np.ndarray | None = None
    for column in columns.values():
        nulls = null_mask(column.values)
        if not nulls.any():
            return False
        rows = np.flatnonzero(nulls[column.at]) if rows is None else rows[nulls[column.at[rows]]]
    return rows is not None and bool(len(rows))


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
