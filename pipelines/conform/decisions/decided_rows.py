"""Source rows with the decisions of people: as they are read, corrected, and marked where a person decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import polars.selectors as cs

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS, Block, EncodedColumn
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import ParquetBlocks
from citylake.pipelines.blocks.source_rows import BlockPart, SourceRows
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.pipelines.conform.decisions.cell_corrections import (
    JudgedCells,
    correct_cells,
    judge_cells,
    source_cells,
)
from citylake.pipelines.conform.decisions.value_corrections import (
    ValueCorrections,
    chosen_correction,
    correct_column,
    corrected_text,
)
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
from citylake.schemas.words.errors import Problem

DECISION = "#citylake.decision"
"""``released`` or ``discarded``; null for most rows."""
SENT = "#citylake.sent."
"""Prefix of the texts of corrected fields as they were sent."""
_PLACE = ["_part", "_row"]
BlockChange = Callable[[Block], tuple[Block, Mapping[str, int]]]
"""A block after the decisions, and the changed values by act."""


@dataclass(slots=True)
class AppliedActs:
    """Values and rows by act. A block that is read several times counts once."""

    found: dict[Hashable, Mapping[str, int]] = field(default_factory=dict)

    def total(self, acts: Iterable[str]) -> dict[str, int]:
        """By act, 0 for those of ``acts`` that changed nothing."""
        counts = Counter(dict.fromkeys(acts, 0))
        for each in list(self.found.values()):
            counts.update(each)
        return dict(counts)


@dataclass(frozen=True, slots=True)
class DecidedPart:
    """A part of a source whose block is changed once it is loaded."""

    inner: BlockPart
    change: BlockChange
    kind: Hashable
    """Parts of one kind are changed alike, and can share a block."""
    place: Hashable
    applied: AppliedActs

    @property
    def share(self) -> float:
        """As of the part itself."""
        return self.inner.share

    @property
    def alike(self) -> Hashable:
        """As of the part itself, and of the same kind."""
        return (self.kind, self.inner.alike)

    def load(self, parts: Sequence[DecidedPart]) -> Block:
        """The changed block of ``parts``. Raises SourceRestartedError."""
        block, counts = self.change(self.inner.load([part.inner for part in parts]))
        self.applied.found[self.place] = counts
        return block


@dataclass(frozen=True, slots=True)
class TextDecisions:
    """What is decided about the rows of one receipt, at places that the receipt has."""

    values: ValueCorrections
    touched: Sequence[str]
    """The fields that any correction of the batch changes: their texts are kept as they were sent."""
    cells: pl.DataFrame
    rows: pl.DataFrame
    cell_names: frozenset[str] | None = None
    """If the rows are reshaped: the fields that hold the values of columns that become rows."""

    def change_block(self, block: Block) -> tuple[Block, Mapping[str, int]]:
        """The block after the corrections of values, with what it was before."""
        columns, counts = dict(block.columns), Counter[str]()
        decided = {DECISION: columns.pop(DECISION, None) or EncodedColumn.constant(None, block.rows)}
        for name in (name for name in self.touched if name in block.columns):
            decided[SENT + name] = columns.pop(SENT + name, columns[name])
            columns[name], of_field = correct_column(columns[name], self.values.get(name, ()))
            counts.update(of_field)
        return replace(block, columns=columns, decided=decided), counts


@dataclass(slots=True, eq=False)
class DecidedRows:
    """A source, and the decisions about its rows (:class:`SourceRows`). The raw zone keeps what was sent."""

    source: SourceRows
    decisions: TextDecisions
    lake: Lake
    budget: Budget
    scratch: Path
    applied: AppliedActs
    judged: JudgedCells | None = None
    """The corrections of single rows, once their text has been read."""
    _file: str | None = None

    @property
    def receipt(self) -> Receipt:
        """The source's receipt."""
        return self.source.receipt

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's fields."""
        return self.source.columns

    @property
    def problem(self) -> Problem | None:
        """Why the source cannot be read."""
        return self.source.problem

    @property
    def refused(self) -> RefusedRecords:
        """The source's refused records, which nobody can correct."""
        return self.source.refused

    def estimate_rows(self) -> int:
        """As of the source."""
        return self.source.estimate_rows()

    def restart(self) -> None:
        """Restart the source."""
        self.source.restart()

    def store(self) -> ParsedReceipt:
        """The source as it is in the raw zone, without any correction."""
        return self.source.store()

    def blocks(self) -> Iterator[BlockPart]:
        """All rows in order, corrected. Raises SourceRestartedError."""
        by_row = self.decisions.cells.height or self.decisions.rows.height
        parts: Iterable[BlockPart] = self._row_parts() if by_row else self.source.blocks()
        for number, part in enumerate(parts):
            place = (self.receipt.id, number)
            yield DecidedPart(part, self.decisions.change_block, "text", place, self.applied)

    def text_files(self, folder: Path) -> tuple[str, ...]:
        """All rows in order after every correction. Raises SourceRestartedError."""
        frame = correct_cells(*self._judged_text(folder))
        corrections = {name: found for name, found in self.decisions.values.items() if name in self.columns}
        for name, found in corrections.items():
            self._count_values(frame, name, chosen_correction(pl.col(RAW_PREFIX + name), found))
        changed = [corrected_text(pl.col(RAW_PREFIX + name), found) for name, found in corrections.items()]
        return (self._write(frame.with_columns(changed), folder),)

    def _count_values(self, frame: pl.LazyFrame, name: str, chosen: pl.Expr) -> None:
        acts = [each.act for each in self.decisions.values[name]]
        counted = frame.select(chosen.alias("at")).drop_nulls().group_by("at").len().collect(engine="streaming")
        self.applied.found[self.receipt.id, name] = {acts[at]: rows for at, rows in counted.iter_rows()}

    def _row_parts(self) -> Iterator[BlockPart]:
        """The text with the corrections of rows, in a file of its own: the numbers of rows are known there."""
        if self._file is None:
            frame, applied = self._judged_text(self.scratch)
            sent = [pl.col(RAW_PREFIX + name).alias(SENT + name) for name in self._corrected(applied)]
            marked = self._marked(correct_cells(frame.with_columns(sent), applied))
            self._file = self._write(marked, self.scratch)
        extra = [DECISION, *(SENT + name for name in self._corrected(self.decisions.cells))]
        names = pl.scan_parquet(self._file).collect_schema().names()
        fields = [*self.columns, *(name for name in extra if name in names)]
        rows = self.budget.block_rows_of(len(fields))
        return ParquetBlocks([self._file], fields, self.lake, rows, self.budget.spent).parts()

    def _corrected(self, cells: pl.DataFrame) -> list[str]:
        named = set(cells["field"])
        return [name for name in self.columns if name in named]

    def _judged_text(self, folder: Path) -> tuple[pl.LazyFrame, pl.DataFrame]:
        """The text as it was sent, its fields prefixed, and the corrections of rows that apply."""
        files = self.source.text_files(folder / f"sent-{self.receipt.id}")
        frame = pl.scan_parquet(list(files), storage_options=self.lake.storage_options, glob=False)
        frame = frame.select(*PROVENANCE_COLUMNS, cs.by_name(*self.columns).name.prefix(RAW_PREFIX))
        if self.judged is None:
            cells, names = self.decisions.cells, self.decisions.cell_names
            if names is not None:
                cells = source_cells(frame, cells, self.columns, names)
            self.judged = judge_cells(frame, cells, self.columns)
            self.applied.found[self.receipt.id, "cells"] = self.judged.counts
        return frame, self.judged.applied

    def _marked(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        rows = self.decisions.rows.select(*_PLACE, pl.col("decision").alias(DECISION), "act_id")
        there = rows.lazy().join(frame.select(_PLACE), on=_PLACE, how="semi").group_by("act_id").len().collect()
        self.applied.found[self.receipt.id, "rows"] = dict(there.iter_rows())
        return frame.join(rows.lazy().drop("act_id"), on=_PLACE, how="left", maintain_order="left")

    def _write(self, frame: pl.LazyFrame, folder: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        path = f"{folder}/decided-{self.receipt.id}.parquet"
        names = frame.collect_schema().names()
        frame.rename({name: name.removeprefix(RAW_PREFIX) for name in names}).sink_parquet(path)
        return path
