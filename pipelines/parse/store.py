"""Blocks to the raw zone, and nothing else: parse where it runs alone."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.blocks.block import Block
from pipelines.blocks.budget import Budget
from pipelines.blocks.parallel import Pool
from pipelines.parse.direct import Direct
from pipelines.parse.plain import Directs, Piece
from pipelines.parse.raw import RawFile, runs
from pipelines.records import Parsed


class RawStore:
    """Keeps blocks of several receipts in the raw zone."""

    def __init__(self, raws: Sequence[RawFile]) -> None:
        self._raws = {raw.receipt.id: raw for raw in raws}
        self.parts: dict[str, dict[str, int]] = {identity: {} for identity in self._raws}
        """Receipt → its files with their rows."""

    def add(self, block: Block, number: int) -> None:
        """Write a block that has its row numbers; ``number`` is its place among the blocks."""
        for receipt, rows in runs(block):
            path = self._raws[receipt].write_rows(block, rows, number)
            self.parts[receipt][path] = rows.stop - rows.start


def store(directs: Sequence[Direct], budget: Budget) -> dict[str, dict[str, int]]:
    """Write every file to the raw zone; receipt → its parts with their rows. Raises NotPlainError."""
    kept, files = RawStore([direct.raw for direct in directs]), Directs(directs, budget.block_bytes, budget.spent)
    pool: Pool[list[Piece]] = Pool(files.pieces(), budget.workers)

    def work(_: int, number: int, pieces: list[Piece]) -> None:
        block = files.load(pieces)
        with pool.turns.wait(number):
            block.row = block.numbers()
        kept.add(block, number)

    pool.run(work)
    return kept.parts


def parsed_of(direct: Direct, parts: dict[str, int]) -> Parsed:
    """What became of a file that was read by blocks."""
    report = direct.report.as_dict()
    return Parsed(direct.raw.receipt, tuple(sorted(parts)), direct.columns, sum(parts.values()), report)
