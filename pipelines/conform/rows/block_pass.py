"""One pass over the rows of a batch: good rows are written, the others spilled and then evaluated row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from citylake.pipelines.blocks.arrow_arrays import arrow_to_numpy
from citylake.pipelines.blocks.block import Block
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.source_rows import BlockPart, load_block, pack_blocks
from citylake.pipelines.blocks.timings import WorkKind
from citylake.pipelines.blocks.worker_pool import WorkerPool
from citylake.pipelines.conform.drift.category_collector import merge_categories
from citylake.pipelines.conform.rows.bloom_filter import BloomFilter, key_hashes
from citylake.pipelines.conform.rows.evaluate_block import HASH_PREFIX, BlockEvaluator, EvaluatedBlock
from citylake.pipelines.conform.rows.key_duplicates import NO_DUPLICATES, DuplicateResolver
from citylake.pipelines.conform.rows.quarantine_writer import QuarantineWriter
from citylake.pipelines.conform.rows.spill_buffer import SpillBuffer, text_rows
from citylake.pipelines.conform.rows.standard_writer import StageTarget, StandardWriter
from citylake.pipelines.conform.rows.text_observations import OddTexts, TextObserver
from citylake.pipelines.conform.rows.written_rows import find_written_rows


@dataclass(slots=True)
class PassResult:
    """The output of one pass: files in their final places, the number of rows read, the exact duplicates."""

    standard: tuple[str, ...]
    quarantine: tuple[str, ...]
    refused_values: tuple[str, ...]
    """The files of the quarantine with refused values of standard rows."""
    duplicates: pl.DataFrame
    days: tuple[date, ...]
    rows: int
    categories: Mapping[str, tuple[str, ...]]
    """By column, the categories in the rows that were written."""
    odd_texts: tuple[OddTexts, ...] = ()
    """What is odd about the texts of all rows."""
    filtered: int = 0
    """Rows that are not the dataset's, and those of forgotten persons."""
    forgotten: int = 0
    """Rows of forgotten persons."""


@dataclass(slots=True)
class BlockPass:
    """The pass of one batch over ``parts``, all of its rows in order."""

    parts: Iterable[BlockPart]
    evaluators: Sequence[BlockEvaluator]
    """One per worker."""
    refusal: QuarantineWriter
    to: StageTarget
    scratch: str
    budget: Budget
    seen: BloomFilter | None
    rows: int = 0
    filtered: int = 0
    forgotten: int = 0
    _writers: list[StandardWriter] = field(default_factory=list)
    _spared: SpillBuffer = field(default_factory=lambda: SpillBuffer(0))
    """Rows marked as bad for which the full plan finds no reason."""
    _observer: TextObserver = field(default_factory=TextObserver)
    _partial: SpillBuffer = field(default_factory=lambda: SpillBuffer(0))
    """Rows that were written without the values that were refused."""

    def run(self) -> PassResult:
        """Process every block; if anything fails, what was written is deleted."""
        refused, maybe = SpillBuffer(self.budget.held_rows // 2), SpillBuffer(self.budget.held_rows, self.scratch)
        self._spared = SpillBuffer(self.budget.held_rows, self.scratch)
        self._partial = SpillBuffer(self.budget.held_rows // 2)
        share = self.budget.held_rows * 4 // self.budget.workers
        self._writers = [
            StandardWriter(self.to, f"{name}-", share, f"{self.scratch}/keys-{name}")
            for name in range(self.budget.workers)
        ]
        try:
            self._blocks(refused, maybe)
            return self._finish(refused, maybe)
        except BaseException:
            self._discard()
            raise

    def _blocks(self, refused: SpillBuffer, maybe: SpillBuffer) -> None:
        pool: WorkerPool[list[BlockPart]] = WorkerPool(pack_blocks(self.parts), self.budget.workers)

        def work(worker: int, number: int, parts: list[BlockPart]) -> None:
            evaluated = self.evaluators[worker](load_block(parts))
            with self._on("hashing"):
                keys = self._keys(evaluated)
            with self._on("waiting"):
                turn = pool.turns.wait(number)
            with turn, self._on("hashing"):
                first, again = self._counted(evaluated, keys)
            self._observer.add(evaluated.block, evaluated.odd, self.evaluators[worker].text_fields)
            with self._on("writing"):
                self._writers[worker].add(
                    evaluated, np.flatnonzero(evaluated.good & ~again), keys if self.seen else None
                )
            with self._on("refusing"):
                _spill_rows(evaluated.block, first, refused, np.flatnonzero(evaluated.bad), keys)
                _spill_rows(evaluated.block, first, maybe, np.flatnonzero(again), keys)
                if (full := refused.full()) is not None:
                    self._refuse(full)
                if evaluated.refused is not None:
                    self._record_values(evaluated, first, evaluated.good & ~again, keys)

        pool.run(work)

    def _on(self, work: WorkKind) -> AbstractContextManager[None]:
        return self.budget.spent.on(work)

    def _counted(self, evaluated: EvaluatedBlock, keys: np.ndarray) -> tuple[int, np.ndarray]:
        """In the block's turn: number its rows; returns the index of the first, and which keys may be duplicates."""
        block, first = evaluated.block, self.rows
        block.row, self.rows = block.numbers(), first + block.rows
        self.filtered += 0 if evaluated.filtered is None else int(evaluated.filtered.sum())
        self.forgotten += evaluated.forgotten
        return first, self._again(evaluated, keys)

    def _keys(self, evaluated: EvaluatedBlock) -> np.ndarray:
        if self.seen is None:
            return np.zeros(evaluated.block.rows, np.uint64)
        receipts = evaluated.block.columns["_receipt"]
        columns = [evaluated.columns[HASH_PREFIX + name] for name in self.evaluators[0].key]
        parts = [arrow_to_numpy(column.values) for column in columns]
        named = pl.Series(receipts.values, dtype=pl.String).hash().to_numpy()
        return key_hashes([named, *parts], [receipts.at, *(column.at for column in columns)])

    def _again(self, evaluated: EvaluatedBlock, keys: np.ndarray) -> np.ndarray:
        """Good rows whose key may be a duplicate."""
        again = np.zeros(evaluated.block.rows, np.bool_)
        if self.seen is not None:
            good = evaluated.good
            again[good] = self.seen.look(keys[good])
        return again

    def _record_values(self, evaluated: EvaluatedBlock, first: int, written: np.ndarray, keys: np.ndarray) -> None:
        assert evaluated.refused is not None
        rows = np.flatnonzero(written & evaluated.refused.is_not_null().to_numpy())
        if len(rows):
            self._partial.add(text_rows(evaluated.block, rows, first, keys[rows], evaluated.refused))
        if (full := self._partial.full()) is not None:
            self.refusal.record_values(full)

    def _refuse(self, rows: pl.DataFrame) -> None:
        good = self.refusal.refuse(rows)
        if good.height:
            # The rules and texts are the same, but a number computed alone may differ in its last bit.
            self._spared.add(good.to_arrow())

    def _finish(self, refused: SpillBuffer, maybe: SpillBuffer) -> PassResult:
        with ThreadPoolExecutor(self.budget.workers, "citylake") as others:
            left = others.submit(self._refuse_rest, refused)
            exact = [self._settled(maybe, others)]
            left.result()
            exact.append(self._settled(self._spared, others))
        files = sorted(path for writer in self._writers for path in writer.close())
        days = sorted({day for writer in self._writers for day in writer.days})
        quarantine, categories = (
            tuple(sorted(self.refusal.files)),
            merge_categories(writer.had for writer in self._writers),
        )
        values = tuple(sorted(self.refusal.value_files))
        duplicates, filtered, odd = pl.concat(exact), self.filtered, tuple(self._observer)
        return PassResult(
            tuple(files),
            quarantine,
            values,
            duplicates,
            tuple(days),
            self.rows,
            categories,
            odd,
            filtered,
            self.forgotten,
        )

    def _refuse_rest(self, refused: SpillBuffer) -> None:
        with self._on("refusing"):
            while (rest := refused.rest()) is not None:
                self._refuse(rest)
            while (rest := self._partial.rest()) is not None:
                self.refusal.record_values(rest)

    def _settled(self, maybe: SpillBuffer, others: ThreadPoolExecutor) -> pl.DataFrame:
        """Evaluate the rows whose key may be a duplicate; returns the exact duplicates."""
        # Rows waiting in the writers are encoded on all cores.
        list(others.map(StandardWriter.close, self._writers))
        name = len(self._writers)
        last = StandardWriter(self.to, f"{name}-", self.budget.held_rows, f"{self.scratch}/keys-{name}")
        repeats = DuplicateResolver(self.refusal, last, self.evaluators[0].key)
        self._writers, written = [*self._writers, last], self._writers
        with self._on("repeats"):
            before, of = SpillBuffer(maybe.most, self.scratch), maybe.shares()
            find_written_rows(written, maybe.keys(), [*self.to.columns, "_receipt", "_source", "_row"], before)
            for number in range(of):
                rows = maybe.share(number, of)
                if rows is not None and rows.height:
                    repeats.settle(rows, before.share(number, of))
        return pl.concat([NO_DUPLICATES, *repeats.exact])

    def _discard(self) -> None:
        for writer in self._writers:
            writer.discard()
        for path in (*self.refusal.files, *self.refusal.value_files):
            with suppress(FileNotFoundError):
                self.to.lake.remove(path)


def _spill_rows(block: Block, first: int, to: SpillBuffer, rows: np.ndarray, keys: np.ndarray) -> None:
    if len(rows):
        to.add(text_rows(block, rows, first, keys[rows]))
