"""Columns of bytes to columns of text, each distinct text decoded once; anything unusual raises NotPlainCsvError."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from citylake.pipelines.blocks.arrow_arrays import null_mask, string_array
from citylake.pipelines.blocks.block import EncodedColumn
from citylake.pipelines.blocks.damaged_texts import DAMAGED_TEXTS
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile
from citylake.pipelines.parse.utf8_scan import ESCAPE, HZ_SHIFT

_SUSPECT_BYTES = (b"\0", b"\x1a", b"\n", b"\xef\xbb\xbf", ESCAPE, HZ_SHIFT, *(text.encode() for text in DAMAGED_TEXTS))


def decode_csv_columns(file: PlainCsvFile, found: Mapping[str, EncodedColumn]) -> dict[str, EncodedColumn]:
    """The columns as text, without those that repeat another; raises NotPlainCsvError."""
    columns = {name: replace(column, values=_decode_values(file, column.values)) for name, column in found.items()}
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
