"""Landed CSV files as blocks: stretches of whole lines, several of them if files are small."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from citylake.pipelines.blocks.block import Block, EncodedColumn
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.source_rows import SourceRestartedError, pack_blocks
from citylake.pipelines.blocks.worker_pool import WorkerPool
from citylake.pipelines.parse.block_parser import BlockParser, ParsedBlock
from citylake.pipelines.parse.choose_parser import choose_block_parser
from citylake.pipelines.parse.csv_columns import decode_csv_columns
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile
from citylake.pipelines.parse.text_files import write_texts

_DICTIONARY_SHARE = 0.5
"""Share of distinct texts above which a column is read without a dictionary."""


@dataclass(slots=True)
class CsvPart:
    """A stretch of whole lines of one file, as a part of a block."""

    reader: CsvBlockReader
    file: PlainCsvFile
    start: int
    end: int
    rows: int = 0
    row_offsets: np.ndarray | None = None
    """Once loaded: the first byte (int64, from ``start``) of every ROW_OFFSET_STEP-th row, beginning with the first."""

    @property
    def share(self) -> float:
        """The stretch's bytes as a fraction of a block."""
        return (self.end - self.start) / self.reader.budget.block_bytes

    @property
    def alike(self) -> tuple[object, ...]:
        """Stretches of the same layout share a block."""
        return (id(self.reader), *self.file.alike)

    def load(self, parts: Sequence[CsvPart]) -> Block:
        """The block of ``parts``, without row numbers; raises SourceRestartedError if a file is not plain."""
        return self.reader.load(parts)


@dataclass(slots=True)
class CsvBlockReader:
    """Reads plain CSV files that are opened together."""

    budget: Budget
    files: dict[str, PlainCsvFile] = field(default_factory=dict)
    """The files that are read by blocks, by receipt."""
    refused: dict[str, NotPlainCsvError] = field(default_factory=dict)
    """Files that turned out not to be plain, by receipt, until they change to another reader."""
    _unchecked: NotPlainCsvError | None = None
    _next: dict[str, int] = field(default_factory=dict)
    """The line after the last numbered one, by receipt."""
    _rich: set[str] = field(default_factory=set)
    """Columns in which most texts are distinct."""
    _local: threading.local = field(default_factory=threading.local)

    def parts(self, file: PlainCsvFile) -> Iterator[CsvPart]:
        """The file's stretches in order; raises SourceRestartedError."""
        self._next[file.receipt.id] = file.layout.first_line
        try:
            for start, end in file.spans(self.budget.block_bytes):
                yield CsvPart(self, file, start, end)
        except NotPlainCsvError as error:
            raise self._refuse(error) from error

    def load(self, parts: Sequence[CsvPart]) -> Block:
        """The block of ``parts``, without row numbers; raises SourceRestartedError or READING_DIFFERS."""
        try:
            block = self._load(parts)
        except NotPlainCsvError as error:
            raise self._refuse(self._find_faulty_part(parts) or error) from error
        for part in parts:
            assert part.row_offsets is not None
            part.file.add_stretch(part.start, part.end, part.rows, part.row_offsets)
        return block

    def read_through(self, file: PlainCsvFile) -> None:
        """Read the whole file, only to know its rows; raises SourceRestartedError or READING_DIFFERS."""
        file.stretches.clear()
        pool: WorkerPool[list[CsvPart]] = WorkerPool(pack_blocks(self.parts(file)), self.budget.workers)

        def work(_: int, __: int, parts: list[CsvPart]) -> None:
            self.load(parts)

        pool.run(work)

    def write_texts(self, file: PlainCsvFile, folder: Path) -> tuple[str, ...]:
        """Write all rows as Parquet of text below ``folder``; raises SourceRestartedError or READING_DIFFERS."""
        pool: WorkerPool[list[CsvPart]] = WorkerPool(pack_blocks(self.parts(file)), self.budget.workers)
        written: list[str] = []

        def work(_: int, number: int, parts: list[CsvPart]) -> None:
            block = self.load(parts)
            with pool.turns.wait(number):
                block.row = block.numbers()
            written.extend(write_texts(block, folder, number))

        pool.run(work)
        return tuple(sorted(written))

    def check_others(self) -> None:
        """After a refusal: read the files with the same columns to their end, and refuse all that are not plain.

        Otherwise every such file would restart the batch once more.
        """
        error, self._unchecked = self._unchecked, None
        columns = frozenset(error.file.columns) if error else None
        group = [file for file in self.files.values() if frozenset(file.columns) == columns]
        if len(group) > 1:
            WorkerPool(iter(group), self.budget.workers).run(lambda _, __, file: self._check(file))

    def _check(self, file: PlainCsvFile) -> None:
        alone = CsvBlockReader(self.budget)
        try:
            for part in alone.parts(file):
                alone.load([part])
        except SourceRestartedError:
            self.refused |= alone.refused

    def _refuse(self, error: NotPlainCsvError) -> SourceRestartedError:
        self.refused[error.file.receipt.id] = self._unchecked = error
        return SourceRestartedError(error.why)

    def _find_faulty_part(self, parts: Sequence[CsvPart]) -> NotPlainCsvError | None:
        for part in parts if len(parts) > 1 else ():
            try:
                self._load([part])
            except NotPlainCsvError as error:
                return error
        return None

    def _load(self, parts: Sequence[CsvPart]) -> Block:
        parser = self._parser(parts)
        with self.budget.spent.on("read"):
            ends = _read(parts, parser)
        with self.budget.spent.on("parse"):
            return self._block(parts, parser.parse(parts[0].file, ends, self._rich))

    def _parser(self, parts: Sequence[CsvPart]) -> BlockParser:
        """The thread's own, which keeps its memory from block to block."""
        if not hasattr(self._local, "parser"):
            files = self.files.values() or [part.file for part in parts]
            self._local.parser = choose_block_parser(sum(file.size for file in files), parts[0].file)
        parser: BlockParser = self._local.parser
        return parser

    def _block(self, parts: Sequence[CsvPart], parsed: ParsedBlock) -> Block:
        for part, rows, row_offsets in zip(parts, parsed.rows, parsed.row_offsets, strict=True):
            part.rows, part.row_offsets = rows, row_offsets
        rows = sum(parsed.rows)
        columns = decode_csv_columns(parts[0].file, parsed.columns)
        self._rich |= {name for name, column in columns.items() if len(column.values) > _DICTIONARY_SHARE * rows > 1000}
        return Block({**columns, **_file_columns(parts)}, rows, partial(self._numbers, parts))

    def _numbers(self, parts: Sequence[CsvPart]) -> np.ndarray:
        """Line numbers; called in the order of the blocks."""
        numbers = []
        for part in parts:
            first = self._next[part.file.receipt.id]
            self._next[part.file.receipt.id] = first + part.rows
            numbers.append(np.arange(first, first + part.rows, dtype=np.int64))
        return numbers[0] if len(numbers) == 1 else np.concatenate(numbers)


def _read(parts: Sequence[CsvPart], parser: BlockParser) -> list[int]:
    """Read all parts into the parser's buffer, each ended by a line's end; returns where each ends."""
    text = parser.buffer(parts[0].file, sum(part.end - part.start + 2 for part in parts))
    ends: list[int] = []
    for part in parts:
        ends.append(_fill_buffer(part, text, ends[-1] if ends else 0))
    return ends


def _fill_buffer(part: CsvPart, text: memoryview, at: int) -> int:
    with part.file.path.open("rb", buffering=0) as source:
        source.seek(part.start)
        place, end = at, at + part.end - part.start
        while place < end:
            read = source.readinto(text[place:end])
            if not read:
                raise NotPlainCsvError(part.file, "shorter than it was")
            place += read
    if text[end - 1] != 10:
        line_end = b"\r\n" if part.file.carriage else b"\n"
        text[end : end + len(line_end)] = line_end
        end += len(line_end)
    return end


def _file_columns(parts: Sequence[CsvPart]) -> Mapping[str, EncodedColumn]:
    """The columns that are constant within a file: fields from its name, and provenance."""
    lengths = [part.rows for part in parts]
    raws = [part.file.raw for part in parts]
    named = {name: [raw.constants[name] for raw in raws] for name in raws[0].constants}
    named |= {"_receipt": [raw.receipt.id for raw in raws], "_source": [raw.receipt.name for raw in raws]}
    columns = {name: EncodedColumn.runs(values, lengths) for name, values in named.items()}
    return {**columns, "_part": EncodedColumn.runs([part.file.part for part in parts], lengths)}
