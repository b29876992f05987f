"""Counts of tables as cells, and what a reader knows about them: which cells add up to which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from citylake.schemas.model.suppression import Suppression


@dataclass(frozen=True, slots=True)
class Cell:
    """One count. ``row``: its row in the exact table."""

    table: str
    column: str
    row: int
    value: int
    rule: Suppression
    published: bool = True
    """False: the difference of two counts of a row, which a reader can compute."""

    @property
    def small(self) -> bool:
        """Whether it is hidden for its own sake."""
        return self.rule.is_small(self.value)

    @property
    def least(self) -> int:
        """The least value that a reader has to think possible while the cell is hidden."""
        return 1 if self.published and self.rule.zeros == "shown" else 0


@dataclass(frozen=True, slots=True)
class CellSum:
    """The cell ``total`` equals the sum of ``parts``; all are positions in the cells."""

    total: int
    parts: tuple[int, ...]


@dataclass(slots=True)
class CellSystem:
    """Cells of tables that are linked, and their sums. Zeros that are shown are known, and are no cells."""

    cells: list[Cell] = field(default_factory=list)
    sums: list[CellSum] = field(default_factory=list)

    def add_cell(self, cell: Cell) -> int:
        """Add a cell, and return its position."""
        self.cells.append(cell)
        return len(self.cells) - 1

    def components(self) -> Iterator[CellSystem]:
        """Yield the parts of the system that share no sum. Cells and sums keep their order."""
        roots = _roots(len(self.cells), self.sums)
        members: dict[int, list[int]] = {}
        for position, root in enumerate(roots):
            members.setdefault(root, []).append(position)
        sums: dict[int, list[CellSum]] = {}
        for each in self.sums:
            sums.setdefault(roots[each.total], []).append(each)
        for root, positions in members.items():
            new = {old: position for position, old in enumerate(positions)}
            renamed = [CellSum(new[s.total], tuple(new[part] for part in s.parts)) for s in sums.get(root, ())]
            yield CellSystem([self.cells[old] for old in positions], renamed)


def _roots(count: int, sums: list[CellSum]) -> list[int]:
    """Return for each cell the first cell that it is connected with."""
    parent = list(range(count))

    def find(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for each in sums:
        for part in each.parts:
            low, high = sorted((find(each.total), find(part)))
            parent[high] = low
    return [find(cell) for cell in range(count)]
