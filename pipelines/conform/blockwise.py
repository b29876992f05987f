"""One pass over the rows of a batch: good rows are written, the others put aside and then judged with care."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from pipelines.blocks.arrays import numbers
from pipelines.blocks.block import Block
from pipelines.blocks.budget import Budget
from pipelines.blocks.parallel import Pool
from pipelines.blocks.spent import Work
from pipelines.blocks.stored import Stored
from pipelines.conform.aside import Aside, texts
from pipelines.conform.categories import united
from pipelines.conform.earlier import earlier
from pipelines.conform.judge import HASH, Judge, Judged
from pipelines.conform.keys import NO_REPEAT, Repeats
from pipelines.conform.refuse import Refusal
from pipelines.conform.seen import Seen, key_hashes
from pipelines.conform.writer import Target, Writer
from pipelines.parse.plain import Directs
from pipelines.parse.store import RawStore

Source = Directs | Stored


@dataclass(slots=True)
class Split:
    """What one pass wrote: files in their final places, the rows that were read, the exact duplicates."""

    standard: tuple[str, ...]
    quarantine: tuple[str, ...]
    duplicates: pl.DataFrame
    days: tuple[date, ...]
    rows: int
    categories: Mapping[str, tuple[str, ...]]
    """By column, the categories in the rows that were written."""


@dataclass(slots=True)
class Pass:
    """The pass of one batch. ``raw`` keeps blocks that come straight from a source, where it is given."""

    sources: Sequence[Source]
    judges: Sequence[Judge]
    """One a worker."""
    refusal: Refusal
    to: Target
    scratch: str
    budget: Budget
    raw: RawStore | None
    seen: Seen | None
    rows: int = 0
    _writers: list[Writer] = field(default_factory=list)
    _spared: Aside = field(default_factory=lambda: Aside(0))
    """Rows that were to be refused and for which, looked at closely, there is no reason."""

    def run(self) -> Split:
        """Work on every block; what was written goes again if anything fails."""
        refused, maybe = Aside(self.budget.held_rows // 2), Aside(self.budget.held_rows, self.scratch)
        self._spared = Aside(self.budget.held_rows, self.scratch)
        share = self.budget.held_rows * 4 // self.budget.workers
        self._writers = [
            Writer(self.to, f"{name}-", share, f"{self.scratch}/keys-{name}") for name in range(self.budget.workers)
        ]
        try:
            self._blocks(refused, maybe)
            return self._finish(refused, maybe)
        except BaseException:
            self._discard()
            raise

    def _blocks(self, refused: Aside, maybe: Aside) -> None:
        pool: Pool[tuple[Source, Any]] = Pool(_taken(self.sources), self.budget.workers)

        def work(worker: int, number: int, taken: tuple[Source, Any]) -> None:
            source, what = taken
            judged = self.judges[worker](source.load(what))
            with self._on("hashing"):
                keys = self._keys(judged)
            with self._on("waiting"):
                turn = pool.turns.wait(number)
            with turn, self._on("hashing"):
                first, again = self._counted(judged, keys)
            if self.raw and isinstance(source, Directs):
                with self._on("raw"):
                    self.raw.add(judged.block, number)
            with self._on("writing"):
                self._writers[worker].add(judged, np.flatnonzero(~(judged.bad | again)), keys if self.seen else None)
            with self._on("refusing"):
                _aside(judged.block, first, refused, np.flatnonzero(judged.bad), keys)
                _aside(judged.block, first, maybe, np.flatnonzero(again), keys)
                if (full := refused.full()) is not None:
                    self._refuse(full)

        pool.run(work)

    def _on(self, work: Work) -> AbstractContextManager[None]:
        return self.budget.spent.on(work)

    def _counted(self, judged: Judged, keys: np.ndarray) -> tuple[int, np.ndarray]:
        """In its turn: number a block's rows; the index of its first, and which keys may have come before."""
        block, first = judged.block, self.rows
        block.row, self.rows = block.numbers(), first + block.rows
        return first, self._again(judged, keys)

    def _keys(self, judged: Judged) -> np.ndarray:
        if self.seen is None:
            return np.zeros(judged.block.rows, np.uint64)
        receipts = judged.block.columns["_receipt"]
        columns = [judged.columns[HASH + name] for name in self.judges[0].key]
        parts = [numbers(column.values) for column in columns]
        named = pl.Series(receipts.values, dtype=pl.String).hash().to_numpy()
        return key_hashes([named, *parts], [receipts.at, *(column.at for column in columns)])

    def _again(self, judged: Judged, keys: np.ndarray) -> np.ndarray:
        """Good rows whose key may have come before."""
        again = np.zeros(judged.block.rows, np.bool_)
        if self.seen is not None:
            good = ~judged.bad
            again[good] = self.seen.look(keys[good])
        return again

    def _refuse(self, rows: pl.DataFrame) -> None:
        good = self.refusal.refuse(rows)
        if good.height:
            # The same rules over the same texts; but a number may differ in its last bit where it was worked out alone.
            self._spared.add(good.to_arrow())

    def _finish(self, refused: Aside, maybe: Aside) -> Split:
        with ThreadPoolExecutor(self.budget.workers, "citylake") as others:
            left = others.submit(self._refuse_rest, refused)
            exact = [self._settled(maybe, others)]
            left.result()
            exact.append(self._settled(self._spared, others))
        files = sorted(path for writer in self._writers for path in writer.close())
        days = sorted({day for writer in self._writers for day in writer.days})
        quarantine, categories = tuple(sorted(self.refusal.files)), united(writer.had for writer in self._writers)
        return Split(tuple(files), quarantine, pl.concat(exact), tuple(days), self.rows, categories)

    def _refuse_rest(self, refused: Aside) -> None:
        with self._on("refusing"):
            while (rest := refused.rest()) is not None:
                self._refuse(rest)

    def _settled(self, maybe: Aside, others: ThreadPoolExecutor) -> pl.DataFrame:
        """Judge the rows whose key may have come before; the exact duplicates among them."""
        # What waits in the writers is encoded by as many cores as there are.
        list(others.map(Writer.close, self._writers))
        name = len(self._writers)
        last = Writer(self.to, f"{name}-", self.budget.held_rows, f"{self.scratch}/keys-{name}")
        repeats = Repeats(self.refusal, last, self.judges[0].key)
        self._writers, written = [*self._writers, last], self._writers
        with self._on("repeats"):
            before, of = Aside(maybe.most, self.scratch), maybe.shares()
            earlier(written, maybe.keys(), [*self.to.columns, "_receipt", "_source", "_row"], before)
            for number in range(of):
                rows = maybe.share(number, of)
                if rows is not None and rows.height:
                    repeats.settle(rows, before.share(number, of))
        return pl.concat([NO_REPEAT, *repeats.exact])

    def _discard(self) -> None:
        for writer in self._writers:
            writer.discard()
        for path in self.refusal.files:
            with suppress(FileNotFoundError):
                self.to.lake.remove(path)


def _aside(block: Block, first: int, to: Aside, rows: np.ndarray, keys: np.ndarray) -> None:
    if len(rows):
        to.add(texts(block, rows, first, keys[rows]))


def _taken(sources: Sequence[Source]) -> Iterator[tuple[Source, Any]]:
    for source in sources:
        for what in source.pieces() if isinstance(source, Directs) else source.slices():
            yield source, what


def first_block(sources: Sequence[Source]) -> Block | None:
    """The first block of rows that there is; raises NotPlainError."""
    return next((source.load(what) for source, what in _taken(sources)), None)
