"""CSV by blocks straight from the landed bytes, where the bytes are plain enough that no reader could differ.

What is not (records over several lines, odd quotes, other line ends, rows of another width) is read with care instead,
by :mod:`pipelines.parse.delimited`, with the same result.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from pipelines.blocks.arrays import absent, strings
from pipelines.blocks.block import Block, Column
from pipelines.blocks.spent import Spent
from pipelines.parse.given import Report
from pipelines.parse.layout import Layout
from pipelines.parse.limits import LONGEST_LINE
from pipelines.parse.quotes import enclose
from pipelines.parse.raw import RawFile
from pipelines.records import Receipt
from schemas.formats import CsvFormat

_CODED, _PLAIN = pa.dictionary(pa.int32(), pa.binary()), pa.binary()
_STRANGE = (b"\0", b"\x1a", b"\n", b"\xef\xbb\xbf")
_SEEK = 1 << 16
_MANY = 0.5
"""Share of distinct texts from which a column is not worth a dictionary."""


class NotPlainError(Exception):
    """A file that has to be read with care; ``decoding``: because it is not in the encoding that was tried."""

    def __init__(self, direct: Direct, why: str, *, decoding: bool = False) -> None:
        super().__init__(why)
        self.direct, self.why, self.decoding = direct, why, decoding


@dataclass(frozen=True, slots=True, eq=False)
class Direct:
    """One receipt's CSV, not read yet but for its header."""

    raw: RawFile
    path: Path
    layout: Layout
    fmt: CsvFormat
    encoding: str
    sure: bool
    carriage: bool
    """Whether lines end with CR LF."""
    report: Report
    part: str = ""
    """The member of an archive."""

    @property
    def receipt(self) -> Receipt:
        """Whose bytes they are."""
        return self.raw.receipt

    @property
    def columns(self) -> tuple[str, ...]:
        """Source fields, those from the file's name last."""
        own = tuple(name for name in self.layout.columns if name not in self.layout.repeats)
        return (*own, *self.raw.constants)

    @property
    def alike(self) -> tuple[object, ...]:
        """Files in which this is the same can share a block."""
        return (self.layout.columns, self.layout.dialect, self.encoding, self.carriage, tuple(self.raw.constants))

    def about_rows(self) -> int:
        """How many rows there are, judged by the first lines."""
        with self.path.open("rb") as file:
            file.seek(self.layout.offset)
            sample = file.read(_SEEK)
        return (self.path.stat().st_size - self.layout.offset) * max(sample.count(b"\n"), 1) // max(len(sample), 1)

    def spans(self, size: int) -> Iterator[tuple[int, int]]:
        """First and last byte of stretches of whole lines, each of about ``size`` bytes."""
        start, total = self.layout.offset, self.path.stat().st_size
        with self.path.open("rb", buffering=0) as file:
            while start < total:
                end = self._line_end(file.fileno(), start + size, total)
                yield start, end
                start = end

    def _line_end(self, file: int, place: int, total: int) -> int:
        for tried in range(place, min(place + LONGEST_LINE, total), _SEEK):
            found = os.pread(file, _SEEK, tried).find(b"\n")
            if found >= 0:
                return tried + found + 1
        if place + LONGEST_LINE < total:
            raise NotPlainError(self, "long line")
        return total


@dataclass(slots=True)
class Piece:
    """A stretch of one file."""

    direct: Direct
    start: int
    end: int
    rows: int = 0


@dataclass(slots=True)
class Directs:
    """Files as blocks; small ones share a block."""

    files: Sequence[Direct]
    size: int
    spent: Spent = field(default_factory=Spent)
    _next: dict[int, int] = field(default_factory=dict)
    """The line after the last that has a number, by file."""
    _rich: set[str] = field(default_factory=set)
    """Columns in which nearly every text is another."""
    _local: threading.local = field(default_factory=threading.local)

    def pieces(self) -> Iterator[list[Piece]]:
        """What makes a block, in order."""
        waiting: list[Piece] = []
        for direct in self.files:
            for start, end in direct.spans(self.size):
                piece = Piece(direct, start, end)
                if waiting and (_bytes(waiting) + end - start > self.size or waiting[0].direct.alike != direct.alike):
                    yield waiting
                    waiting = []
                waiting.append(piece)
        if waiting:
            yield waiting

    def load(self, pieces: list[Piece]) -> Block:
        """The block of ``pieces``, without row numbers; raises NotPlainError."""
        first = pieces[0].direct
        with self.spent.on("read"):
            text, end = self._read(pieces)
        with self.spent.on("parse"):
            return self._block(pieces, _table(first, text, end, self._rich))

    def _block(self, pieces: list[Piece], table: pa.Table) -> Block:
        first = pieces[0].direct
        if len(pieces) == 1:
            pieces[0].rows = table.num_rows
        elif table.num_rows != sum(piece.rows for piece in pieces):
            raise NotPlainError(first, "row count")
        columns = _columns(first, table)
        if _nothing_in_a_row(columns):
            raise NotPlainError(first, "blank line")
        self._rich |= {name for name, column in columns.items() if len(column.values) > _MANY * table.num_rows > 1000}
        _same(first, columns)
        return Block({**columns, **_named(pieces)}, table.num_rows, lambda: self._numbers(pieces))

    def _numbers(self, pieces: list[Piece]) -> np.ndarray:
        """Line numbers; to be asked for in the blocks' order."""
        numbers = []
        for piece in pieces:
            first = self._next.get(id(piece.direct), piece.direct.layout.first_line)
            self._next[id(piece.direct)] = first + piece.rows
            numbers.append(np.arange(first, first + piece.rows, dtype=np.int64))
        return numbers[0] if len(numbers) == 1 else np.concatenate(numbers)

    def _read(self, pieces: list[Piece]) -> tuple[bytearray, int]:
        """The bytes of all pieces in a buffer that the thread keeps, each with a line's end at its end."""
        needed = _bytes(pieces) + 2 * len(pieces)
        text: bytearray = getattr(self._local, "text", None) or bytearray()
        if len(text) < needed:
            text = self._local.text = bytearray(needed)
        at = 0
        for piece in pieces:
            start, at = at, _fill(piece, text, at)
            _check(piece.direct, text, start, at)
            if len(pieces) > 1:
                piece.rows = text.count(b"\n", start, at)
        first = pieces[0].direct
        if not enclose(text, at, first.layout.dialect.quote, first.layout.dialect.delimiter):
            raise NotPlainError(first, "quote in a field")
        return text, at


def _bytes(pieces: Sequence[Piece]) -> int:
    return sum(piece.end - piece.start for piece in pieces)


def _fill(piece: Piece, text: bytearray, at: int) -> int:
    with piece.direct.path.open("rb", buffering=0) as file:
        file.seek(piece.start)
        place, end = at, at + piece.end - piece.start
        while place < end:
            read = file.readinto(memoryview(text)[place:end])
            if not read:
                raise NotPlainError(piece.direct, "shorter than it was")
            place += read
    if text[end - 1] != 10:
        line_end = b"\r\n" if piece.direct.carriage else b"\n"
        text[end : end + len(line_end)] = line_end
        end += len(line_end)
    return end


def _check(direct: Direct, text: bytearray, start: int, end: int) -> None:
    if not direct.carriage:
        if text.find(b"\r", start, end) >= 0:
            raise NotPlainError(direct, "line ends")
        return
    ends = text.count(b"\r\n", start, end)
    if ends != text.count(b"\r", start, end) or ends != text.count(b"\n", start, end):
        raise NotPlainError(direct, "line ends")


def _table(direct: Direct, text: bytearray, end: int, rich: set[str]) -> pa.Table:
    dialect, names = direct.layout.dialect, list(direct.layout.columns)
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
        raise NotPlainError(direct, str(error).splitlines()[0][:80]) from error


def _columns(direct: Direct, table: pa.Table) -> dict[str, Column]:
    columns = {}
    for name in table.column_names:
        array = table[name].combine_chunks()
        array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
        if isinstance(array, pa.DictionaryArray):
            column = Column.of(array)
        else:
            column = Column(array, np.arange(len(array), dtype=np.int32))
        columns[name] = replace(column, values=_decoded(direct, column.values))
    return columns


def _decoded(direct: Direct, values: pa.Array) -> pa.Array:
    """Bytes as text, each distinct one once."""
    whole = values.buffers()[2]
    held = whole.to_pybytes() if whole else b""
    found = next((mark for mark in _STRANGE if mark in held), None)
    if found or (pc.max(pc.binary_length(values)).as_py() or 0) > direct.fmt.max_field_bytes:
        raise NotPlainError(direct, f"{found!r} in a field" if found else "long field")
    try:
        if direct.encoding == "utf-8":
            return values.cast(pa.string())
        words = [None if value is None else value.decode(direct.encoding) for value in values.to_pylist()]
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise NotPlainError(direct, f"not {direct.encoding}", decoding=True) from error
    return strings(words)


def _nothing_in_a_row(columns: Mapping[str, Column]) -> bool:
    """Whether a row has no value at all, as a blank line would give."""
    rows: np.ndarray | None = None
    for column in columns.values():
        nulls = absent(column.values)
        if not nulls.any():
            return False
        rows = np.flatnonzero(nulls[column.at]) if rows is None else rows[nulls[column.at[rows]]]
    return rows is not None and bool(len(rows))


def _same(direct: Direct, columns: dict[str, Column]) -> None:
    """Drop the columns that repeat another; raises NotPlainError where they do not."""
    for name, first in direct.layout.repeats.items():
        if not columns.pop(name).texts().equals(columns[first].texts()):
            raise NotPlainError(direct, "repeated columns differ")


def _named(pieces: Sequence[Piece]) -> Mapping[str, Column]:
    """What is the same for every row of a file: its name's fields, and where it came from."""
    lengths = [piece.rows for piece in pieces]
    raws = [piece.direct.raw for piece in pieces]
    named = {name: [raw.constants[name] for raw in raws] for name in raws[0].constants}
    named |= {"_receipt": [raw.receipt.id for raw in raws], "_source": [raw.receipt.name for raw in raws]}
    columns = {name: Column.runs(values, lengths) for name, values in named.items()}
    return {**columns, "_part": Column.runs([piece.direct.part for piece in pieces], lengths)}
