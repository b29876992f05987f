"""Blocks to the raw zone, and nothing else: parse where it runs alone."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.blocks.block import Block
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.worker_pool import WorkerPool
from citylake.pipelines.parse.csv_blocks import CsvBlocks, CsvPiece
from citylake.pipelines.parse.plain_csv import PlainCsvFile
from citylake.pipelines.parse.raw_file import RawFile, receipt_slices
from citylake.pipelines.records import ParsedReceipt


class RawStore:
    """Keeps blocks of several receipts in the raw zone."""

    def __init__(self, raws: Sequence[RawFile]) -> None:
        self._raws = {raw.receipt.id: raw for raw in raws}
        self.parts: dict[str, dict[str, int]] = {identity: {} for identity in self._raws}
        """Receipt → its files with their rows."""

    def add(self, block: Block, number: int) -> None:
        """Write a block that has its row numbers; ``number`` is its place among the blocks."""
        for receipt, rows in receipt_slices(block):
            path = self._raws[receipt].write_rows(block, rows, number)
            self.parts[receipt][path] = rows.stop - rows.start


def store_raw(directs: Sequence[PlainCsvFile], budget: Budget) -> dict[str, dict[str, int]]:
    """Write every file to the raw zone; receipt → its parts with their rows. Raises NotPlainError."""
    kept, files = RawStore([direct.raw for direct in directs]), CsvBlocks(directs, budget.block_bytes, budget.spent)
    pool: WorkerPool[list[CsvPiece]] = WorkerPool(files.pieces(), budget.workers)

    def work(_: int, number: int, pieces: list[CsvPiece]) -> None:
        block = files.load(pieces)
        with pool.turns.wait(number):
            block.row = block.numbers()
        kept.add(block, number)

    pool.run(work)
    return kept.parts


def parsed_from_parts(direct: PlainCsvFile, parts: dict[str, int]) -> ParsedReceipt:
    """What became of a file that was read by blocks."""
    report = direct.report.as_dict()
    return ParsedReceipt(direct.raw.receipt, tuple(sorted(parts)), direct.columns, sum(parts.values()), report)
