"""Landed CSV files as blocks: stretches of whole lines, several of them where files are small."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa  # noqa: TC002 (loaded anyway, and named in signatures)

from citylake.pipelines.blocks.block import Block, EncodedColumn
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.pack_blocks import pack_pieces
from citylake.pipelines.blocks.timings import WorkTimings
from citylake.pipelines.blocks.worker_pool import WorkerPool
from citylake.pipelines.parse.csv_columns import decode_csv_columns, read_csv_bytes
from citylake.pipelines.parse.csv_quotes import quotes_enclose_fields
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile

_DICTIONARY_SHARE = 0.5
"""Share of distinct texts from which a column is not worth a dictionary."""


@dataclass(slots=True)
class CsvPiece:
    """A stretch of one file."""

    direct: PlainCsvFile
    start: int
    end: int
    rows: int = 0


@dataclass(slots=True)
class CsvBlocks:
    """Files as blocks; small ones share a block."""

    files: Sequence[PlainCsvFile]
    size: int
    spent: WorkTimings = field(default_factory=WorkTimings)
    _next: dict[int, int] = field(default_factory=dict)
    """The line after the last that has a number, by file."""
    _rich: set[str] = field(default_factory=set)
    """Columns in which nearly every text is another."""
    _local: threading.local = field(default_factory=threading.local)

    def pieces(self) -> Iterator[list[CsvPiece]]:
        """What makes a block, in order."""
        pieces = (CsvPiece(direct, *span) for direct in self.files for span in direct.spans(self.size))
        return pack_pieces(pieces, lambda piece: piece.end - piece.start, self.size, lambda piece: piece.direct.alike)

    def load(self, pieces: list[CsvPiece]) -> Block:
        """The block of ``pieces``, without row numbers; raises NotPlainError, which names the file."""
        try:
            return self._load(pieces)
        except NotPlainCsvError:
            for piece in pieces if len(pieces) > 1 else ():
                self._load([piece])
            raise

    def _load(self, pieces: list[CsvPiece]) -> Block:
        first = pieces[0].direct
        with self.spent.on("read"):
            text, end = self._read(pieces)
        with self.spent.on("parse"):
            return self._block(pieces, read_csv_bytes(first, text, end, self._rich))

    def _block(self, pieces: list[CsvPiece], table: pa.Table) -> Block:
        first = pieces[0].direct
        if len(pieces) == 1:
            pieces[0].rows = table.num_rows
        elif table.num_rows != sum(piece.rows for piece in pieces):
            raise NotPlainCsvError(first, "row count")
        columns = decode_csv_columns(first, table)
        self._rich |= {
            name for name, column in columns.items() if len(column.values) > _DICTIONARY_SHARE * table.num_rows > 1000
        }
        return Block({**columns, **_file_columns(pieces)}, table.num_rows, lambda: self._numbers(pieces))

    def _numbers(self, pieces: list[CsvPiece]) -> np.ndarray:
        """Line numbers; to be asked for in the blocks' order."""
        numbers = []
        for piece in pieces:
            first = self._next.get(id(piece.direct), piece.direct.layout.first_line)
            self._next[id(piece.direct)] = first + piece.rows
            numbers.append(np.arange(first, first + piece.rows, dtype=np.int64))
        return numbers[0] if len(numbers) == 1 else np.concatenate(numbers)

    def _read(self, pieces: list[CsvPiece]) -> tuple[bytearray, int]:
        """The bytes of all pieces in a buffer that the thread keeps, each with a line's end at its end."""
        needed = sum(piece.end - piece.start + 2 for piece in pieces)
        text: bytearray = getattr(self._local, "text", None) or bytearray()
        if len(text) < needed:
            text = self._local.text = bytearray(needed)
        at = 0
        for piece in pieces:
            start, at = at, _fill_buffer(piece, text, at)
            _check_line_ends(piece.direct, text, start, at)
            if len(pieces) > 1:
                piece.rows = text.count(b"\n", start, at)
        first = pieces[0].direct
        if not quotes_enclose_fields(text, at, first.layout.dialect.quote, first.layout.dialect.delimiter):
            raise NotPlainCsvError(first, "quote in a field")
        return text, at


def _fill_buffer(piece: CsvPiece, text: bytearray, at: int) -> int:
    with piece.direct.path.open("rb", buffering=0) as file:
        file.seek(piece.start)
        place, end = at, at + piece.end - piece.start
        while place < end:
            read = file.readinto(memoryview(text)[place:end])
            if not read:
                raise NotPlainCsvError(piece.direct, "shorter than it was")
            place += read
    if text[end - 1] != 10:
        line_end = b"\r\n" if piece.direct.carriage else b"\n"
        text[end : end + len(line_end)] = line_end
        end += len(line_end)
    return end


def _check_line_ends(direct: PlainCsvFile, text: bytearray, start: int, end: int) -> None:
    if not direct.carriage:
        if text.find(b"\r", start, end) >= 0:
            raise NotPlainCsvError(direct, "line ends")
        return
    ends = text.count(b"\r\n", start, end)
    if ends != text.count(b"\r", start, end) or ends != text.count(b"\n", start, end):
        raise NotPlainCsvError(direct, "line ends")


def _file_columns(pieces: Sequence[CsvPiece]) -> Mapping[str, EncodedColumn]:
    """What is the same for every row of a file: its name's fields, and where it came from."""
    lengths = [piece.rows for piece in pieces]
    raws = [piece.direct.raw for piece in pieces]
    named = {name: [raw.constants[name] for raw in raws] for name in raws[0].constants}
    named |= {"_receipt": [raw.receipt.id for raw in raws], "_source": [raw.receipt.name for raw in raws]}
    columns = {name: EncodedColumn.runs(values, lengths) for name, values in named.items()}
    return {**columns, "_part": EncodedColumn.runs([piece.direct.part for piece in pieces], lengths)}


def find_not_plain(files: Sequence[PlainCsvFile], budget: Budget) -> list[NotPlainCsvError]:
    """Every file of these that has to be read otherwise, with the reason: each is read to its end, and nothing kept."""
    found: list[NotPlainCsvError] = []

    def look(_: int, __: int, file: PlainCsvFile) -> None:
        alone = CsvBlocks([file], budget.block_bytes)
        try:
            for pieces in alone.pieces():
                alone.load(pieces)
        except NotPlainCsvError as error:
            found.append(error)

    WorkerPool(iter(files), budget.workers).run(look)
    return found
